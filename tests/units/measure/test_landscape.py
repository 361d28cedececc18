"""Slope and curvature of the error, against torch's Hessian of a net written out, and by hand."""

import math

import numpy as np
import pytest
import torch

from reproduce.run.task import task_of
from reproduce.units.measure import landscape
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.task import Task
from reproduce.units.trained import Trained

XOR = task_of("xor")
LAYERED = {"hidden": ["input"], "output": ["hidden"]}


def measured(hidden: int, task: Task, weights: torch.Tensor) -> dict[str, list[float]]:
    """The columns of a 2-hidden-1 population at `weights`, targets 0 and 1."""
    units = Units(plan({"input": 2, "hidden": hidden, "output": 1}, LAYERED))
    targets = task.targets(0.0, 1.0)[..., None]
    columns = landscape.measure(Trained(units, task, targets, 0, {"at_end": weights}, {}))
    return {name: column.tolist() for name, column in columns.items()}


def error(w: torch.Tensor) -> torch.Tensor:
    """E of a 2-2-1 net on exclusive-or, weights to hidden, hidden biases, then the output's."""
    hidden = torch.sigmoid(XOR.inputs.T @ w[:4].view(2, 2).T + w[4:6])
    return 0.5 * (torch.sigmoid(hidden @ w[6:8] + w[8]) - XOR.on[0].double()).square().sum()


def test_slope_and_curvature_of_each_net_are_those_of_torch_for_it_alone():
    weights = torch.randn(9, 5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    found = measured(2, XOR, weights)
    for r, w in enumerate(weights.T):
        w = w.clone().requires_grad_()
        (slope,) = torch.autograd.grad(error(w), w)
        eigenvalues = torch.linalg.eigvalsh(torch.autograd.functional.hessian(error, w))
        assert found["gradient_norm"][r] == pytest.approx(slope.norm().item(), rel=1e-12)
        assert found["smallest_curvature"][r] == pytest.approx(eigenvalues.min().item(), rel=1e-9)
        assert found["largest_curvature"][r] == pytest.approx(eigenvalues.max().item(), rel=1e-9)


def test_with_all_weights_zero_exclusive_or_is_flat_but_for_one_direction():
    # All outputs are 1/2, y' = 1/4 and y'' = 0; errors of +-1/2 cancel in every sum over the cases.
    # What is left of the Hessian is 4 (1/4)^2 v v^T with v = (1/2, 1/2, 1), of length^2 3/2.
    found = measured(2, XOR, torch.zeros(9, 1, dtype=torch.float64))
    assert found["gradient_norm"] == [0]
    assert found["largest_curvature"] == pytest.approx([3 / 8], rel=1e-12)
    assert found["smallest_curvature"] == pytest.approx([0], abs=1e-15)
    assert found["at_minimum"] == [1]


def test_a_saddle_is_no_minimum():
    # On when the first input is: errors times that input sum to -1, so that the weight from it and
    # the one to the output have the mixed derivative -(1/4)^2. In sixteenths, for (bias, weight to
    # the output, weight from the first input):
    first = Task(XOR.inputs, XOR.inputs[:1].bool())
    found = measured(1, first, torch.zeros(5, 1, dtype=torch.float64))
    eigenvalues = np.linalg.eigvalsh(np.array([[4, 2, 0], [2, 1, -1], [0, -1, 0]]) / 16)
    assert found["gradient_norm"] == [0]
    assert found["smallest_curvature"] == pytest.approx([eigenvalues[0]], rel=1e-12)
    assert found["largest_curvature"] == pytest.approx([eigenvalues[-1]], rel=1e-12)
    assert found["at_minimum"] == [0]


def test_a_slope_that_curves_only_upwards_is_no_minimum():
    # Hidden units are off and unheard, so that E is 2 (y^2 + (1 - y)^2) / 2 of the output's bias.
    bias, y = 1.0, 1 / (1 + math.exp(-1.0))
    weights = torch.tensor([0, 0, 0, 0, -30, -30, 0, 0, bias], dtype=torch.float64)[:, None]
    found = measured(2, XOR, weights)
    assert found["gradient_norm"] == pytest.approx([y * (1 - y) * (4 * y - 2)], rel=1e-9)
    assert found["smallest_curvature"] == pytest.approx([0], abs=1e-9)
    assert found["at_minimum"] == [0]


def test_only_unsolved_nets_are_asked_and_a_net_that_diverged_has_no_place():
    steep = torch.tensor([1.0, 1, 1, 1, 0, 0, 1, 1, 1])
    solved = torch.tensor([10.0, 10, 10, 10, -5, -15, 10, -10, -5])  # "or", and not "and"
    diverged = torch.tensor([math.inf, *[0.0] * 8])
    found = measured(2, XOR, torch.stack([steep, solved, diverged], 1))
    assert found["gradient_norm"][0] > landscape.STEEP
    assert found["at_minimum"][:2] == pytest.approx([0, math.nan], nan_ok=True)
    assert np.isnan([found[name][2] for name in found if name != "at_minimum"]).all()
