"""Every kind of link, with all ways to share its weights, against the equations unit by unit."""

import pytest
from by_loops import Loops, assert_as_by_loops, full, own_biases, plain

from reproduce.units.plan import PlanError, plan

OUT = [("o", 0, 1), ("o", 1, 1)]
NAMES = {
    "none": plain("h", "i"),
    "receivers": lambda j, i: f"h<i.{i}",
    "senders": lambda j, i: f"h.{j}<i",
    "all": lambda j, i: "h<i",
}


@pytest.mark.parametrize("shared", NAMES)
def test_a_full_link_shares_over_receivers_senders_or_both(shared):
    sizes = {"x": 2, "i": 3, "h": 4, "o": 2}
    ties = full("i", 3, "x", 2, plain("i", "x")) + full("h", 4, "i", 3, NAMES[shared])
    ties += full("o", 2, "h", 4, plain("o", "h"))
    loops = Loops(ties, own_biases(i=3, h=4, o=2), sizes, ["x"], OUT)
    links = {"i": ["x"], "h": [{"from": "i", "shared": shared}], "o": ["h"]}
    assert_as_by_loops(loops, {"groups": sizes, "links": links})


def of_field(j: int, place: int, i: int) -> dict[str, str]:
    """The name of the weight of unit j at a place of its window, by what is shared."""
    names = {"none": f"h.{j + 1}<i.{i + 1}", "receivers": f"h<i.window.{place + 1}"}
    return names | {"senders": f"h.{j + 1}<i", "all": "h<i"}


@pytest.mark.parametrize("one_bias", [False, True])
@pytest.mark.parametrize("shared", NAMES)
def test_a_field_is_a_window_that_moves_over_a_grid(shared, one_bias):
    sizes = {"x": 2, "i": 12, "h": 6, "o": 2}  # grids of 3 x 4 and 2 x 3, a window of 2 x 2
    ties = full("i", 12, "x", 2, plain("i", "x"))
    for row in range(2):
        for column in range(3):
            j = row * 3 + column
            for place, (a, b) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
                i = (row + a) * 4 + column + b
                ties.append(("h", j, "i", i, of_field(j, place, i)[shared], 0))
    ties += full("o", 2, "h", 6, plain("o", "h"))
    biases = own_biases(i=12, h=6, o=2)
    if one_bias:
        biases |= {("h", j): "bias h" for j in range(6)}
    loops = Loops(ties, biases, sizes, ["x"], OUT)
    field = {"from": "i", "kind": "field", "window": [2, 2], "shared": shared}
    words = {"groups": {"x": 2, "i": [3, 4], "h": [2, 3], "o": 2}}
    words |= {"links": {"i": ["x"], "h": [field], "o": ["h"]}}
    assert_as_by_loops(loops, words | {"one_bias": ["h"] if one_bias else []})


@pytest.mark.parametrize("shared", ["none", "all"])
def test_a_link_of_one_ties_unit_to_unit(shared):
    sizes = {"x": 2, "i": 3, "h": 3, "o": 2}
    name = {"none": lambda j: f"h.{j + 1}<i.{j + 1}", "all": lambda j: "h<i"}[shared]
    ties = full("i", 3, "x", 2, plain("i", "x"))
    ties += [("h", j, "i", j, name(j), 0) for j in range(3)] + full("o", 2, "h", 3, plain("o", "h"))
    loops = Loops(ties, own_biases(i=3, h=3, o=2), sizes, ["x"], OUT)
    links = {"i": ["x"], "h": [{"from": "i", "kind": "one", "shared": shared}], "o": ["h"]}
    assert_as_by_loops(loops, {"groups": sizes, "links": links})


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("group", ["h", "o"])
@pytest.mark.parametrize("shared", ["none", "all"])
def test_units_of_a_group_are_chained_each_to_the_next(shared, group, biases):
    sizes = {"x": 2, "h": 4, "o": 2}
    count = sizes[group]
    name = {
        "none": lambda j: f"{group}.{j + 1}<{group}.{j}",
        "all": lambda j: f"{group}<{group}",
    }[shared]
    ties = full("h", 4, "x", 2, plain("h", "x")) + full("o", 2, "h", 4, plain("o", "h"))
    ties += [(group, j, group, j - 1, name(j), 0) for j in range(1, count)]
    loops = Loops(ties, own_biases(h=4, o=2) if biases else {}, sizes, ["x"], OUT)
    chain = {"from": group, "kind": "one", "shared": shared}
    links = {"h": ["x"], "o": ["h"]}
    links[group] = [*links[group], chain]
    words = {"groups": sizes, "links": links, "biases": biases, "outputs": ["o"]}
    assert_as_by_loops(loops, words)


def test_parts_share_their_weights_link_by_link():
    sizes = {"x": 3, "g": 3, "h": 3, "o": 2}
    one = plain("g", "x")
    ties = full("g", 3, "x", 3, one) + full("h", 3, "g", 3, one)
    ties += full("h", 3, "x", 3, plain("h", "x")) + full("o", 2, "h", 3, plain("o", "h"))
    biases = own_biases(g=3, o=2) | {("h", j): f"bias g.{j + 1}" for j in range(3)}
    loops = Loops(ties, biases, sizes, ["x"], OUT)
    words = {"groups": sizes, "links": {"g": ["x"], "h": ["g", "x"], "o": ["h"]}}
    words["share"] = [["g.x", "h.g"], ["g.bias", "h.bias"]]
    units = assert_as_by_loops(loops, words)
    assert units.plan.shares == {("g", "h"): ("x", "g"), "h": "g"}


def test_an_output_that_others_hear_and_a_hidden_group_that_is_compared():
    sizes = {"x": 2, "h": 3, "o": 2}
    ties = full("h", 3, "x", 2, plain("h", "x")) + full("o", 2, "h", 3, plain("o", "h"))
    outputs = [("h", j, 1) for j in range(3)] + OUT
    loops = Loops(ties, own_biases(h=3, o=2), sizes, ["x"], outputs)
    words = {"groups": sizes, "links": {"h": ["x"], "o": ["h"]}, "outputs": ["h", "o"]}
    assert_as_by_loops(loops, words, holes=True)


GRIDS = {"i": [4, 5], "h": [2, 3], "o": 1, "n": 20}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"from": "i", "kind": "field", "window": [3, 4]}, "groups.h=[2, 2]"),
        ({"from": "i", "kind": "field", "window": [5, 3]}, "window=[5, 3]"),
        ({"from": "n", "kind": "field", "window": [3, 3]}, "between grids"),
        ({"from": "i", "kind": "field"}, "window belongs to kind=field"),
        ({"from": "i", "window": [3, 3]}, "window belongs to kind=field"),
        ({"from": "i", "kind": "field", "window": [3]}, "window=[3]"),
        ({"from": "i", "kind": "one"}, "between groups of the same size"),
        ({"from": "i", "kind": "star"}, "kind=star: allowed is one of full, field, one, random"),
        ({"from": "i", "shared": "half"}, "shared=half"),
        ({"from": "i", "kind": "random", "share": 1.5}, "share=1.5"),
        ({"from": "i", "kind": "random"}, "share belongs to kind=random"),
        ({"from": "i", "kind": "random", "share": 0.5, "shared": "all"}, "for kind=random is none"),
        ({"from": "h", "kind": "one", "shared": "senders"}, "for kind=one is none or all"),
        ({"from": "h", "kind": "one"}, "receives from itself alone"),
        ({"from": "i", "delay": 1}, "delay=1 from i: allowed only in a net with steps"),
        ({"from": "i", "delay": 2}, "delay=2: allowed is 0, or 1"),
        ({"from": "i", "widow": 2}, "no such key widow"),
        ({"kind": "full"}, "a mapping with from: GROUP"),
        (7, "a group, or a mapping"),
    ],
)
def test_an_entry_that_says_no_link_is_refused_in_one_line(entry, said):
    with pytest.raises(PlanError) as refused:
        plan(GRIDS, {"h": [entry], "o": ["h", "i", "n"]})
    message = str(refused.value)
    assert message.startswith("links")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"outputs": ["x"]}, "outputs=['x']: allowed are different groups out of h, o"),
        ({"outputs": ["h"]}, "groups.o: it leads to none of outputs=['h']"),
        ({"outputs": ["nobody"]}, "outputs=['nobody']"),
        ({"inputs": ["h"]}, "inputs=['h']: x is missing"),
        ({"inputs": ["x", "h"]}, "h receives; allowed with steps"),
        ({"one_bias": ["x"]}, "one_bias=['x']"),
        ({"one_bias": ["h"], "biases": False}, "one_bias=['h']: allowed only with biases=true"),
        ({"asked": [1]}, "asked=[1]: allowed only in a net with steps"),
        ({"begins": {"h": 0.2}}, "start.h.units=0.2: allowed only for groups that are computed"),
        ({"share": [["h.x", "o.h"]]}, "share: h.x, o.h: allowed are links of one kind"),
        ({"share": [["h.x", "h.y"]]}, "no part h.y; there are h.x, h.bias, o.h, o.bias"),
        ({"share": [["h.x"]]}, "allowed are two parts or more"),
        ({"share": [["h.x", "h.x"]]}, "each part in one list, once"),
        ({"groups": {"x": 3, "h": [2], "o": 1}}, "groups.h=[2]"),
        ({"groups": {"x": 3, "h": [2, 0], "o": 1}}, "groups.h=[2, 0]"),
        ({"groups": {"x": 3, "h": 2, "o": 1, "units": 3}}, "groups.units"),
    ],
)
def test_ends_and_shares_that_mean_nothing_are_refused_in_one_line(words, said):
    with pytest.raises(PlanError) as refused:
        plan(**({"groups": {"x": 3, "h": 2, "o": 1}, "links": {"h": ["x"], "o": ["h"]}} | words))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
