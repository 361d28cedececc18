"""Every command and import of the pages to read works, at a reduced size where it is long."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from reproduce.file.experiments import experiment_names
from reproduce.file.finished import open_kept
from reproduce.file.place import RESULTS, ROOT
from reproduce.page.summary import verdicts_in_words
from reproduce.run.command import main
from reproduce.verdict.kept import read_kept

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
PAGES += sorted((ROOT / "docs").glob("*.md"))
DRAWN = [RESULTS / "README.md", *sorted(RESULTS.glob("*/*.md"))]
TEXTS = {path: path.read_text(encoding="utf-8") for path in PAGES}
BLOCKS = [block for text in TEXTS.values() for block in re.findall(r"```sh\n(.*?)```", text, re.S)]
LINES = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
COMMANDS = list(dict.fromkeys(LINES))
ELSEWHERE = ("torchrun ", "hydra/launcher=")  # run/test_ranks.py and test_launchers.py
LAUNCHES = [
    line
    for line in COMMANDS
    if line.startswith("python -m reproduce ") and not any(word in line for word in ELSEWHERE)
]
ONLY_SAYS = ("--help", "--list")
OTHERS = {
    "./scripts/reproduce",  # test_scripts.py and test_suite.py
    "./scripts/benchmark",  # benchmark/
    "pip install --require-hashes -r requirements-cluster.lock",  # test_launchers.py
    "./scripts/test",  # this very run, and test_scripts.py
    "./scripts/test tests/page",  # test_scripts.py
    "source .venv/bin/activate",  # test_environment.py
    "python -m reproduce.compare",  # page/test_results.py
    "tensorboard --logdir runs",  # run/test_tracking.py
}
LONGEST = 200  # lines of README
LARGEST = 100_000  # bytes of a page of results/


def shrunk(line: str, out: Path) -> list[str]:
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
    assert len(LAUNCHES) >= 20


@pytest.mark.parametrize("flag", ONLY_SAYS)
def test_the_experiments_are_listed(flag, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["reproduce", flag])
    try:
        status = main()
    except SystemExit as end:  # of Hydra's help
        status = end.code
    assert not status
    assert "\n".join(experiment_names()) in capsys.readouterr().out


@pytest.mark.parametrize(
    "line", [line for line in LAUNCHES if not any(flag in line for flag in ONLY_SAYS)]
)
def test_launch(line, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["reproduce", *shrunk(line, tmp_path)])
    assert main() == 0
    made = len(list(tmp_path.rglob("record.json")))
    expected = 4 if "seed=0,1" in line else 2 if "glob" in line else line.count(",pdp1986") + 1
    if "--cfg" in line or "device=meta" in line:
        expected = 0
    assert made == expected, capsys.readouterr()


def test_the_attention_block_of_the_readme_does_what_its_comments_say():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    names = {}
    exec(code, names)
    y, (weights,), mask = names["y"], names["weights"], names["mask"]
    assert y.shape == names["x"].shape == (2, 10, 512)
    assert weights.shape == (2, 8, 10, 10)
    assert not weights[~mask.expand(2, 8, 10, 10)].any()  # hidden keys have no weight
    assert not weights.triu(1).any()  # nor have later ones
    assert weights.sum(-1).allclose(weights.new_ones(2, 8, 10))


def test_the_summary_of_a_run_in_the_readme_is_that_of_its_kept_record():
    run = read_kept(open_kept(RESULTS / "pdp1986/xor"))
    assert "\n".join(verdicts_in_words(run)) in README


def test_the_speed_in_the_readme_is_the_measured_one():
    import pandas as pd

    table = pd.read_csv(RESULTS / "benchmark_attention.csv")
    those = (table["work"] == "forward and backward") & (table["n"] == 2048)
    of = table[those & (table["series"] == "attention")].set_index("peer")
    times, peaks = of["time_to_ours"], of["peak_bytes"] / 2**20
    assert f"takes {times['nn.MultiheadAttention']:.2f} times our time" in README.replace("\n", " ")
    written, ours = peaks["ours, written out"], peaks["ours"]
    said = f"written out {times['ours, written out']:.2f} times with a peak of memory of "
    assert f"{said}{written:.0f} MiB against {ours:.0f}." in README.replace("\n", " ")


def test_the_readme_and_the_pages_of_results_are_short():
    assert README.count("\n") <= LONGEST
    assert {path.name for path in DRAWN if path.stat().st_size > LARGEST} == set()


def anchors(path: Path) -> list[str]:
    """What the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return [slugify(heading, "-") for heading in headings]


@pytest.mark.parametrize("page", [*PAGES, *DRAWN], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_it_links_to_is_there(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)|<img src=\"([^\"]+)\"", text):
        place, _, anchor = "".join(target).partition("#")
        if place.startswith("http"):
            continue
        there = page.parent / place if place else page
        assert there.exists(), target
        if anchor:
            assert anchors(there).count(anchor) == 1, target
