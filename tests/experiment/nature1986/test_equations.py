"""The study of random nets: its derivations agree, and it shows it when one of them is wrong."""

import pytest
import torch

from reproduce.experiment.nature1986 import equations
from reproduce.run.config.compose import compose_experiment
from reproduce.units import by_hand

LIMITS = {
    "error_of_outputs": 1e-12,
    "error_of_program": 1e-12,
    "error_of_change": 1e-12,
    "error_against_autograd": 1e-12,
    "error_against_central_differences": 1e-6,
}


def study(replicas: int = 8) -> dict[str, float]:
    """The largest value of each quantity over a few nets."""
    overrides = ["experiment=nature1986/equations", f"replicas={replicas}"]
    rows = list(equations.study(compose_experiment(overrides)))
    assert len(rows) == replicas
    return {name: max(row[name] for row in rows) for name in LIMITS}


def test_all_derivations_agree_to_rounding():
    found = study()
    assert all(found[name] < limit for name, limit in LIMITS.items()), found


def doubled(function):
    """The function with its returned numbers doubled."""

    def wrong(*arguments):
        result = function(*arguments)
        return [2 * x for x in result] if isinstance(result, list) else 2 * result

    return wrong


@pytest.mark.parametrize(
    ("owner", "name", "shown"),
    [
        (equations.TensorNet, "slopes", {"error_of_program", "error_of_change"}),
        (equations.TensorNet, "autograd", {"error_against_autograd"}),
        (equations.TensorNet, "descend", {"error_of_change"}),
        (by_hand, "descend", {"error_of_change"}),
        (by_hand, "central_differences", {"error_against_central_differences"}),
        (by_hand, "backward", set(LIMITS) - {"error_of_outputs"}),
    ],
)
def test_a_wrong_derivation_shows_in_what_depends_on_it(monkeypatch, owner, name, shown):
    monkeypatch.setattr(owner, name, doubled(getattr(owner, name)))
    found = study(replicas=2)
    assert {name for name, limit in LIMITS.items() if found[name] > 0.1} == shown
    assert all(found[name] < limit for name, limit in LIMITS.items() if name not in shown)


def test_relative_difference_is_of_the_largest_magnitude():
    assert equations.relative([1.0, -4.0], [1.5, -5.0]) == 0.2
    assert equations.relative(torch.tensor([[2.0], [3.0]]), [2.0, 3.0]) == 0


def test_random_nets_are_as_described_and_depend_on_seed_and_replica_alone():
    nets = [equations.random_net(0, replica, 0.7) for replica in range(300)]
    assert nets[7] == equations.random_net(0, 7, 0.7)
    assert len({tuple(net.weights) for net in nets}) == 300
    assert nets[7].weights != equations.random_net(1, 7, 0.7).weights
    assert {len(net.plan.sizes) for net in nets} == {3, 4, 5}
    assert {size for net in nets for size in net.plan.sizes.values()} == {1, 2, 3, 4}
    assert {len(net.inputs) for net in nets} == {1, 2, 3, 4, 5, 6}
    assert 0.69 < max(abs(w) for net in nets for w in net.weights) < 0.7
    skipped = possible = 0
    for net in nets:
        names = list(net.plan.sizes)
        for place, name in enumerate(names[1:], 1):
            assert names[place - 1] in net.plan.sources[name]
            assert set(net.plan.sources[name]) <= set(names[:place])
            always = 1 + (name == names[-1])  # the last receives from the first as well
            skipped += len(net.plan.sources[name]) - always
            possible += place - always
        assert names[0] in net.plan.sources[names[-1]]
    assert abs(skipped / possible - 1 / 2) < 4 * (1 / 4 / possible) ** 0.5
