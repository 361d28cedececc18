"""A plan is put in order by its links, and what is no network is refused by name."""

from itertools import permutations

import pytest

from reproduce.units.plan import PlanError, plan

LINKS = {"out": ["left", "late"], "late": ["early"], "early": ["left", "right"]}


def test_groups_are_computed_after_all_that_send_to_them_however_they_are_declared():
    for names in permutations(["left", "right", "early", "late", "out"]):
        for links in permutations(LINKS.items()):
            planned = plan(dict.fromkeys(names, 1), dict(links))
            assert list(planned.sources) == ["early", "late", "out"]  # the only possible order
            assert planned.inputs == tuple(name for name in names if name in ("left", "right"))


def test_inputs_receive_nothing_outputs_send_nothing_and_units_are_added_up():
    planned = plan({"z": 4, "b": 3, "a": 2, "y": 5}, {"y": ["a"], "z": ["a", "b"]})
    assert planned.inputs == ("b", "a")
    assert planned.outputs == ("z", "y")
    assert planned.sources["z"] == ("a", "b")
    assert (planned.units(planned.inputs), planned.units(planned.outputs)) == (5, 9)


@pytest.mark.parametrize(
    ("groups", "links", "named"),
    [
        ({"a": 1, "b": 1, "c": 1}, {"b": ["a", "c"], "c": ["b"]}, ["links", "b", "c", "cycle"]),
        ({"a": 1, "b": 1}, {"b": ["a", "b"]}, ["links", "b -> b", "cycle"]),
        ({"a": 1, "b": 1}, {"b": ["a", "ghost"]}, ["links.b", "ghost"]),
        ({"a": 1, "b": 1}, {"b": ["a"], "ghost": ["a"]}, ["links.ghost", "ghost"]),
        ({"a": 1, "none": 0}, {"none": ["a"]}, ["groups.none=0"]),
        ({"a": -3, "b": 1}, {"b": ["a"]}, ["groups.a=-3"]),
        ({"a": 1, "b": 1}, {"b": ["a", "a"]}, ["links.b", "a", "once"]),
        ({"a": 1, "b": 1, "alone": 2}, {"b": ["a"]}, ["groups.alone"]),
        ({"a": 1, "b": 1, "alone": 2}, {"b": ["a"], "alone": []}, ["groups.alone"]),
    ],
    ids=[
        "circle of two",
        "circle of one",
        "unknown source",
        "unknown receiver",
        "size 0",
        "size below 0",
        "same link twice",
        "isolated",
        "isolated but declared",
    ],
)
def test_what_is_no_network_is_refused_by_name(groups, links, named):
    with pytest.raises(PlanError) as refused:
        plan(groups, links)
    message = str(refused.value)
    assert all(name in message for name in named), message
    assert "\n" not in message


def weights(**changes) -> dict[str, dict]:
    """A weight set for 2 input units, 3 hidden units and 1 output unit with direct links."""
    output = {"bias": [0], "hidden": [[0, 0, 0]], "input": [[0, 0]]}
    return {"hidden": {"bias": [0, 0, 0], "input": [[0, 0]] * 3}, "output": output} | changes


def test_printed_weights_fit_only_the_plan_that_has_their_groups_links_and_units():
    direct = plan(
        {"input": 2, "hidden": 3, "output": 1},
        {"hidden": ["input"], "output": ["input", "hidden"]},
    )
    hidden, output = weights()["hidden"], weights()["output"]
    assert direct.fits(weights())
    assert not direct.fits({"hidden": hidden})
    assert not direct.fits(weights(more=output))
    assert not direct.fits(weights(output={"bias": [0], "hidden": [[0, 0, 0]]}))
    assert not direct.fits(weights(output={"hidden": [[0, 0, 0]], "input": [[0, 0]]}))
    assert not direct.fits(weights(output={**output, "bias": [0, 0]}))
    assert not direct.fits(weights(output={**output, "hidden": [[0]] * 3}))
    assert not direct.fits(weights(hidden={**hidden, "input": [[0, 0, 0]] * 2}))
    assert not direct.fits(weights(hidden={**hidden, "output": [[0]] * 3}))
