"""What a run holds in memory: blocks as large as memory allows, on which no bit depends."""

import json
import subprocess
import sys

import pytest
import torch

from reproduce.file.place import ROOT
from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.units import memory
from reproduce.units.engine import Engine
from reproduce.units.memory import bytes_per_replica, lanes_at_once
from reproduce.units.net import Units
from reproduce.units.plan import plan

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
from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.run import population
from reproduce.units import engine
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
