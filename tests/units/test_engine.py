"""Compiled sweeps against eager ones, against torch.optim, and against themselves cut otherwise.

Compiled libraries are those of the user's cache folder (see test_memory.py).
"""

import pytest
import torch

from reproduce.file.experiments import experiment_names
from reproduce.run import checkpoint
from reproduce.run import population as populations
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.learn import make_population, try_on_meta
from reproduce.run.state import State
from reproduce.units import engine, memory
from reproduce.units.compiled import Compiled
from reproduce.units.sweep import NEVER
from tests.run.test_population import PlainNet, assert_same_net, column

CPU = torch.device("cpu")
ORIGIN = {"source code": "abc"}
SHAPES = {  # one experiment of each shape of network, and steps with which some nets learn soon
    "nature1986/symmetry": (0.05, "network.weights=nature1986/figure1"),
    "pdp1986/xor": (0.5,),
    "pdp1986/xor/sweep": (0.5,),
    "pdp1986/xor_direct": (0.5,),
    "pdp1986/xor_direct/sweep": (0.5,),
    "pdp1986/xor/grid": (0.5, "grid.init=[]", "grid.alpha=[]", "grid.epsilon=[]", "run.stop=end"),
}
OTHER_SHAPES = [  # further ones for the shorter test: all that an experiment uses is in one of them
    "cogsci1986/family_trees_map/fan_in",
    "cogsci1986/family_trees_map/no_biases",
    "cogsci1986/family_trees_map/no_output_slope",
    "cogsci1986/family_trees_map/presentation",
    "nature1986/momentum_parity/rectifier",
    "nature1986/momentum_xor/tanh",
    "nature1986/local_minima_parity",
    "nature1986/shift_register/summed",
    "pdp1986/shift_register",
]
ENGINES = ["eager", "compiled"]


def population(experiment: str, *overrides: str, device=CPU):
    words = [f"experiment={experiment}", "run.keep_sweeps=[]", "engine=compiled", *overrides]
    return make_population(compose_experiment(words), device)


def trained(experiment: str, *overrides: str):
    made = population(experiment, *overrides)
    *_, last = made.train(made.start())
    return made, last


def assert_same_bits(a, b, replicas: int) -> None:
    pairs = [(a.weights, b.weights), (a.velocity, b.velocity), (a.first, b.first)]
    assert a.kept.keys() == b.kept.keys()
    for x, y in [*pairs, *((a.kept[name], b.kept[name]) for name in a.kept)]:
        assert x.shape[1] >= replicas
        same = x[:, :replicas].nan_to_num(7), y[:, :replicas].nan_to_num(7)
        assert torch.equal(*same)


def library_key(made, update: str) -> str:
    """The name of the compiled library that a population uses."""
    (lanes,) = made._split(torch.arange(1).numpy(), made.engines[update])
    return made.engines[update]._advance._key(*made._block(made.start(), lanes))


def parts_of(made) -> set:
    """What there is in the sweeps of a population, each as a word and its value."""
    lesson, plan = made.lesson, made.units.plan
    taught = {("taught", name) for name in (lesson.shared | lesson.each | lesson.late)}
    kinds = {("function", plan.function), ("shares", bool(plan.shares)), ("biases", plan.biases)}
    kinds |= {("satisfied", made.gradient.satisfied), ("slope", made.gradient.output_slope)}
    return taught | kinds | {("update", update) for update in made.engines}


def test_all_that_the_sweeps_of_an_experiment_use_is_compiled_in_one_of_these_tests():
    used = {}
    for name in experiment_names():
        config = compose_experiment([f"experiment={name}"])
        if isinstance(config, UnitsExperiment) and config.run.sweeps:
            config.replicas = 1
            used[name] = parts_of(make_population(config, CPU))
    tested = set.union(*(used[name] for name in (*SHAPES, *OTHER_SHAPES)))
    assert {name: rest for name, parts in used.items() if (rest := parts - tested)} == {}


def distances(made, weights: torch.Tensor) -> torch.Tensor:
    """How far the worst output of each net is from 0 or 1, in double precision."""
    inputs, on = (made.lesson.shared[name].double() for name in ("inputs", "on"))
    y = made.units.activities(made.units.parts(weights.double()), inputs)
    return (made.units.outputs(y) - on).abs().amax((0, 1))


def watched_weight(made, weights: torch.Tensor) -> torch.Tensor:
    """The largest weight of the link that is watched, of each net."""
    return made.units.parts(weights)[tuple(made.run.keep_link)].abs().amax((0, 1))


@pytest.mark.parametrize("experiment", SHAPES)
def test_compiled_and_eager_sweeps_agree(experiment):
    replicas, bad, (step, *words) = 300, 5, SHAPES[experiment]
    steps = [3e38 if r == bad else step * (1 + r % 7 / 5) for r in range(replicas)]
    pushes = [0.9999 if r == bad else 0.9 for r in range(replicas)]
    words += [f"rule.epsilon={column(steps)}", f"rule.alpha={column(pushes)}", "network.init=3"]
    words += [f"replicas={replicas}", "run.sweeps=25", "run.points_per_decade=1000"]
    made, last = trained(experiment, *words, "engine=eager")
    watched, ends = made.watches, {}
    if watched:
        limit = float(watched_weight(made, last.weights).nanmedian())
        words += [f"run.keep_largest_weight={limit}"]
    for kind in ENGINES:
        made = population(experiment, *words, f"engine={kind}")
        history = [state.weights.clone() for state in made.train(made.start())]
        assert len(history) == 26
        *_, state = made.train(made.start())
        ends[kind] = made, state, history
    (made, eager, history), (_, fast, _) = ends["eager"], ends["compiled"]
    assert torch.equal(fast.first[-1], eager.first[-1])
    diverged = (eager.first[-1] != NEVER).nonzero().flatten()
    assert (diverged % replicas).tolist() == [bad] * len(made.engines)
    close = {"rtol": 2e-4, "atol": 2e-5}
    good = torch.arange(made.replicas) % replicas != bad
    torch.testing.assert_close(fast.weights[:, good], eager.weights[:, good], **close)
    torch.testing.assert_close(fast.velocity[:, good], eager.velocity[:, good], **close)
    assert (eager.weights - history[0])[:, good].abs().amax(0).min() > 1e-4
    limits = [0.5, *made.run.tolerances, *([limit] if watched else [])]
    for name, bound, a, b in zip(made.milestones, limits, eager.first, fast.first, strict=False):
        value = watched_weight if name == "largest" else distances
        for replica in (a != b).nonzero().flatten().tolist():
            for sweep in {int(a[replica]), int(b[replica])} - {NEVER}:
                found = value(made, history[sweep][:, [replica]]).item()
                assert found == pytest.approx(bound, abs=1e-4), (name, replica)
    assert 0 < (eager.first[0] != NEVER).sum() < replicas
    if watched:
        same = (eager.first[-2] == fast.first[-2]) & good
        assert 3 < (same & (eager.first[-2] != NEVER) & (eager.first[-2] > 0)).sum() < replicas
        kept = [state.kept["largest"][:, same] for state in (fast, eager)]
        torch.testing.assert_close(*kept, **close)


@pytest.mark.parametrize("experiment", OTHER_SHAPES)
def test_compiled_and_eager_sweeps_agree_at_every_point_of_a_grid(experiment):
    words = [experiment, "replicas=3", "run.sweeps=6", "run.stop=end", "measure=[]"]
    ends = {kind: trained(*words, f"engine={kind}") for kind in ENGINES}
    (made, eager), (_, fast) = ends.values()
    close = {"rtol": 2e-4, "atol": 2e-5}
    torch.testing.assert_close(fast.weights, eager.weights, **close)
    torch.testing.assert_close(fast.velocity, eager.velocity, **close)
    moved = (eager.weights - made.start().weights).abs().amax(0)
    assert moved.min() > 1e-6
    assert ((fast.first - eager.first).abs() > 1).float().mean() < 0.01


@pytest.mark.parametrize("update", ["sweep", "presentation"])
def test_compiled_sweeps_are_those_of_a_plain_net_under_torch_sgd(update):
    words = ["dtype=float64", f"rule.update={update}", "replicas=66", "run.sweeps=8"]
    made, last = trained("pdp1986/xor_direct", *words)
    for replica in (0, 65):
        plain = PlainNet("pdp1986/xor_direct", replica, *words)
        assert_same_net(made.units, last.weights, replica, plain.history[8])
        assert (last.weights - made.start().weights)[:, replica].abs().max() > 0.1


@pytest.mark.parametrize("experiment", ["nature1986/symmetry", "pdp1986/xor"])
def test_no_bit_depends_on_replicas_blocks_or_threads(experiment, monkeypatch):
    widths = []
    advance = engine.Engine.advance

    def spied(self, blocks, *rest):
        blocks = list(blocks)
        widths.extend(nets["weights"].shape[1] for nets, _ in blocks)
        return advance(self, blocks, *rest)

    monkeypatch.setattr(engine.Engine, "advance", spied)
    rest = ("run.sweeps=12", "run.points_per_decade=1", "network.init=2")
    monkeypatch.setattr(engine, "THREADS", 1)
    _, largest = trained(experiment, "replicas=1000", *rest)
    assert len(largest.weights.unique(dim=1).T) == 1000
    for replicas in (1, 7, 65):
        assert_same_bits(trained(experiment, f"replicas={replicas}", *rest)[1], largest, replicas)
    seen = set()
    for threads, cache in ((1, 1), (2, 1), (3, 300_000), (2, 2**30), (1, 2**30)):
        widths.clear()
        monkeypatch.setattr(engine, "THREADS", threads)
        monkeypatch.setattr(memory, "CORE_CACHE", cache)
        assert_same_bits(trained(experiment, "replicas=1000", *rest)[1], largest, 1000)
        seen.add(tuple(sorted(set(widths))))
    assert len(seen) > 3
    assert {64, 1024} <= {width for some in seen for width in some}


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("experiment", ["nature1986/symmetry", "pdp1986/xor_direct"])
def test_no_bit_depends_on_how_a_run_is_cut(experiment, kind, monkeypatch, tmp_path):
    words = ["replicas=9", "run.sweeps=60", f"engine={kind}", "network.init=2"]
    words += ["run.keep_largest_weight=2.5"]
    _, whole = trained(experiment, *words, "run.points_per_decade=1")
    assert (whole.first[-2] > 0).logical_and(whole.first[-2] != NEVER).sum() > 0
    assert_same_bits(trained(experiment, *words, "run.points_per_decade=1000")[1], whole, 9)
    made = population(experiment, *words)
    for state in made.train(made.start()):
        if 20 <= state.sweep < 60:
            break
    checkpoint.save(tmp_path / "saved.pt", vars(state), ORIGIN)
    *_, resumed = made.train(
        State(**checkpoint.load(tmp_path / "saved.pt", ORIGIN, {*vars(state)}))
    )
    assert_same_bits(resumed, whole, 9)
    monkeypatch.setattr(populations, "LONGEST_STRETCH", 1e-9)
    made = population(experiment, *words, "run.points_per_decade=1")
    sweeps = [state.sweep for state in made.train(made.start())]
    assert len(sweeps) > 40
    assert_same_bits(trained(experiment, *words, "run.points_per_decade=1")[1], whole, 9)


@pytest.mark.parametrize("kind", ENGINES)
def test_a_try_on_meta_neither_compiles_nor_needs_data(kind, monkeypatch):
    monkeypatch.setattr(Compiled, "prepare", None)
    for experiment, P in (("nature1986/symmetry", 17), ("pdp1986/xor", 9)):
        words = [f"experiment={experiment}", f"engine={kind}", "device=meta", "replicas=3"]
        assert f"({P}, 3)" in try_on_meta(compose_experiment(words))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("experiment", SHAPES)
def test_replayed_graphs_make_the_sweeps_of_eager_ones(experiment):
    words = ["replicas=200", "run.sweeps=25", "network.init=2"]
    found = []
    for kind in ENGINES:
        made = population(experiment, *words, f"engine={kind}", device=torch.device("cuda"))
        *_, last = made.train(made.start())
        found.append(last)
    eager, replayed = found
    assert (replayed.weights - made.start().weights).abs().amax(0).min() > 0
    torch.testing.assert_close(replayed.weights, eager.weights, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(replayed.velocity, eager.velocity, rtol=1e-4, atol=1e-5)
    assert (replayed.first != eager.first).float().mean() < 0.01
