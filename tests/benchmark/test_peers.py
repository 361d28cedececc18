"""Every way to train gives the weights of the equations in float64; what is absent is named."""

import sys

import numpy as np
import pytest

from benchmark import c_loop, jax_scan
from benchmark.c_loop import CLoop
from benchmark.jax_scan import JaxScan
from benchmark.nets import peers
from benchmark.scikit import Scikit
from benchmark.work import Work, symmetry_work, works
from reproduce.units.plan import plan

REPLICAS, SWEEPS = 18, (3, 4)


def odd_work() -> Work:
    """Nothing fits: links that skip, two output groups, no round number of units or cases."""
    groups = {"input": 3, "hidden": 5, "direct": 1, "late": 7}
    links = {"hidden": ["input"], "direct": ["input", "hidden"], "late": ["hidden"]}
    generator = np.random.default_rng(1)
    inputs = generator.random((3, 5)).astype(np.float32)
    targets = generator.random((8, 5)).astype(np.float32)
    return Work("odd", plan(groups, links), inputs, targets, 0.2)


WORKS = {work.name: work for work in (*works(), odd_work())}


def rows_of(work: Work, weights: np.ndarray) -> dict:
    """Views of weights (P, r): (r, j, i) at (source, group), (r, j) at group."""
    views, row, sizes = {}, 0, work.plan.sizes
    for group, sources in work.plan.sources.items():
        shapes = {(source, group): (sizes[group], sizes[source]) for source in sources}
        for part, shape in (shapes | {group: (sizes[group],)}).items():
            count = int(np.prod(shape))
            views[part] = weights[row : row + count].T.reshape(-1, *shape)
            row += count
    assert row == len(weights)
    return views


def slopes(work: Work, weights: np.ndarray, log_loss: bool) -> np.ndarray:
    """Equations 1 to 7 in the precision of `weights`, one replica after the other."""
    table = np.empty_like(weights)
    cases = work.inputs.shape[1]
    for r in range(weights.shape[1]):
        w = {part: view[0] for part, view in rows_of(work, weights[:, r : r + 1]).items()}
        ends = np.cumsum([work.plan.sizes[group] for group in work.plan.inputs])
        y = dict(zip(work.plan.inputs, np.split(work.inputs, ends[:-1]), strict=True))
        for group, sources in work.plan.sources.items():
            x = w[group][:, None] + sum(w[source, group] @ y[source] for source in sources)
            y[group] = 1 / (1 + np.exp(-x))
        ends = np.cumsum([work.plan.sizes[group] for group in work.plan.outputs])
        d = dict(zip(work.plan.outputs, np.split(work.targets, ends[:-1]), strict=True))
        dE_dx, column = {}, []
        for group in reversed(work.plan.sources):
            back = [
                w[group, receiver].T @ dE_dx[receiver]
                for receiver in dE_dx
                if (group, receiver) in w
            ]
            dE_dy = y[group] - d[group] if group in d else sum(back)
            steep = 1 if log_loss and group in d else y[group] * (1 - y[group])
            dE_dx[group] = dE_dy * steep
            parts = [(dE_dx[group] @ y[source].T).ravel() for source in work.plan.sources[group]]
            column = [*parts, dE_dx[group] @ np.ones(cases), *column]
        table[:, r] = np.concatenate(column)
    return table


def reference(work: Work, replicas: int, sweeps: int, log_loss: bool = False) -> np.ndarray:
    """The weights (P, replicas) after so many sweeps of equation 9, in float64."""
    weights = work.start(replicas).astype(np.float64)
    change = np.zeros_like(weights)
    for _ in range(sweeps):
        change = -work.epsilon * slopes(work, weights, log_loss) + work.alpha * change
        weights += change
    return weights


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
@pytest.mark.parametrize("peer", peers(), ids=lambda peer: peer.name)
def test_seven_sweeps_give_the_weights_of_the_equations(peer, work):
    if reason := peer.missing(work):
        pytest.skip(f"{peer.name}: {reason}")
    trainer = peer.prepare(work, REPLICAS)
    wanted = reference(work, trainer.replicas, 0)
    np.testing.assert_allclose(trainer.weights(), wanted, atol=1e-7)
    log_loss = isinstance(peer, Scikit)
    for sweeps in [sum(SWEEPS)] if log_loss else SWEEPS:  # a call of fit forgets the momentum
        trainer.sweep(sweeps)
    wanted = reference(work, trainer.replicas, sum(SWEEPS), log_loss)
    assert np.abs(wanted - work.start(trainer.replicas)).max() > 0.01
    np.testing.assert_allclose(trainer.weights(), wanted, atol=1e-4, rtol=0)
    assert trainer.weights().shape[1] in (1, REPLICAS)


def test_the_start_of_a_net_does_not_depend_on_their_number():
    work = symmetry_work()
    assert np.array_equal(work.start(5), work.start(50)[:, :5])
    assert np.abs(work.start(50)).max() <= 0.3
    assert work.start(1).dtype == work.inputs.dtype == work.targets.dtype == np.float32


def test_the_step_of_the_family_tree_is_small_enough():
    work = works()[2]
    if reason := CLoop().missing(work):
        pytest.skip(reason)
    trainer = CLoop().prepare(work, REPLICAS)
    trainer.sweep(3000)
    assert np.isfinite(trainer.weights()).all()
    assert np.abs(trainer.weights()).max() < 100


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.setattr(jax_scan, "start_jax", jax_scan.start_jax.__wrapped__)
    monkeypatch.setitem(sys.modules, "sklearn.neural_network", None)
    assert JaxScan(tuned=True).missing(symmetry_work()) == "JAX is not installed"
    assert Scikit().missing(symmetry_work()) == "scikit-learn is not installed"


def test_scikit_learn_says_which_net_it_cannot_express():
    pytest.importorskip("sklearn")
    able = {work.name: Scikit().missing(work) is None for work in (*works(), odd_work())}
    assert list(able.values()) == [True, True, False, False]
    assert "family tree" in Scikit().missing(works()[2])


def test_without_a_compiler_the_c_loop_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(c_loop, "trouble", c_loop.trouble.__wrapped__)
    monkeypatch.setattr(c_loop, "COMPILER", "no-such-compiler")
    assert CLoop().missing(symmetry_work()) == "there is no C compiler (no-such-compiler)"
    unwilling = tmp_path / "unwilling"
    unwilling.write_text("#!/bin/sh\necho 'first line' >&2\necho 'no OpenMP here' >&2\nexit 1\n")
    unwilling.chmod(0o755)
    monkeypatch.setattr(c_loop, "COMPILER", str(unwilling))
    assert (
        CLoop().missing(symmetry_work()).endswith("cannot make an OpenMP library: no OpenMP here")
    )
