"""The factors of the rows of weights, counted from their names and by brute force."""

import re

import pytest
import torch

from reproduce.units import row
from reproduce.units.net import Units
from reproduce.units.plan import plan

SIZES = {"i": 2, "h": 3, "g": 3, "late": 3, "o": 2}
LINKS = {"h": ["i"], "g": ["h", "i"], "late": ["g", "i"], "o": ["late", "i", "h"]}
LIKE = {"late": "g"}


def ends(name: str) -> list[tuple[str, int]]:
    """The units that a weight ties together, the receiving one first: group and number."""
    return [(group, int(unit)) for group, unit in re.findall(r"(\w+)\.(\d+)", name)]


@pytest.mark.parametrize("biases", [True, False])
def test_a_weight_is_there_when_both_its_units_are(biases):
    units = Units(plan(SIZES, LINKS, biases=biases))
    sizes = [1, 3, 2, 1]
    there = row.present(units, "h", torch.tensor(sizes))
    assert there.shape == (units.P, 4)
    for name, found in zip(units.names(), there.tolist(), strict=True):
        tied = [unit for group, unit in ends(name) if group == "h"]
        assert found == [all(unit <= size for unit in tied) for size in sizes], name
    cut = (SIZES | {"h": size} for size in sizes)
    counts = [Units(plan(smaller, LINKS, biases=biases)).P for smaller in cut]
    assert there.sum(0).tolist() == counts


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("like", [{}, LIKE], ids=["apart", "shared"])
def test_the_fan_in_of_a_weight_is_the_number_of_links_into_its_unit(like, biases):
    units = Units(plan(SIZES, LINKS, like, biases))
    names = units.names()
    into = [ends(name)[0] for name in names if "<" in name]
    found = row.fan_in(units)
    assert found.shape == (units.P, 1)
    assert found[:, 0].tolist() == [into.count(ends(name)[0]) for name in names]


def test_the_uses_of_a_weight_are_the_places_where_a_change_of_it_shows():
    units = Units(plan(SIZES, LINKS, LIKE))
    found = row.uses(units)
    assert found.shape == (units.P, 1)
    for place, name in enumerate(units.names()):
        weights = torch.zeros(units.P, 1)
        weights[place] = 1
        parts = units.parts(weights).values()
        assert found[place].item() == sum(view.sum().item() for view in parts), name
    assert set(found.flatten().tolist()) == {1, 2}
    assert row.uses(Units(plan(SIZES, LINKS))).unique().tolist() == [1]


def test_weights_of_three_time_steps_are_used_three_times():
    groups = dict.fromkeys(["start", "one", "two", "three"], 2)
    links = {"one": ["start"], "two": ["one"], "three": ["two"]}
    units = Units(plan(groups, links, {"two": "one", "three": "one"}))
    assert row.uses(units).flatten().tolist() == [3.0] * 6
