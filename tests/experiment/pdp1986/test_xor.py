"""How an exclusive-or net fails and how large its weights are: the printed nets and others."""

import math

import pytest
import torch

from reproduce.experiment.pdp1986.xor import answers as xor
from reproduce.file.paper import printed
from reproduce.run.task import task_of
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.start import printed_weights
from reproduce.units.trained import Trained

TWO_HIDDEN = Units(
    plan({"input": 2, "hidden": 2, "output": 1}, {"hidden": ["input"], "output": ["hidden"]})
)
DIRECT = Units(
    plan(
        {"input": 2, "hidden": 1, "output": 1},
        {"hidden": ["input"], "output": ["input", "hidden"]},
    )
)


def measured(units: Units, *nets: dict) -> dict[str, list[float]]:
    """The columns of a population of these nets."""
    weights = torch.cat([printed_weights(units, net) for net in nets], 1)
    trained = Trained(units, task_of("xor"), None, 0, {"at_end": weights}, {})
    return {name: column.tolist() for name, column in xor.measure(trained).items()}


@pytest.mark.parametrize(
    ("answers", "stuck"),
    [
        ((0.096, 0.500, 0.898, 0.500), True),  # as printed
        ((0.096, 0.898, 0.500, 0.500), True),  # with the inputs exchanged
        ((0.096, 0.590, 0.898, 0.410), True),
        ((0.096, 0.610, 0.898, 0.500), False),  # 01 is right
        ((0.096, 0.500, 0.898, 0.390), False),  # 11 is right
        ((0.103, 0.877, 0.877, 0.109), False),  # solved
        ((0.500, 0.500, 0.500, 0.500), False),
        ((0.096, 0.500, 0.500, 0.898), False),  # 11 is wrong
        ((0.096, 0.667, 0.667, 0.667), False),  # another minimum
        ((0.500, 0.898, 0.898, 0.500), False),  # 00 is at one half
        ((0.898, 0.500, 0.898, 0.500), False),  # 00 is wrong
        ((0.096, 0.500, 0.096, 0.500), False),  # 10 is wrong
        ((math.nan, 0.500, 0.898, 0.500), False),
    ],
)
def test_failing_as_in_figure_5_is_told_from_every_other_outcome(answers, stuck):
    assert xor.like_figure_5(torch.tensor(answers)[:, None]).tolist() == [stuck]


def test_the_printed_stuck_net_and_its_mirror_image_are_recognised():
    net = printed("pdp1986/figure5")
    hidden = net["hidden"] | {"input": [row[::-1] for row in net["hidden"]["input"]]}
    solved = {  # a hidden unit for "or", one for "and"
        "hidden": {"bias": [-5.0, -15.0], "input": [[10.0, 10.0], [10.0, 10.0]]},
        "output": {"bias": [-5.0], "hidden": [[10.0, -10.0]]},
    }
    columns = measured(TWO_HIDDEN, net, net | {"hidden": hidden}, solved)
    assert columns["stuck_like_figure_5"] == pytest.approx([1, 1, math.nan], nan_ok=True)
    assert columns["answer_01"][:2] == pytest.approx([0.500, 0.898], abs=5e-4)
    assert columns["answer_10"][:2] == pytest.approx([0.898, 0.500], abs=5e-4)
    assert columns["answer_00"][:2] == pytest.approx([0.096, 0.096], abs=5e-4)
    assert columns["answer_11"][:2] == pytest.approx([0.500, 0.500], abs=5e-4)


def test_a_net_without_hidden_units_has_answers_but_no_magnitudes():
    units = Units(plan({"input": 2, "output": 1}, {"output": ["input"]}))
    columns = measured(units, {"output": {"bias": [0.0], "input": [[0.0, 0.0]]}})
    assert [columns[f"answer_{case}"] for case in ("00", "01", "10", "11")] == [[0.5]] * 4
    assert not any(name.startswith("weight_") for name in columns)


def test_magnitudes_are_those_printed_whatever_their_signs_and_only_of_solved_nets():
    net = printed("pdp1986/figure3")
    # On where the printed unit is off: 1 - y is the logistic function of -x.
    turned = {
        "hidden": {"bias": [-2.2], "input": [[6.4, 6.4]]},
        "output": {"bias": [6.3 - 9.4], "input": [[-4.2, -4.2]], "hidden": [[9.4]]},
    }
    unsolved = net | {"output": net["output"] | {"bias": [0.0]}}
    columns = measured(DIRECT, net, turned, unsolved)
    for name, value in (
        ("weight_input_to_hidden", 6.4),
        ("weight_input_to_output", 4.2),
        ("weight_hidden_to_output", 9.4),
    ):
        found = columns[f"{name}_at_end"]
        assert found == pytest.approx([value, value, math.nan], rel=1e-12, nan_ok=True)
    for case, answer in (("00", 0.103), ("01", 0.877), ("10", 0.877), ("11", 0.109)):
        assert columns[f"answer_{case}"][:2] == pytest.approx([answer] * 2, abs=6e-4)
    assert columns["stuck_like_figure_5"][2] == 0
    assert columns["output.1<hidden.1 at_end"] == [-9.4, 9.4, -9.4]
