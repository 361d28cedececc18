"""Iterated nets against loops over the time steps and differences; what is wrong shows."""

import math
from itertools import chain

import pytest
import torch

from reproduce.experiment.nature1986 import equations, iterated
from reproduce.run.config.compose import compose_experiment
from reproduce.units import by_hand
from reproduce.units.by_hand import Net

QUANTITIES = {
    *("error_of_shared_outputs", "error_of_layered_outputs", "error_of_shared_gradient"),
    *("error_of_layered_sum", "direction_of_average", "error_of_factor"),
}
AVERAGE = ("direction_of_average", "error_of_factor")
WEIGHTS = [0.8, -1.1, 0.4, 1.7, -0.3, 0.6]  # w11, w12, w21, w22, then the biases
INPUTS, TARGETS = [[0.2, 0.9], [1.0, 0.1], [0.5, 0.4]], [[1.0, 0.0], [0.3, 0.6], [0.0, 1.0]]


def rows(replicas: int, *words: str) -> list[dict[str, float]]:
    words = ["experiment=nature1986/iterative", f"replicas={replicas}", *words]
    return list(iterated.study(compose_experiment(words)))


def answer(w: list[float], y: list[float], iterations: int) -> list[float]:
    """What the two units are after some time steps."""
    for _ in range(iterations):
        x = [w[0] * y[0] + w[1] * y[1] + w[4], w[2] * y[0] + w[3] * y[1] + w[5]]
        y = [1 / (1 + math.exp(-value)) for value in x]
    return y


def error(w: list[float], iterations: int) -> float:
    found = chain.from_iterable(answer(w, case, iterations) for case in INPUTS)
    pairs = zip(found, chain.from_iterable(TARGETS), strict=True)
    return 0.5 * sum((y - d) ** 2 for y, d in pairs)


def differences(iterations: int) -> list[float]:
    h = 1e-5
    steps = [[h * (place == moved) for place in range(6)] for moved in range(6)]
    ends = [
        [[w + sign * s for w, s in zip(WEIGHTS, step, strict=True)] for sign in (1, -1)]
        for step in steps
    ]
    return [(error(up, iterations) - error(down, iterations)) / (2 * h) for up, down in ends]


@pytest.mark.parametrize("iterations", [1, 2, 5])
def test_the_iterated_net_is_the_loop_over_its_time_steps(iterations):
    net = Net(iterated.unrolled(2, iterations, True), WEIGHTS, INPUTS, TARGETS)
    outputs, gradient = iterated.by_iteration(net, iterations)
    for found, case in zip(outputs.T.tolist(), INPUTS, strict=True):
        assert found == pytest.approx(answer(WEIGHTS, case, iterations), rel=1e-13)
    assert gradient.tolist() == pytest.approx(differences(iterations), rel=1e-6)
    program = equations.TensorNet(net)
    slopes = program.slopes(program.weights)[:, 0].tolist()
    assert slopes == pytest.approx(differences(iterations), rel=1e-6)


def test_a_time_step_is_a_group_that_shares_the_weights_of_the_first():
    plan = iterated.unrolled(3, 4, True)
    assert list(plan.sources.items()) == [(f"step{t}", (f"step{t - 1}",)) for t in range(1, 5)]
    owners = {f"step{t}": "step1" for t in (1, 2, 3, 4)}
    assert {group: plan.owner(group) for group in plan.sources} == owners
    assert set(plan.sizes.values()) == {3}
    assert iterated.unrolled(3, 4, False).shares == {}


def test_iterated_and_layered_nets_agree_to_rounding_and_an_average_is_a_smaller_step():
    found = rows(60)
    assert found[0].keys() == QUANTITIES | {"iterations"}
    assert {net["iterations"] for net in found} == {1, 2, 3, 4, 5, 6}
    largest = {name: max(net[name] for net in found) for name in QUANTITIES}
    assert all(value < 1e-12 for value in largest.values()), largest


BACKWARD, SLOPES, UNROLLED = by_hand.backward, equations.TensorNet.slopes, iterated.unrolled


def doubled(net, weights) -> list[float]:
    return [2 * slope for slope in BACKWARD(net, weights)]


def uneven(net, weights) -> list[float]:
    """The slope of the first weight is tripled in the first layer."""
    first, *others = BACKWARD(net, weights)
    return [3 * first, *others]


def averaged(program, weights) -> torch.Tensor:
    """The program's slopes over the number of its time steps."""
    return SLOPES(program, weights) / len(program.units.plan.sources)


def askew(program, weights) -> torch.Tensor:
    """The program's slope of the first weight is doubled."""
    slopes = SLOPES(program, weights)
    return torch.cat([2 * slopes[:1], slopes[1:]])


def iterated_once(units: int, iterations: int, shared: bool):
    return UNROLLED(units, 1 if shared else iterations, shared)


@pytest.mark.parametrize(
    ("owner", "name", "wrong", "shown"),
    [
        (by_hand, "backward", doubled, {"error_of_layered_sum", "error_of_factor"}),
        (by_hand, "backward", uneven, {"error_of_layered_sum", *AVERAGE}),
        (equations.TensorNet, "slopes", averaged, {"error_of_shared_gradient", "error_of_factor"}),
        (equations.TensorNet, "slopes", askew, {"error_of_shared_gradient", *AVERAGE}),
        (
            *(iterated, "unrolled", iterated_once),
            {"error_of_shared_outputs", "error_of_shared_gradient", *AVERAGE},
        ),
    ],
)
def test_a_wrong_derivation_shows_in_what_depends_on_it(monkeypatch, owner, name, wrong, shown):
    monkeypatch.setattr(owner, name, wrong)
    found = rows(4)
    assert max(net["iterations"] for net in found) > 1
    largest = {name: max(net[name] for net in found) for name in QUANTITIES}
    assert {name for name, value in largest.items() if value > 1e-3} == shown, largest
    assert all(largest[name] < 1e-12 for name in QUANTITIES - shown)


def test_a_net_depends_on_seed_and_replica_alone():
    many = rows(6)
    assert rows(3) == many[:3]
    assert [net["iterations"] for net in rows(6, "seed=1")] != [net["iterations"] for net in many]
