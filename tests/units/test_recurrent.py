"""Nets that run for some steps, against the equations unit by unit and against layered nets."""

import itertools

import pytest
import torch
from by_loops import Loops, assert_as_by_loops, full, own_biases, plain

from reproduce.units import row
from reproduce.units.gradient import Gradient
from reproduce.units.net import Units
from reproduce.units.plan import PlanError, plan


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_ring_begins_at_its_inputs_and_hears_itself_a_step_later(steps):
    ties = full("ring", 3, "ring", 3, plain("ring", "ring"), 1)
    outputs = [("ring", j, steps) for j in range(3)]
    loops = Loops(ties, own_biases(ring=3), {"ring": 3}, ["ring"], outputs, steps)
    words = {"groups": {"ring": 3}, "links": {"ring": ["ring"]}, "steps": steps}
    units = assert_as_by_loops(loops, words | {"inputs": ["ring"], "outputs": ["ring"]})
    assert units.plan.links["ring", "ring"].delay == 1


SELF_IN_STEP = {"hidden": ["letter", {"from": "hidden", "delay": 0}], "digit": ["hidden"]}
SEQUENCES = {  # PDP 1986, p. 358: hidden units and outputs that hear themselves, all a step later
    "groups": {"letter": 2, "hidden": 3, "digit": 2},
    "links": {
        "hidden": [{"from": "letter", "delay": 1}, "hidden"],
        "digit": [{"from": "hidden", "delay": 1}, "digit"],
    },
    "outputs": ["digit"],
    "begins": {"hidden": 0.2, "digit": 0.2},
}


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("asked", [(), (2, 4)])
def test_targets_and_inputs_differ_by_step_and_units_begin_at_a_value(asked, late):
    ties = full("hidden", 3, "letter", 2, plain("hidden", "letter"), late)
    ties += full("hidden", 3, "hidden", 3, plain("hidden", "hidden"), 1)
    ties += full("digit", 2, "hidden", 3, plain("digit", "hidden"), late)
    ties += full("digit", 2, "digit", 2, plain("digit", "digit"), 1)
    sizes, biases = SEQUENCES["groups"], own_biases(hidden=3, digit=2)
    outputs = [("digit", j, step) for step in asked or (4,) for j in range(2)]
    begins = SEQUENCES["begins"]
    loops = Loops(ties, biases, sizes, ["letter"], outputs, 4, begins)
    plain_links = {"hidden": ["letter", "hidden"], "digit": ["hidden", "digit"]}
    links = SEQUENCES["links"] if late else plain_links
    words = SEQUENCES | {"steps": 4, "asked": asked, "links": links}
    assert_as_by_loops(loops, words, holes=True)


def test_a_circle_of_two_groups_takes_the_step_before_unless_one_link_says_otherwise():
    ties = full("a", 2, "x", 2, plain("a", "x")) + full("a", 2, "b", 3, plain("a", "b"), 1)
    sizes, biases = {"x": 2, "a": 2, "b": 3}, own_biases(a=2, b=3)
    for said in (0, 1):
        outputs = [("b", j, 3) for j in range(3)]
        heard = full("b", 3, "a", 2, plain("b", "a"), said)
        begins = {"b": 0.2} | ({"a": 0.7} if said else {})
        loops = Loops(ties + heard, biases, sizes, ["x"], outputs, 3, begins)
        forward = {"from": "a", "delay": 0} if said == 0 else "a"
        words = {"groups": sizes, "links": {"a": ["x", "b"], "b": [forward]}, "steps": 3}
        assert_as_by_loops(loops, words | {"outputs": ["b"], "begins": begins})


def test_weights_that_lead_to_no_answer_in_time_have_no_slope():
    words = SEQUENCES | {"steps": 1}
    units = Units(plan(**words))
    weights = torch.ones(units.P, 1, dtype=torch.float64)
    y = units.activities(units.parts(weights), torch.ones(2, 2, 1, 1, dtype=torch.float64))
    lesson = {name: torch.zeros(2, 1, 1, dtype=torch.float64) for name in ("targets", "on")}
    slopes = units.parts(Gradient()(units, weights, y, lesson))
    assert all((slopes[part] == 0).all() for part in slopes if "hidden" in part[1])
    assert (slopes["digit", "digit"] != 0).all()


@pytest.mark.parametrize("over_uses", [False, True])
@pytest.mark.parametrize("steps", [2, 3])
def test_a_recurrent_net_is_bit_for_bit_the_layered_net_of_figure_5(steps, over_uses):
    names = ["start", *(f"step{t}" for t in range(1, steps + 1))]
    links = {after: [before] for before, after in itertools.pairwise(names)}
    layered = plan(dict.fromkeys(names, 3), links, dict.fromkeys(names[2:], names[1]))
    ring = plan({"ring": 3}, {"ring": ["ring"]}, outputs=["ring"], inputs=["ring"], steps=steps)
    chance = torch.Generator().manual_seed(2)
    weights = torch.randn(12, 64, generator=chance)
    inputs, targets = torch.rand(2, 3, 8, 1, generator=chance)
    found = []
    for units in (Units(layered), Units(ring)):
        assert units.P == 12
        lesson = {"targets": targets, "on": targets}
        if over_uses:
            lesson["scale"] = 1 / row.uses(units).float()
        y = units.activities(units.parts(weights), inputs)
        found.append((units.outputs(y), Gradient()(units, weights, y, lesson)))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])
    assert row.uses(Units(ring)).unique().tolist() == [steps]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"steps": None, "begins": {}}, "hidden -> hidden is a cycle; allowed are links that lead"),
        ({"begins": {"hidden": 0.2}}, "start.digit.units is not set"),
        ({"begins": SEQUENCES["begins"] | {"letter": 0.2}}, "start.letter.units=0.2"),
        ({"asked": (0, 2)}, "asked=[0, 2]: allowed are steps from 1 to 4"),
        ({"asked": (5,)}, "asked=[5]"),
        ({"asked": (3, 2)}, "asked=[3, 2]"),
        ({"outputs": ()}, "outputs is not set"),
        ({"links": SELF_IN_STEP}, "is a cycle"),
    ],
)
def test_steps_that_mean_nothing_are_refused_in_one_line(words, said):
    with pytest.raises(PlanError) as refused:
        plan(**(SEQUENCES | {"steps": 4} | words))
    assert said in str(refused.value), refused.value
    assert "\n" not in str(refused.value)
