"""Equations 3 to 7 for whole populations, against automatic and numerical differentiation."""

import pytest
import torch
from torch.nn import functional

from reproduce.units import squared_error
from reproduce.units.backpropagation import backpropagate
from reproduce.units.net import Units
from reproduce.units.plan import plan

NETS = {
    "layered": ({"i": 3, "h": 2, "o": 1}, {"h": ["i"], "o": ["h"]}),
    "one layer": ({"i": 3, "o": 2}, {"o": ["i"]}),
    "skipping": (
        {"i": 2, "a": 3, "b": 1, "c": 2, "o": 3},
        {"a": ["i"], "b": ["i", "a"], "c": ["b", "a"], "o": ["c", "i", "a"]},
    ),
    "two inputs, two outputs": (
        {"i": 2, "k": 3, "h": 4, "g": 2, "o": 2, "p": 1},
        {"h": ["i"], "g": ["k", "h"], "o": ["i", "g"], "p": ["g", "h", "k"]},
    ),
}
REPLICAS, CASES = 4, 5


def forward(plan, parts, inputs):
    """Outputs (units, c, r), by sums that share nothing with `Units.activities`."""
    y = dict(zip(plan.inputs, inputs.split([plan.sizes[g] for g in plan.inputs]), strict=True))
    for group, sources in plan.sources.items():
        x = [torch.einsum("jir,icr->jcr", parts[source, group], y[source]) for source in sources]
        y[group] = 1 / (1 + torch.exp(-sum(x) - parts[group].unsqueeze(1)))
    return torch.cat([y[group] for group in plan.outputs])


def population(name: str, columns: int = REPLICAS):
    """Units, and random weights, inputs and targets in float64."""
    units = Units(plan(*NETS[name]))
    chance = torch.Generator().manual_seed(len(name))
    inputs, outputs = (units.plan.units(g) for g in (units.plan.inputs, units.plan.outputs))
    shapes = [(units.P, REPLICAS), (inputs, CASES, columns), (outputs, CASES, columns)]
    drawn = (torch.randn(shape, generator=chance, dtype=torch.float64) for shape in shapes)
    return units, *drawn


def slopes(units, weights, inputs, targets):
    """dE/dw (P, r) by the code under test, written over numbers that are not there."""
    parts = units.parts(weights)
    y = units.activities(parts, inputs)
    dE_dy = units.split_outputs(squared_error.slope(units.outputs(y), targets))
    gradient = torch.full_like(weights, torch.nan)
    backpropagate(units, parts, y, dE_dy, units.parts(gradient))
    return gradient


@pytest.mark.parametrize("columns", [1, REPLICAS], ids=["shared cases", "cases for each replica"])
@pytest.mark.parametrize("name", NETS)
def test_all_slopes_of_all_replicas_equal_autograd(name, columns):
    units, weights, inputs, targets = population(name, columns)
    found = slopes(units, weights, inputs, targets)
    weights.requires_grad_()
    y = forward(units.plan, units.parts(weights), inputs.expand(-1, -1, REPLICAS))
    (0.5 * (y - targets) ** 2).sum().backward()
    torch.testing.assert_close(found, weights.grad, rtol=1e-12, atol=1e-14)


def test_all_slopes_equal_central_differences_of_the_error():
    units, weights, inputs, targets = population("skipping")
    found, h = slopes(units, weights, inputs, targets), 1e-5

    def error(changed):
        return squared_error.error(forward(units.plan, units.parts(changed), inputs), targets)

    for row in range(units.P):
        step = torch.zeros_like(weights)
        step[row] = h
        difference = (error(weights + step) - error(weights - step)) / (2 * h)
        torch.testing.assert_close(found[row], difference, rtol=1e-7, atol=1e-9)


def test_error_is_half_the_sum_over_cases_and_units_of_each_replica():
    y, d = torch.rand(2, 3, CASES, REPLICAS, dtype=torch.float64)
    wanted = [functional.mse_loss(y[..., r], d[..., r], reduction="sum") / 2 for r in range(4)]
    torch.testing.assert_close(squared_error.error(y, d), torch.stack(wanted))
