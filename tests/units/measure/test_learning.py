"""What is said of every population, on nets made by hand whose answers are known."""

import math

import pytest
import torch

from reproduce.units.measure import learning
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.task import Task
from reproduce.units.trained import Trained

NAN = math.nan
# One input, one output: the output is on when the input is. Rows: the weight, then the bias.
UNITS = Units(plan({"i": 1, "o": 1}, {"o": ["i"]}))
TASK = Task(torch.tensor([[0.0, 1.0]]).double(), torch.tensor([[False, True]]))
KINDS = ["right", "reversed", "diverged", "undecided", "half right"]
WEIGHTS = torch.tensor([[2.0, -2.0, NAN, 0.0, 2.0], [-1.0, 1.0, 0.0, 0.0, 1.0]])
AT_1 = 1 / (1 + math.exp(-1))  # the logistic function of 1


def trained(weights: torch.Tensor = WEIGHTS, **first: list[float]) -> Trained:
    """A finished run of 20 sweeps; first: sweeps at which milestones were first reached."""
    nets = weights.shape[1]
    milestones = {"within_0.5": [NAN] * nets, "diverged": [NAN] * nets} | first
    return Trained(
        UNITS,
        TASK,
        torch.tensor([[[0.0], [1.0]]]),
        20,
        {"after_10": weights, "at_end": weights},
        {name: torch.tensor(sweeps).double() for name, sweeps in milestones.items()},
    )


def test_a_net_is_right_when_all_outputs_are_on_the_right_side_of_one_half():
    held = learning.right(trained(), WEIGHTS).tolist()
    assert dict(zip(KINDS, held, strict=True)) == {kind: kind == "right" for kind in KINDS}
    columns = learning.measure(trained())
    assert columns["right_at_end"].tolist() == [1, 0, 0, 0, 0]


def test_error_at_the_end_is_equation_3():
    error = learning.measure(trained())["error_at_end"].tolist()
    at_3 = 1 / (1 + math.exp(-3))
    wanted = [
        (1 - AT_1) ** 2,  # half of two squares of 1 - AT_1
        AT_1**2,
        NAN,
        0.25,
        (AT_1**2 + (1 - at_3) ** 2) / 2,
    ]
    assert error == pytest.approx(wanted, rel=1e-12, nan_ok=True)


def test_sweeps_to_a_milestone_are_passed_on_and_solved_by_counts_from_them():
    first = {
        "within_0.5": [3.0, NAN, 10.0, 11.0, 20.0],
        "within_0.2": [5.0, NAN, NAN, NAN, NAN],
        "largest": [7.0, 8.0, NAN, NAN, NAN],
        "diverged": [NAN, NAN, 12.0, NAN, NAN],
    }
    columns = {k: v.tolist() for k, v in learning.measure(trained(**first)).items()}
    for name, milestone in (
        ("sweeps_to_solve", "within_0.5"),
        ("sweeps_to_within_0.2", "within_0.2"),
        ("sweeps_to_largest_weight", "largest"),
    ):
        assert columns[name] == pytest.approx(first[milestone], nan_ok=True)
    assert columns["solved_by_10"] == [1, 0, 1, 0, 0]
    assert columns["solved_by_20"] == [1, 0, 1, 1, 1]
    assert columns["diverged"] == [0, 0, 1, 0, 0]
    assert set(columns) == {
        *("sweeps_to_solve", "sweeps_to_within_0.2", "sweeps_to_largest_weight"),
        *("solved_by_10", "solved_by_20", "right_at_end", "error_at_end", "diverged"),
    }


def test_single_weights_are_named_and_columns_are_hidden_where_nothing_holds():
    named = learning.weights_at(trained(), "after_10")
    assert named["o.1<i.1 after_10"].tolist()[:2] == [2, -2]
    assert named["bias o.1 after_10"].tolist()[:2] == [-1, 1]
    assert len(named) == 2
    column = {"x": torch.tensor([1.0, 2.0])}
    hidden = learning.where(torch.tensor([False, True]), column, "at_end")
    assert hidden["x_at_end"].tolist() == pytest.approx([NAN, 2], nan_ok=True)
