"""What a run holds: blocks of replicas in memory, and compiled libraries on the disk.

Blocks are as large as memory allows and no bit depends on them. The libraries come from the
user's cache folder; a test that needs an empty one gets one of those in place of the compiler.
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
from reproduce.learn import make_population
from reproduce.network.plan import plan
from reproduce.network.units import Units
from reproduce.place import ROOT
from reproduce.run import memory
from reproduce.run.compiled import CompilerFailed
from reproduce.run.engine import Engine
from reproduce.run.memory import bytes_per_replica, lanes_at_once

CPU = torch.device("cpu")
FLOAT = {"dtype": torch.float32, "device": CPU}


def units(hidden: int = 2) -> Units:
    groups = {"input": 6, "hidden": hidden, "output": 1}
    return Units(plan(groups, {"hidden": ["input"], "output": ["hidden"]}))


@pytest.fixture
def widths(monkeypatch):
    """The widths of the blocks that the engine was handed."""
    found = []
    advance = Engine.advance

    def spied(self, blocks, *rest):
        blocks = list(blocks)
        found.extend(nets["weights"].shape[1] for nets, _ in blocks)
        return advance(self, blocks, *rest)

    monkeypatch.setattr(Engine, "advance", spied)
    return found


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_less_memory_means_more_and_smaller_blocks_and_the_same_bits(engine, widths, monkeypatch):
    words = ["experiment=nature1986/symmetry", "replicas=500", "run.sweeps=3"]
    words += ["run.keep_sweeps=[]", f"engine={engine}", "run.points_per_decade=1"]
    ends, blocks = [], []
    each = bytes_per_replica(units(), 64, FLOAT, engine == "compiled")
    for free in (2**40, 2 * 200 * each, 2 * 70 * each, 1):
        monkeypatch.setattr(memory, "free_bytes", lambda device, free=free: free)
        widths.clear()
        made = make_population(compose_experiment(words), CPU)
        *_, last = made.train(made.start())
        ends.append(last)
        blocks.append((len(widths), max(widths)))
        assert all(width % 64 == 0 and width >= 64 for width in widths)
    counts, largest = zip(*blocks, strict=True)
    assert counts[0] < counts[1] < counts[2] == counts[3]
    assert largest[0] > largest[1] > largest[2] == largest[3] == 64
    for end in ends[1:]:
        assert torch.equal(end.weights, ends[0].weights)
        assert torch.equal(end.velocity, ends[0].velocity)
        assert torch.equal(end.first, ends[0].first)
        assert end.curves == ends[0].curves


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("free", [0, 1, 10**5, 10**6, 10**7, 10**9, 10**13])
def test_a_block_is_whole_vectors_within_what_is_free(fused, free, monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda device: free)
    for hidden in (1, 2, 40, 3000):
        lanes = lanes_at_once(units(hidden), 64, FLOAT, fused)
        assert lanes in range(64, 2**40, 64)
        each = bytes_per_replica(units(hidden), 64, FLOAT, fused)
        assert lanes == 64 or lanes * each <= free


@pytest.mark.parametrize("fused", [True, False])
def test_the_estimate_grows_with_what_a_sweep_holds(fused):
    def each(hidden=2, cases=64, dtype=torch.float32):
        return bytes_per_replica(units(hidden), cases, {**FLOAT, "dtype": dtype}, fused)

    assert each(cases=64) < each(cases=128) < 2 * each(cases=64)
    assert each(hidden=2) < each(hidden=4) < each(hidden=40)
    assert each(dtype=torch.float64) == 2 * each()
    assert each() >= 4 * (3 * 17 + 64)  # weights, velocity, gradient; outputs of all cases
    assert bytes_per_replica(units(), 64, FLOAT, True) <= each()


PEAK = """
import json, resource, torch
torch.set_num_threads(1)
from reproduce.config.compose import compose_experiment
from reproduce.learn import make_population
from reproduce.run import engine, population
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def growth(kind):
    words = ["experiment=nature1986/symmetry", "replicas=20000", "run.sweeps=3"]
    words += ["run.keep_sweeps=[]", f"engine={kind}"]
    made = make_population(compose_experiment(words), torch.device("cpu"))
    state = made.start()
    before = peak()
    for state in made.train(state):
        pass
    return peak() - before
growth("compiled")  # loads the library
found = [growth("compiled"), growth("eager")]
population.lanes_at_once = lambda *rest: 20032
print(json.dumps([*found, growth("eager")]))
"""


def test_blocks_take_far_less_memory_than_all_replicas_at_once():
    # by way of a small shell, since a process begins with the peak of the one that starts it
    command = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", PEAK]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    compiled, eager, at_once = json.loads(ended.stdout)
    assert at_once > 50_000  # KiB (bytes on macOS): or there is nothing to save
    assert eager < at_once / 3
    assert compiled < at_once / 3


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
    other.engines["presentation"].prepare(other._block(other.start(), torch.arange(3)))
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
