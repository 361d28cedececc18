"""The order of the symmetry net's weights, on the printed net and on nets that lack it."""

import math

import pytest
import torch

from reproduce.experiment.nature1986.symmetry import weights as symmetry
from reproduce.file.paper import printed
from reproduce.run.task import task_of
from reproduce.units.measure.learning import outputs
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.start import printed_weights
from reproduce.units.trained import Trained

UNITS = Units(
    plan({"input": 6, "hidden": 2, "output": 1}, {"hidden": ["input"], "output": ["hidden"]})
)
PRINTED = printed_weights(UNITS, printed("nature1986/figure1"))
PERFECT = [4.0, -1.0, 2.0, -2.0, 1.0, -4.0]


def values(columns: dict[str, torch.Tensor]) -> dict[str, float]:
    """The columns of a population of one."""
    return {name: column.item() for name, column in columns.items()}


def structure(first: list[float], second: list[float]) -> dict[str, float]:
    """The quantities of one net with these weights from the inputs to its two hidden units."""
    hidden = {"bias": [-1.0, -3.0], "input": [first, second]}
    weights = {"hidden": hidden, "output": {"bias": [5.0], "hidden": [[-8.0, -6.0]]}}
    return values(symmetry.structure(UNITS, printed_weights(UNITS, weights)))


def negated(row: list[float]) -> list[float]:
    return [-w for w in row]


def test_the_printed_net_has_the_properties_of_its_caption():
    found = values(symmetry.structure(UNITS, PRINTED))
    assert found == pytest.approx(
        {
            "weight_small": 3.6,
            "weight_middle": (7.2 + 7.1) / 2,
            "weight_large": 14.2,
            "ratio_middle_to_small": 2,
            "ratio_large_to_small": 4,
            "departure_from_antisymmetry": 0,
            "departure_from_sign_flip": 0.1 / 14.2,  # 7.2 in one unit, -7.1 in the other
            "hidden_bias": -1.1,
            "hidden_to_output": -8.8,
            "output_bias": 6.4,
            "turned_units": 0,
        },
        rel=0.02,
        abs=1e-12,
    )


def test_the_printed_net_answers_as_its_caption_says():
    trained = Trained(UNITS, task_of("symmetry"), None, 0, {"at_end": PRINTED}, {})
    found = values(symmetry.answers(trained, PRINTED))
    # An antisymmetric unit receives nothing but its bias from a symmetric input.
    assert found["hidden_for_symmetric"] == pytest.approx(1 / (1 + math.exp(1.1)), rel=1e-12)
    on = 1 / (1 + math.exp(-6.4 + 2 * 8.8 / (1 + math.exp(1.1))))
    assert found["output_symmetric_low"] == pytest.approx(on, rel=1e-12)
    assert found["output_symmetric_high"] == pytest.approx(on, rel=1e-12)
    assert found["output_other_low"] == pytest.approx(0.083, abs=5e-4)
    assert found["output_other_high"] == pytest.approx(0.156, abs=5e-4)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 1, 0)])
def test_a_perfect_net_is_1_2_4_in_whatever_order_its_inputs_stand(order):
    row = [PERFECT[i] for i in order] + [PERFECT[5 - i] for i in reversed(order)]
    found = structure(row, negated(row))
    assert [found[f"weight_{size}"] for size in ("small", "middle", "large")] == [1, 2, 4]
    assert (found["ratio_middle_to_small"], found["ratio_large_to_small"]) == (2, 4)
    assert found["departure_from_antisymmetry"] == found["departure_from_sign_flip"] == 0
    assert (found["hidden_bias"], found["hidden_to_output"], found["output_bias"]) == (-2, -7, 5)


def test_each_departure_shows_in_its_own_quantity():
    other = [5.0, -1.0, 3.0, -3.0, 1.0, -5.0]
    ratios = structure(other, negated(other))
    assert (ratios["ratio_middle_to_small"], ratios["ratio_large_to_small"]) == (3, 5)
    assert ratios["departure_from_antisymmetry"] == ratios["departure_from_sign_flip"] == 0

    uneven = [4.0, -1.0, 2.0, -2.0, 1.5, -4.0]  # -1 stands across from 1.5
    tilted = structure(uneven, negated(uneven))
    assert tilted["departure_from_antisymmetry"] == 0.5 / 4
    assert tilted["departure_from_sign_flip"] == 0
    assert tilted["weight_small"] == 1.25

    alike = structure(PERFECT, PERFECT)
    assert alike["departure_from_sign_flip"] == 8 / 4
    assert alike["departure_from_antisymmetry"] == 0
    symmetric = [4.0, 1.0, 2.0, 2.0, 1.0, 4.0]
    assert structure(symmetric, negated(symmetric))["departure_from_antisymmetry"] == 8 / 4


def test_only_a_pair_of_hidden_units_can_be_sign_flipped():
    units = Units(plan({"input": 6, "hidden": 3, "output": 1}, UNITS.plan.sources))
    rows = [PERFECT, negated(PERFECT), PERFECT]
    hidden, output = {"bias": [0.0] * 3, "input": rows}, {"bias": [0.0], "hidden": [[0.0] * 3]}
    weights = printed_weights(units, {"hidden": hidden, "output": output})
    found = values(symmetry.structure(units, weights))
    assert math.isnan(found["departure_from_sign_flip"])
    assert (found["departure_from_antisymmetry"], found["ratio_large_to_small"]) == (0, 4)


def test_only_solved_nets_are_described_and_the_largest_moment_is_drawn():
    both = torch.cat([PRINTED, torch.zeros_like(PRINTED)], 1)
    moments = {"at_largest_weight": both, "at_end": both.flip(1)}
    columns = symmetry.measure(Trained(UNITS, task_of("symmetry"), None, 9, moments, {}))
    for quantity, value in (("output_bias", 6.4), ("output_symmetric_low", 0.881)):
        solved = columns[f"{quantity}_at_largest_weight"].tolist()
        assert solved == pytest.approx([value, math.nan], abs=5e-4, nan_ok=True)
        solved = columns[f"{quantity}_at_end"].tolist()
        assert solved == pytest.approx([math.nan, value], abs=5e-4, nan_ok=True)
    assert columns["hidden.2<input.6 at_largest_weight"].tolist() == [14.2, 0]
    assert "hidden.2<input.6 at_end" not in columns


@pytest.mark.parametrize("turn", [(0,), (1,), (0, 1)])
def test_a_unit_that_is_on_where_the_printed_one_is_off_is_turned(turn):
    """w, bias and v negated, v added to the output bias: the same net, so the same quantities."""
    other = PRINTED.clone()
    parts = UNITS.parts(other)
    for unit in turn:
        parts["input", "hidden"][unit].neg_()
        parts["hidden"][unit].neg_()
        parts["output"][0].add_(parts["hidden", "output"][0, unit])
        parts["hidden", "output"][0, unit].neg_()
    trained = Trained(UNITS, task_of("symmetry"), None, 0, {}, {})
    torch.testing.assert_close(outputs(trained, other), outputs(trained, PRINTED))
    found = values(symmetry.structure(UNITS, other))
    printed = values(symmetry.structure(UNITS, PRINTED))
    for name in ("hidden_bias", "hidden_to_output", "output_bias", "weight_large"):
        assert found[name] == pytest.approx(printed[name])
    assert found["turned_units"] == len(turn)
