"""What keeps an unsolved net: nets set by hand on a minimum, a plateau, a saddle and a slope."""

import math

import pytest
import torch

from reproduce.run.task import task_of
from reproduce.units.measure import landscape
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.task import Task
from reproduce.units.trained import Trained

XOR = task_of("xor")
FIRST = Task(XOR.inputs, XOR.inputs[:1].bool())  # on when the first input is
LAYERED = {"hidden": ["input"], "output": ["hidden"]}
KINDS = ("still_moving", "at_saddle", "on_plateau", "in_minimum")
ALL = (*KINDS, "at_minimum", "stuck")


def measured(
    task: Task, hidden: int, weights: torch.Tensor, present=None, biases: bool = True
) -> dict[str, list]:
    """The columns of nets at weights (P, r); without hidden units the inputs send to the output."""
    groups, links = {"input": 2, "output": 1}, {"output": ["input"]}
    if hidden:
        groups, links = {**groups, "hidden": hidden}, LAYERED
    units, targets = Units(plan(groups, links, {}, biases)), task.targets(0.0, 1.0)[..., None]
    trained = Trained(units, task, targets, 0, {"at_end": weights}, {}, present=present)
    return {name: column.tolist() for name, column in landscape.measure(trained).items()}


def kind(found: dict[str, list], replica: int = 0) -> str:
    """The one kind of an unsolved net; that the other columns follow from it is asserted."""
    (held,) = [name for name in KINDS if found[name][replica] == 1]
    assert sum(found[name][replica] for name in KINDS) == 1
    assert found["at_minimum"][replica] == (held in ("on_plateau", "in_minimum"))
    assert found["stuck"][replica] == (held != "still_moving")
    return held


def column(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)[:, None]


def test_one_unit_that_says_one_half_is_in_the_minimum_of_exclusive_or():
    # y' = 1/4 and y'' = 0 in all cases: the Hessian is that of the inputs and 1, over 16.
    rows = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=torch.float64)
    eigenvalues = torch.linalg.eigvalsh(rows.T @ rows / 16).tolist()
    found = measured(XOR, 0, column(0, 0, 0))
    assert found["gradient_norm"] == [0]
    assert found["smallest_curvature"] == pytest.approx(eigenvalues[:1], rel=1e-12)
    assert found["largest_curvature"] == pytest.approx(eigenvalues[-1:], rel=1e-12)
    assert min(eigenvalues) > landscape.FLAT * max(eigenvalues)
    assert kind(found) == "in_minimum"


def test_a_minimum_with_a_direction_that_changes_nothing_is_a_plateau():
    # With no weight to it and none from it, a hidden unit of exclusive-or is not heard.
    found = measured(XOR, 2, torch.zeros(9, 1, dtype=torch.float64))
    assert found["smallest_curvature"] == pytest.approx([0], abs=1e-15)
    assert kind(found) == "on_plateau"


def test_level_ground_that_curves_down_is_a_saddle():
    found = measured(FIRST, 1, torch.zeros(5, 1, dtype=torch.float64))
    assert found["gradient_norm"] == [0]
    assert found["smallest_curvature"][0] < -landscape.CURVED * found["largest_curvature"][0]
    assert kind(found) == "at_saddle"


def test_a_net_moves_while_a_step_of_one_along_the_slope_takes_a_thousandth_of_the_error():
    # With a bias b alone: E = y^2 + (1 - y)^2, and the weights and the bias have the slopes
    # y (1 - y) (2 y - 1) times 1, 1 and 2.
    def share(bias: float) -> float:
        y = 1 / (1 + math.exp(-bias))
        return y * (1 - y) * (2 * y - 1) * math.sqrt(6) / (y**2 + (1 - y) ** 2)

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < 1e-3 else (low, middle)
    found = measured(XOR, 0, torch.cat([column(0, 0, low * factor) for factor in (0.99, 1.01)], 1))
    assert [kind(found, replica) for replica in (0, 1)] == ["in_minimum", "still_moving"]


def test_a_net_that_is_steep_is_moving_whatever_its_curvature():
    found = measured(FIRST, 1, column(0.5, 0, 0, 1, 0))
    assert found["smallest_curvature"][0] < 0
    assert kind(found) == "still_moving"


@pytest.mark.parametrize("bias", [1000, -1000])
def test_ground_that_is_flat_in_every_direction_is_a_plateau(bias):
    found = measured(XOR, 0, column(0, 0, bias))
    for name in ("gradient_norm", "smallest_curvature", "largest_curvature"):
        assert found[name] == [0], name
    assert kind(found) == "on_plateau"


def test_a_solved_net_is_nowhere_and_of_a_lost_one_nothing_is_known():
    solved, lost = column(20, -1, -10), column(math.nan, 0, 0)
    found = measured(FIRST, 0, torch.cat([solved, lost], 1))
    for name in ALL:
        wanted = [math.nan if name == "at_minimum" else 0.0, math.nan]
        assert found[name] == pytest.approx(wanted, nan_ok=True), name


@pytest.mark.parametrize("biases", [True, False])
def test_weights_that_are_not_there_give_neither_slope_nor_curvature(biases):
    few, many = (
        Units(plan({"input": 2, "hidden": hidden, "output": 1}, LAYERED, {}, biases))
        for hidden in (1, 3)
    )
    chance = torch.Generator().manual_seed(0)
    small = 3 * torch.randn(few.P, 40, generator=chance, dtype=torch.float64)
    small[:, 0] = 0
    weights, present = torch.zeros(2, many.P, small.shape[1], dtype=torch.float64)
    for name, values in zip(few.names(), small, strict=True):
        row = many.names().index(name)
        weights[row], present[row] = values, 1
    found = measured(FIRST, 3, weights, present, biases)
    wanted = measured(FIRST, 1, small, None, biases)
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, rel=1e-9, abs=1e-13, nan_ok=True), name
    assert kind(found) == "at_saddle"
    assert (min(found["largest_curvature"]) < -1e-3) == (not biases)  # all curve down
    assert biases or max(found["smallest_curvature"]) > 1e-3
