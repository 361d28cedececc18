"""The columns of the counts, for nets of one layer whose answers can be read off their biases."""

import math

import torch

from reproduce.units.measure import generalization
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.task import Task
from reproduce.units.trained import Trained

UNITS = Units(plan({"input": 1, "output": 2}, {"output": ["input"]}))
TASK = Task(  # five cases of one input that says nothing
    torch.zeros(1, 5, dtype=torch.float64),
    torch.tensor([[0, 1, 0, 1, 0], [1, 1, 1, 1, 0]], dtype=torch.bool),
)


def answering(*outputs: tuple[float, float]) -> torch.Tensor:
    """Weights (P, r) of nets that give these outputs in every case."""
    weights = torch.zeros(UNITS.P, len(outputs), dtype=torch.float64)
    UNITS.parts(weights)["output"].copy_(torch.logit(torch.tensor(outputs).double()).T)
    return weights


def measured(trains: torch.Tensor | None, sweeps: int, **moments) -> dict[str, list[float]]:
    first = {"within_0.5": torch.zeros(3)}
    targets = TASK.targets(0.2, 0.8)[..., None]
    trained = Trained(UNITS, TASK, targets, sweeps, moments, first, trains=trains)
    return {name: column.tolist() for name, column in generalization.measure(trained).items()}


# the answer of each net: right in cases 0 and 2; the same, but not strictly; right in 4 alone
END = answering((0.19, 0.81), (0.21, 0.9), (0.1, 0.1))
TRAINS = torch.tensor([[1, 0, 0], [1, 1, 1], [0, 0, 1], [0, 1, 1], [1, 1, 0]], dtype=torch.bool)


def test_cases_are_counted_among_those_a_net_trains_on_and_among_the_others():
    before = answering((0.9, 0.9), (0.9, 0.9), (0.4, 0.6))  # right in 1 and 3; in 0 and 2
    assert measured(TRAINS, 9, after_5=before, at_end=END) == {
        "trained_cases": [3, 3, 3],
        "trained_right_after_5": [1, 2, 1],
        "held_out_right_after_5": [1, 0, 1],
        "trained_strict_after_5": [1, 2, 0],
        "held_out_strict_after_5": [1, 0, 0],
        "trained_right_at_end": [1, 0, 0],
        "held_out_right_at_end": [1, 2, 1],
        "trained_strict_at_end": [1, 0, 0],
        "held_out_strict_at_end": [1, 0, 1],
    }


def test_where_nothing_is_held_out_nothing_is_counted_among_it():
    found = measured(None, 9, at_end=END)
    assert found["trained_cases"] == [5, 5, 5]
    assert found["trained_right_at_end"] == [2, 2, 1]
    assert found["trained_strict_at_end"] == [2, 0, 1]
    for name in ("held_out_right_at_end", "held_out_strict_at_end"):
        assert all(map(math.isnan, found[name]))


def test_the_end_is_not_counted_again_when_it_is_a_kept_moment():
    moments = {"after_10": END, "after_9": END, "at_end": END, "at_largest_weight": END}
    names = [name.removeprefix("trained_right_") for name in measured(None, 10, **moments)]
    assert [name for name in names if name in moments] == ["after_9", "after_10"]
    names = [name.removeprefix("trained_right_") for name in measured(None, 11, **moments)]
    assert [name for name in names if name in moments] == ["after_9", "after_10", "at_end"]
