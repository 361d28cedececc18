"""The command line: what it runs, what it refuses, and with which status it ends."""

import importlib
import json
import os
import subprocess
import sys

import pytest
import yaml

from reproduce.file.place import CONF, ROOT

program = importlib.import_module("reproduce.run.command")

XOR, SYMMETRY = "experiment=pdp1986/xor", "experiment=nature1986/symmetry"
BRIEF = ["replicas=2", "run.sweeps=3", "run.keep_sweeps=[]"]
FILES = {f"{path.parent.name}/{path.stem}": path for path in CONF.glob("experiment/*/*.yaml")}
READ = {name: yaml.safe_load(path.read_bytes()) for name, path in FILES.items()}
NAMES = sorted([*FILES, *(f"{name}/{r}" for name in FILES for r in READ[name].get("readings", ()))])

WITHOUT_SWEEPS = ["pdp1986/xor_direct/published", "pdp1986/xor/published_minimum"]


def subprocess_of(*words: str, program: tuple[str, ...] = ("-m", "reproduce")):
    return subprocess.run(
        [sys.executable, *program, *words], cwd=ROOT, capture_output=True, text=True
    )


def made(out) -> set[tuple[str, int]]:
    """Experiment and seed of every finished run."""
    records = [json.loads(path.read_text()) for path in out.rglob("record.json")]
    assert {record["status"] for record in records} <= {"finished"}
    assert not list(out.rglob("*.partial"))
    found = [(record["experiment"], record["seed"]) for record in records]
    assert len(found) == len(set(found))
    return set(found)


REFUSED = [  # words, and what the one line must hold: the key, the value, what is allowed
    (["experiment=nature1986/symetry"], ["nature1986/symetry", "nearest: nature1986/symmetry"]),
    (["experiment=pdp1986/xor/swep"], ["no such reading; pdp1986/xor has alpha_0, ", " sweep, "]),
    (["experiment=nature1986/equations/sweep"], ["nature1986/equations has no readings"]),
    ([XOR, "reading=sweep"], ["reading=sweep", "no such key"]),
    ([], ["experiment", *NAMES]),
    ([SYMMETRY, "rule.epsilon=-1"], ["rule.epsilon=-1", "above 0"]),
    ([SYMMETRY, "rule.epsilonn=1"], ["rule.epsilonn=1", "nearest: rule.epsilon"]),
    ([SYMMETRY, "seed=abc"], ["seed=abc", "whole number"]),
    ([SYMMETRY, "+foo=1"], ["foo", "no such key"]),
    ([SYMMETRY, "network.links.hidden=[input,output]"], ["network.links", "cycle"]),
    ([SYMMETRY, "network.groups.hidden=0"], ["network.groups.hidden=0", "from 1 up"]),
    ([SYMMETRY, "network.links.output=[nobody]"], ["network.links.output", "no group nobody"]),
    ([SYMMETRY, "measure=[parameters]"], ["measure", "parameters"]),
    ([SYMMETRY, "rule.epsilon=[0.1"], ["rule.epsilon=[0.1", "grammar"]),
    ([SYMMETRY, "seed=0,1"], ["seed=0,1", "-m"]),
    (["-m", XOR, "seed=0,-1"], ["seed=-1", "from 0 up"]),
    (["-m", "experiment=pdp1986/xor,pdp1986/xr"], ["pdp1986/xr", "nearest: pdp1986/xor"]),
    (["-m", "experiment=pdp1986/xor,nature1986/equations"], ["run.keep_sweeps"]),
    (["-m", "experiment=glob(nobody/*)"], ["glob(nobody/*)", "pdp1986/xor"]),
]


@pytest.mark.parametrize(("words", "named"), REFUSED, ids=lambda value: " ".join(value)[:60])
def test_what_cannot_be_run_ends_with_2_and_one_line_and_nothing_written(
    command, out, words, named
):
    status, stdout, stderr = command(*words, *BRIEF)
    assert (status, stdout) == (2, "")
    assert stderr.count("\n") == 1
    assert all(part in stderr for part in named)
    assert not out.exists()


def test_cuda_where_there_is_none_is_refused_in_one_line(command, out):
    torch = importlib.import_module("torch")
    if torch.cuda.is_available():
        pytest.skip("there is CUDA")
    for words in ([XOR, "device=cuda"], ["-m", XOR, "seed=0,1", "device=cpu,cuda", *BRIEF]):
        status, stdout, stderr = command(*words)
        assert (status, stdout, stderr.count("\n")) == (2, "", 1)
        assert "device=cuda" in stderr
        assert "cpu" in stderr
        assert not out.exists()


@pytest.mark.parametrize("multirun", [[], ["-m"]])
def test_an_out_below_a_regular_file_is_refused_in_one_line(command, tmp_path, multirun):
    (tmp_path / "file").write_text("mine")
    words = [*multirun, XOR, *BRIEF, f"out={tmp_path / 'file' / 'runs'}"]
    status, stdout, stderr = command(*words)
    assert (status, stdout, stderr.count("\n")) == (2, "", 1)
    assert "out=" in stderr
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


def test_a_refusal_needs_no_torch():
    code = (
        "import sys; from reproduce.run.command import main; status = main();"
        "sys.exit('torch' if 'torch' in sys.modules else status)"
    )
    ended = subprocess_of(SYMMETRY, "rule.epsilon=-1", program=("-c", code))
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "rule.epsilon=-1" in ended.stderr


def test_a_mistyped_experiment_ends_the_process_with_2():
    ended = subprocess_of("experiment=nature1986/symetry")
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "nature1986/symmetry" in ended.stderr


def test_a_run_ends_the_process_with_0_and_says_where_it_is(out):
    ended = subprocess_of("experiment=pdp1986/xor_direct/published", f"out={out}")
    assert ended.returncode == 0
    assert ended.stderr == ""
    (record,) = out.glob("pdp1986/xor_direct/published/*/record.json")
    assert ended.stdout.splitlines()[-1] == f"finished: {record.parent}"
    recorded = json.loads(record.read_text())["command"]
    assert recorded == f"python -m reproduce experiment=pdp1986/xor_direct/published out={out}"


@pytest.mark.parametrize("words", [[], ["--list"], ["--list", "seed=1"]])
def test_without_words_or_with_list_the_experiments_are_named_on_stdout(words):
    ended = subprocess_of(*words)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == NAMES


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_experiment(command, out, flag):
    status, stdout, _ = command(flag, f"out={out}")
    assert status == 0
    assert len(NAMES) > 15
    assert set(NAMES) <= set(stdout.split())
    assert not out.exists()


def test_a_multirun_over_experiments_and_seeds_makes_each_and_then_finds_each(command, out):
    words = ["-m", "experiment=pdp1986/xor,pdp1986/xor/sweep", "seed=0,1", "engine=eager", *BRIEF]
    status, _, stderr = command(*words)
    assert (status, stderr) == (0, "")
    assert made(out) == {
        (f"pdp1986/{name}", seed) for name in ("xor", "xor/sweep") for seed in (0, 1)
    }
    before = {path: path.stat().st_ino for path in out.rglob("record.json")}
    status, stdout, _ = command(*words)
    assert status == 0
    assert all(str(path.parent) in stdout for path in before)
    assert {path: path.stat().st_ino for path in out.rglob("record.json")} == before


def test_a_pattern_of_experiments_makes_all_that_match(command, out):
    assert command("-m", "experiment=glob(pdp1986/xor*/pub*)")[0] == 0
    assert made(out) == {("pdp1986/xor_direct/published", 0), ("pdp1986/xor/published_minimum", 0)}


@pytest.mark.parametrize("names", [WITHOUT_SWEEPS[:1], WITHOUT_SWEEPS])
def test_a_multirun_into_a_folder_with_an_apostrophe_makes_its_runs(command, tmp_path, names):
    out = tmp_path / "it's a, folder"
    status, _, stderr = command("-m", f"experiment={','.join(names)}", f'out="{out}"')
    assert (status, stderr) == (0, "")
    assert made(out) == {(name, 0) for name in names}


def test_an_empty_section_is_what_the_run_has(command):
    shift = ["experiment=nature1986/shift_register", "device=meta"]
    shapes = [command(*shift, *more)[1] for more in ([], ["network.like={}"])]
    assert ["(12, 1000)" in shapes[0], "(24, 1000)" in shapes[1]] == [True, True]
    assert shapes[1] == command("-m", *shift, "~network.like.second")[1].splitlines(True)[-1]


@pytest.mark.parametrize("multirun", [[], ["-m"]])
def test_a_try_on_meta_ends_with_0_and_writes_nothing(command, out, multirun):
    status, stdout, stderr = command(*multirun, XOR, "device=meta")
    assert (status, stderr) == (0, "")
    assert "meta" in stdout
    assert not out.exists()
