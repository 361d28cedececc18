"""Nature 1986, equations 1 to 9, written out unit by unit.

These loops are the paper's sums and nothing else: no tensor operation, no code shared with
`reproduce.units.net`, `backpropagation` and `descent`, which are held against them.
"""

import math
from dataclasses import dataclass

from reproduce.units.plan import Plan

STEP = 1e-5  # of the central differences


@dataclass(frozen=True)
class Net:
    """One net and its cases: a plan with one input and one output group.

    weights: for each group that is computed, the rows w_ji of each link in turn, then the biases.
    """

    plan: Plan
    weights: list[float]
    inputs: list[list[float]]  # [case][input unit]
    targets: list[list[float]]  # [case][output unit]


def index(net: Net) -> dict:
    """Where each weight is: (source, i, group, j) or, for a bias, (group, j)."""
    places: dict[tuple, int] = {}
    here = 0
    for group, sources in net.plan.sources.items():
        for source in sources:
            for j in range(net.plan.sizes[group]):
                for i in range(net.plan.sizes[source]):
                    places[source, i, group, j] = here
                    here += 1
        for j in range(net.plan.sizes[group]):
            places[group, j] = here
            here += 1
    return places


def forward(net: Net, weights: list[float], case: int) -> dict:
    """Equations 1 and 2: the activity y of every unit (group, j)."""
    at, sizes = index(net), net.plan.sizes
    (first,) = net.plan.inputs
    y: dict[tuple, float] = {(first, i): value for i, value in enumerate(net.inputs[case])}
    for group, sources in net.plan.sources.items():
        for j in range(sizes[group]):
            x = weights[at[group, j]]
            for source in sources:
                for i in range(sizes[source]):
                    x += y[source, i] * weights[at[source, i, group, j]]
            y[group, j] = 1 / (1 + math.exp(-x))
    return y


def total_error(net: Net, weights: list[float]) -> float:
    """Equation 3: E = 1/2 sum_c sum_j (y - d)^2."""
    (last,) = net.plan.outputs
    return 0.5 * sum(
        (forward(net, weights, case)[last, j] - d) ** 2
        for case, targets in enumerate(net.targets)
        for j, d in enumerate(targets)
    )


def backward(net: Net, weights: list[float]) -> list[float]:
    """Equations 4 to 7: dE/dw of every weight, summed over the cases."""
    at, sizes = index(net), net.plan.sizes
    (last,) = net.plan.outputs
    dE_dw = [0.0] * len(weights)
    for case, targets in enumerate(net.targets):
        y = forward(net, weights, case)
        dE_dy = dict.fromkeys(y, 0.0)
        for j, d in enumerate(targets):
            dE_dy[last, j] += y[last, j] - d
        for group, sources in reversed(net.plan.sources.items()):
            for j in range(sizes[group]):
                dE_dx = dE_dy[group, j] * y[group, j] * (1 - y[group, j])
                dE_dw[at[group, j]] += dE_dx
                for source in sources:
                    for i in range(sizes[source]):
                        dE_dw[at[source, i, group, j]] += dE_dx * y[source, i]
                        dE_dy[source, i] += dE_dx * weights[at[source, i, group, j]]
    return dE_dw


def descend(net: Net, epsilon: float, alpha: float, sweeps: int) -> list[float]:
    """Equation 9 for some sweeps: dw(t) = -epsilon dE/dw(t) + alpha dw(t-1). alpha 0 is eq. 8."""
    weights, change = list(net.weights), [0.0] * len(net.weights)
    for _ in range(sweeps):
        dE_dw = backward(net, weights)
        change = [
            -epsilon * slope + alpha * last for slope, last in zip(dE_dw, change, strict=True)
        ]
        weights = [w + step for w, step in zip(weights, change, strict=True)]
    return weights


def central_differences(net: Net) -> list[float]:
    """dE/dw of every weight as (E(w + h) - E(w - h)) / 2h."""
    slopes = []
    for place, w in enumerate(net.weights):
        raised, lowered = list(net.weights), list(net.weights)
        raised[place], lowered[place] = w + STEP, w - STEP
        slopes.append((total_error(net, raised) - total_error(net, lowered)) / (2 * STEP))
    return slopes
