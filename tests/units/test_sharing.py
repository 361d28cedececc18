"""Groups that share the weights of another, and nets without biases, against nets with copies."""

import numpy as np
import pytest
import torch

from reproduce.units.net import Units
from reproduce.units.plan import PlanError, plan
from reproduce.units.start import printed_weights

SIZES = {"i": 2, "k": 3, "first": 3, "second": 3, "third": 3, "o": 2}
LINKS = {
    "first": ["i", "k"],
    "second": ["i", "first"],
    "third": ["i", "second"],
    "o": ["third", "first"],
}
LIKE = {"second": "first", "third": "first"}
PRINTED = {
    "first": {
        "bias": [1.0, 2.0, 3.0],
        "i": [[1.1, 1.2], [2.1, 2.2], [3.1, 3.2]],
        "k": [[1.3, 1.4, 1.5], [2.3, 2.4, 2.5], [3.3, 3.4, 3.5]],
    },
    "o": {
        "bias": [8.0, 9.0],
        "third": [[8.1, 8.2, 8.3], [9.1, 9.2, 9.3]],
        "first": [[8.4, 8.5, 8.6], [9.4, 9.5, 9.6]],
    },
}


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("biases", [True, False])
def test_a_group_that_is_like_another_has_no_rows_and_no_names_of_its_own(biases):
    units = Units(plan(SIZES, LINKS, LIKE, biases))
    names = units.names()
    assert units.P == len(names) == len(set(names)) == 3 * (2 + 3) + 2 * (3 + 3) + 5 * biases
    receivers = {name.removeprefix("bias ").split(".")[0] for name in names}
    assert receivers == {"first", "o"}
    assert any(name.startswith("bias") for name in names) == biases


@pytest.mark.parametrize("biases", [True, False])
def test_shared_parts_are_views_of_the_same_rows_by_the_place_of_the_link(biases):
    units = Units(plan(SIZES, LINKS, LIKE, biases))
    weights = drawn(units.P, 4)
    parts = units.parts(weights)
    parts["second", "third"][2, 1] = 7.0
    row = units.names().index("first.3<k.2")
    assert weights[row].tolist() == [7.0] * 4
    pairs = [
        (("i", "first"), ("i", "second"), ("i", "third")),
        (("k", "first"), ("first", "second"), ("second", "third")),
        *([("first", "second", "third")] if biases else []),
    ]
    for same in pairs:
        assert len({(parts[part].data_ptr(), parts[part].shape) for part in same}) == 1
    assert len({view.data_ptr() for view in parts.values()}) == (6 if biases else 4)
    assert all((group in parts) == biases for group in LINKS)


@pytest.mark.parametrize("biases", [True, False])
def test_a_net_with_shared_weights_computes_what_a_net_with_copies_of_them_computes(biases):
    shared, apart = (Units(plan(SIZES, LINKS, like, biases)) for like in (LIKE, {}))
    weights, inputs = drawn(shared.P, 4), drawn(5, 6, 1)
    copies = torch.full((apart.P, 4), torch.nan, dtype=torch.float64)
    for part, view in apart.parts(copies).items():
        view.copy_(shared.parts(weights)[part])
    found = shared.activities(shared.parts(weights), inputs)
    for group, wanted in apart.activities(apart.parts(copies), inputs).items():
        torch.testing.assert_close(found[group], wanted, rtol=1e-14, atol=0)


def test_without_biases_a_net_is_the_net_whose_biases_are_zero():
    without, zero = (Units(plan(SIZES, LINKS, {}, biases)) for biases in (False, True))
    weights, inputs = drawn(without.P, 4), drawn(5, 6, 1)
    filled = torch.zeros(zero.P, 4, dtype=torch.float64)
    for part, view in without.parts(weights).items():
        zero.parts(filled)[part].copy_(view)
    found = without.outputs(without.activities(without.parts(weights), inputs))
    wanted = zero.outputs(zero.activities(zero.parts(filled), inputs))
    torch.testing.assert_close(found, wanted, rtol=1e-14, atol=0)


def stripped() -> dict:
    """The printed weights without their biases."""
    return {
        group: {source: rows for source, rows in parts.items() if source != "bias"}
        for group, parts in PRINTED.items()
    }


@pytest.mark.parametrize("biases", [True, False])
def test_printed_weights_are_those_of_the_groups_that_own_them(biases):
    planned, weights = plan(SIZES, LINKS, LIKE, biases), PRINTED if biases else stripped()
    assert planned.fits(weights)
    assert not planned.fits(stripped() if biases else PRINTED)
    assert not planned.fits(weights | {"second": weights["first"]})
    assert not plan(SIZES, LINKS, {"second": "first"}, biases).fits(weights)
    units = Units(planned)
    column = printed_weights(units, weights)[:, 0].tolist()
    named = dict(zip(units.names(), column, strict=True))
    assert (named["first.2<i.1"], named["first.3<k.2"], named["o.1<first.3"]) == (2.1, 3.4, 8.6)
    assert not biases or (named["bias first.2"], named["bias o.2"]) == (2.0, 9.0)
    numbers = [np.ravel(rows) for parts in weights.values() for rows in parts.values()]
    assert sorted(column) == sorted(np.concatenate(numbers).tolist())


def test_each_group_has_an_owner():
    planned = plan(SIZES, LINKS, LIKE)
    owners = {group: planned.owner(group) for group in LINKS}
    assert owners == {"first": "first", "second": "first", "third": "first", "o": "o"}


@pytest.mark.parametrize(
    ("like", "named"),
    [
        ({"second": "nobody"}, "like.second=nobody"),
        ({"nobody": "first"}, "like.nobody=first"),
        ({"second": "i"}, "like.second=i"),
        ({"i": "first"}, "like.i=first"),
        ({"second": "second"}, "like.second=second"),
        ({"second": "third", "third": "first"}, "like.second=third"),
        ({"second": "third", "third": "second"}, "like.second=third"),
        ({"o": "first"}, "like.o=first"),
        ({"second": "wide"}, "like.second=wide"),
    ],
)
def test_what_cannot_share_is_refused_by_name(like, named):
    links = LINKS | {"wide": ["first", "i"]}  # as many units and links, in the other order
    with pytest.raises(PlanError) as refused:
        plan(SIZES | {"wide": 3}, links, like)
    message = str(refused.value)
    assert message.startswith(named)
    assert "allowed is a group with weights of its own" in message
    assert "\n" not in message
