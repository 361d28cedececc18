"""Compiled libraries on the disk: made once, kept in the user's cache folder, never half.

A test that needs an empty cache gets one of those libraries in place of the compiler.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import pytest
import torch
from test_engine import assert_same_bits, library_key, population, trained

from reproduce.config.compose import compose_experiment
from reproduce.experiment import run_experiment
from reproduce.place import ROOT
from reproduce.run.compiled import CompilerFailed


def finished_library(experiment: str) -> Path:
    """The compiled library of an experiment in the user's own cache folder."""
    made, _ = trained(experiment, "replicas=1", "run.sweeps=1")
    (update,) = made.engines
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder, "reproduce", f"{library_key(made, update)}.so")


@pytest.fixture
def compiler(monkeypatch, tmp_path):
    """An empty cache folder, and a compiler that hands out a finished library."""
    library = finished_library("pdp1986/xor")
    calls = SimpleNamespace(count=0, error=None, folder=tmp_path / "cache" / "reproduce")

    def compile_(*args, **options):
        calls.count += 1
        if calls.error:
            raise calls.error
        return str(library)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(torch._inductor, "aot_compile", compile_)
    monkeypatch.setattr(
        torch.export,
        "export",
        lambda *args, **options: SimpleNamespace(module=lambda **options: None),
    )
    return calls


BRIEF = ["replicas=3", "run.sweeps=4"]


def test_a_kept_library_is_used_again(compiler):
    ends = [trained("pdp1986/xor", *BRIEF)[1], trained("pdp1986/xor", *BRIEF)[1]]
    ends.append(trained("pdp1986/xor_epsilon_0.1", *BRIEF, "rule.epsilon=0.25", "replicas=90")[1])
    assert compiler.count == 1
    for end in ends[1:]:
        assert_same_bits(end, ends[0], 3)
    other = population("pdp1986/xor", *BRIEF, "run.tolerances=[]")
    block = other._block(other.start(), torch.arange(3))
    other.engines["presentation"].prepare(lambda: block)
    assert compiler.count == 2


def test_a_failed_compile_leaves_nothing_that_looks_whole(compiler, monkeypatch):
    compiler.error = ValueError("first line\nsecond line")
    with pytest.raises(CompilerFailed, match=r"first line.*engine=eager") as raised:
        trained("pdp1986/xor", *BRIEF)
    assert "\n" not in str(raised.value)
    compiler.error = None

    def half(source, target):
        Path(target).write_bytes(Path(source).read_bytes()[:1000])
        raise OSError("no space")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(shutil, "copyfile", half)
        with pytest.raises(CompilerFailed, match="no space"):
            trained("pdp1986/xor", *BRIEF)
    assert not list(compiler.folder.glob("*.so"))
    assert trained("pdp1986/xor", *BRIEF)[1].sweep == 4
    assert compiler.count == 3


TOGETHER = """
import shutil, sys, time, torch
torch.set_num_threads(1)
sys.path.insert(0, "tests/run")
from reproduce.run.compiled import Compiled
from test_engine import trained
def slowly(self, nets, lesson, kept):
    open(sys.argv[2], "a").write("compiled\\n")
    time.sleep(2)
    shutil.copyfile(sys.argv[1], kept)
Compiled._compile = slowly
print(trained("pdp1986/xor", "replicas=3", "run.sweeps=4")[1].weights.tolist())
"""


def test_two_processes_that_want_one_library_compile_it_once(tmp_path):
    library, log = finished_library("pdp1986/xor"), tmp_path / "log"
    words = [sys.executable, "-c", TOGETHER, str(library), str(log)]
    at = {"cwd": ROOT, "env": {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}, "text": True}
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, **at) for _ in range(2)]
    said = {process.communicate()[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert said == {f"{trained('pdp1986/xor', *BRIEF)[1].weights.tolist()}\n"}
    assert log.read_text() == "compiled\n"


def test_auto_without_a_compiler_is_eager_and_says_so_once(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CXX", "/nonexistent")
    words = ["experiment=pdp1986/xor", "run.keep_sweeps=[]", *BRIEF, f"out={tmp_path}"]
    outcome = run_experiment(compose_experiment(words), "command", lambda sweeps: None)
    said = capsys.readouterr()
    assert said.out.count("compiler") == (said.out + said.err).count("\n") == 1
    record = json.loads((outcome.folder / "record.json").read_text())
    assert (record["config"]["engine"], record["status"]) == ("eager", "finished")


def test_compiled_without_a_compiler_fails_in_one_line(tmp_path):
    words = ["experiment=pdp1986/xor", *BRIEF, "run.keep_sweeps=[]", "engine=compiled"]
    env = {**os.environ, "CXX": "/nonexistent", "XDG_CACHE_HOME": str(tmp_path)}
    env["MPLCONFIGDIR"] = matplotlib.get_cachedir()
    command = [sys.executable, "-m", "reproduce", *words, f"out={tmp_path / 'runs'}"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert ended.returncode not in (0, 2)
    failed = [line for line in ended.stdout.splitlines() if "compil" in line]
    assert len(failed) == ended.stdout.count("\n") == 1
    assert "engine=eager" in failed[0]
    assert "Traceback" not in ended.stderr
    assert not list(tmp_path.glob("runs/*/*/*/replicas.csv"))
    records = [json.loads(path.read_text()) for path in tmp_path.glob("runs/*/*/*/record.json")]
    assert {record["status"] for record in records} <= {"failed"}
    assert not list(tmp_path.rglob("*.so"))


def test_a_library_for_one_scale_of_all_replicas_is_not_that_for_one_of_each():
    made = population("pdp1986/xor", *BRIEF)
    engine = made.engines["presentation"]
    (lanes,) = made._split(torch.arange(3).numpy(), engine)
    nets, lesson = made._block(made.start(), lanes)
    P, r = nets["weights"].shape
    assert r > 1
    without, shared, each, more = (
        engine._advance._key(nets, lesson | scale)
        for scale in ({}, *({"scale": torch.ones(P, n)} for n in (1, r, 2 * r)))
    )
    assert len({without, shared, each}) == 3
    assert more == each
