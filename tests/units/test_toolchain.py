"""Where nothing can be compiled, runs go on eagerly and say why; where it can, nothing is left."""

import json
import os
import subprocess
import sys

import matplotlib
import pytest
from test_engine import trained

from reproduce.file.place import ROOT
from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment
from reproduce.units.toolchain import trouble

BRIEF = ["replicas=3", "run.sweeps=4"]


def test_auto_without_a_compiler_is_eager_and_says_so_once(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CXX", "/nonexistent")
    words = ["experiment=pdp1986/xor", "run.keep_sweeps=[]", *BRIEF, f"out={tmp_path}"]
    outcome = run_experiment(compose_experiment(words), "command", lambda sweeps: None)
    said = capsys.readouterr()
    assert said.err.count("C++ compiler") == (said.out + said.err).count("\n") == 1
    record = json.loads((outcome.folder / "record.json").read_text())
    assert (record["config"]["engine"], record["status"]) == ("eager", "finished")


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("CXX", "", "no C++ compiler"),
        ("CXX", "false", "(false) fails: exit status 1"),
        ("CXX", "true", "(true) makes nothing"),
        ("CXX", "{here}/broken", "broken) fails: a.cpp:1: error: told"),
        ("HOME", "{here}/broken", "{here}/broken/.cache/reproduce cannot be used"),
        ("XDG_CACHE_HOME", "{here}/broken", "{here}/broken/reproduce cannot be used"),
        ("XDG_CACHE_HOME", "/proc/none", "/proc/none/reproduce cannot be used"),
    ],
)
def test_why_nothing_can_be_compiled_is_one_line(variable, value, reason, monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho told >&2\necho a.cpp:1: error: told >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", "" if variable == "HOME" else str(tmp_path))
    monkeypatch.setenv(variable, value.format(here=tmp_path))
    assert reason.format(here=tmp_path) in trouble()
    assert "\n" not in trouble()


WEIGHTS = """
import sys, torch
torch.set_num_threads(1)
sys.path.insert(0, "tests/units")
from test_engine import trained
print(trained("pdp1986/xor", "replicas=3", "run.sweeps=4")[1].weights.tolist())
"""


def test_the_compiler_needs_no_home_and_no_tmpdir_and_leaves_nothing(tmp_path):
    caches = tmp_path / "a user's caché"
    env = {**os.environ, "XDG_CACHE_HOME": str(caches), "TMPDIR": "/nonexistent folder"}
    del env["HOME"]
    command = [sys.executable, "-c", WEIGHTS]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert ended.stderr.count("\n") == ended.stderr.count("compiling") == 1
    assert ended.stdout == f"{trained('pdp1986/xor', *BRIEF)[1].weights.tolist()}\n"
    left = [path.suffix for path in (caches / "reproduce").iterdir()]
    assert sorted(left) == [".lock", ".lock", ".so"]


def test_compiled_without_a_compiler_fails_in_one_line(tmp_path):
    words = ["experiment=pdp1986/xor", *BRIEF, "run.keep_sweeps=[]", "engine=compiled"]
    env = {**os.environ, "CXX": "/nonexistent", "XDG_CACHE_HOME": str(tmp_path)}
    env["MPLCONFIGDIR"] = matplotlib.get_cachedir()
    command = [sys.executable, "-m", "reproduce", *words, f"out={tmp_path / 'runs'}"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert ended.returncode not in (0, 2)
    said = (ended.stdout + ended.stderr).splitlines()
    (failed,) = (line for line in said if "compil" in line)
    assert "no C++ compiler (/nonexistent); engine=eager" in failed
    assert "Traceback" not in ended.stderr
    assert not list(tmp_path.glob("runs/*/*/*/replicas.csv"))
    records = [json.loads(path.read_text()) for path in tmp_path.glob("runs/*/*/*/record.json")]
    assert {record["status"] for record in records} <= {"failed"}
    assert not list(tmp_path.rglob("*.so"))
