"""A population of R networks computes what R networks compute one by one."""

import math

import pytest
import torch
from torch import nn

from reproduce.units.net import Units
from reproduce.units.plan import plan

SIZES = {"near": 2, "p": 1, "far": 3, "h": 4, "g": 2, "o": 2}
LINKS = {"g": ["far", "h"], "h": ["near"], "o": ["near", "g"], "p": ["h", "g", "far"]}
REPLICAS, CASES = 5, 3


def plain(named: dict[str, float], given: dict[str, list[float]]) -> dict[str, list[float]]:
    """Equations 1 and 2 for one net and one case; every weight is looked up by its name."""
    y = dict(given)
    for group in ("h", "g", "o", "p"):
        y[group] = []
        for j in range(1, SIZES[group] + 1):
            x = named[f"bias {group}.{j}"]
            for source in LINKS[group]:
                for i in range(1, SIZES[source] + 1):
                    x += named[f"{group}.{j}<{source}.{i}"] * y[source][i - 1]
            y[group].append(1 / (1 + math.exp(-x)))
    return y


@pytest.mark.parametrize("columns", [1, REPLICAS], ids=["shared inputs", "inputs for each replica"])
def test_every_activity_is_that_of_a_net_computed_alone_from_named_weights(columns):
    units = Units(plan(SIZES, LINKS))
    chance = torch.Generator().manual_seed(0)
    weights = torch.randn(units.P, REPLICAS, generator=chance, dtype=torch.float64)
    inputs = torch.randn(5, CASES, columns, generator=chance, dtype=torch.float64)
    found = units.activities(units.parts(weights), inputs)
    assert units.plan.inputs == ("near", "far")
    for r in range(REPLICAS):
        named = dict(zip(units.names(), weights[:, r].tolist(), strict=True))
        for c in range(CASES):
            case = inputs[:, c, r % columns].tolist()
            for group, wanted in plain(named, {"near": case[:2], "far": case[2:]}).items():
                alone = found[group][:, c, r % found[group].shape[-1]].tolist()
                assert alone == pytest.approx(wanted, rel=1e-13)


def test_there_is_one_name_for_each_weight_and_bias():
    names = Units(plan(SIZES, LINKS)).names()
    links = sum(SIZES[group] * SIZES[source] for group in LINKS for source in LINKS[group])
    biases = sum(SIZES[group] for group in LINKS)
    assert len(names) == len(set(names)) == links + biases == 39 + 9


def test_parts_are_views_in_the_layout_of_torch():
    nets = [
        nn.Sequential(nn.Linear(4, 3), nn.Sigmoid(), nn.Linear(3, 2), nn.Sigmoid()).double()
        for _ in range(2)
    ]
    units = Units(plan({"i": 4, "h": 3, "o": 2}, {"h": ["i"], "o": ["h"]}))
    weights = torch.full((units.P, 2), torch.nan, dtype=torch.float64)
    parts = units.parts(weights)
    inputs = torch.rand(4, 6, 1, dtype=torch.float64)
    with torch.no_grad():
        for r, net in enumerate(nets):
            for group, link, layer in (("h", ("i", "h"), net[0]), ("o", ("h", "o"), net[2])):
                parts[group][:, r] = layer.bias
                parts[link][..., r] = layer.weight
        wanted = torch.stack([net(inputs[..., 0].T).T for net in nets], -1)
    found = units.outputs(units.activities(units.parts(weights), inputs))
    torch.testing.assert_close(found, wanted, rtol=1e-13, atol=0)


def test_outputs_stand_in_the_order_declared_and_are_split_by_it():
    units = Units(plan(SIZES, LINKS))
    y = {group: torch.rand(size, CASES, REPLICAS) for group, size in SIZES.items()}
    together = units.outputs(y)
    assert torch.equal(together[0], y["p"][0])
    assert torch.equal(together[1:], y["o"])
    split = units.split_outputs(together)
    assert list(split) == ["p", "o"]
    assert all(torch.equal(split[group], y[group]) for group in split)
