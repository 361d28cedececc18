"""Every command of the README works, at a reduced size where it is long."""

import re
import shlex
import sys

import pytest

from reproduce.file.experiments import experiment_names
from reproduce.file.place import ROOT
from reproduce.run.command import main

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
ELSEWHERE = ("torchrun ", "hydra/launcher=")  # run/test_ranks.py and test_launchers.py
LAUNCHES = [
    line
    for line in COMMANDS
    if line.startswith("python -m reproduce ") and not any(word in line for word in ELSEWHERE)
]
OTHERS = {
    "./scripts/reproduce",  # test_scripts.py and test_suite.py
    "./scripts/benchmark",  # benchmark/
    "pip install --require-hashes -r requirements-cluster.lock",  # test_launchers.py
    "./scripts/test",  # this very run, and test_scripts.py
    "python -m reproduce.compare",  # below
    "tensorboard --logdir runs",  # run/test_tracking.py
}


def shrunk(line: str, out) -> list[str]:
    """The words of a launch with few replicas and sweeps, its runs in `out`."""
    words = shlex.split(line)[3:]
    if "--cfg" in words:
        return words
    if "glob" in line:
        return [word.replace("/*)", "/*published*)") for word in words] + [f"out={out}"]
    if "attention2017/complexity" in line:
        return [*words, f"out={out}"]
    if "attention2017" in line:
        return [*words, "replicas=1", "run.steps=2", "rule.warmup=1", "run.batch=2", f"out={out}"]
    own = [word for word in words if not word.startswith(("run.sweeps=", "replicas="))]
    return [*own, "replicas=4", "run.sweeps=3", "run.keep_sweeps=[]", f"out={out}"]


def test_every_command_is_tried_somewhere():
    others = {line for line in COMMANDS if not any(word in line for word in ELSEWHERE)}
    assert others - set(LAUNCHES) == OTHERS
    assert len(LAUNCHES) >= 8


def test_help_lists_the_experiments(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["reproduce", "--help"])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    assert "\n".join(experiment_names()) in capsys.readouterr().out


@pytest.mark.parametrize("line", [line for line in LAUNCHES if "--help" not in line])
def test_launch(line, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["reproduce", *shrunk(line, tmp_path)])
    assert main() == 0
    made = len(list(tmp_path.rglob("record.json")))
    expected = 4 if "seed=0,1" in line else 2 if "glob" in line else line.count(",pdp1986") + 1
    if "--cfg" in line or "device=meta" in line:
        expected = 0
    assert made == expected, capsys.readouterr()


def test_pictures_and_files_that_it_names_are_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
