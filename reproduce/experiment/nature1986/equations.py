"""The paper's equations held against other derivations; each replica is one random net.

Four derivations of the same slopes: the loops of `reproduce.units.by_hand`, the tensor program that
trains populations, torch's automatic differentiation, and central differences.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from reproduce.page.errors import draw_errors
from reproduce.run.config.study import EquationsExperiment
from reproduce.units import by_hand, squared_error
from reproduce.units.backpropagation import backpropagate
from reproduce.units.by_hand import Net
from reproduce.units.descent import Descent
from reproduce.units.net import Units
from reproduce.units.order import Place
from reproduce.units.plan import plan

NEEDS = {"schema": "equations"}


def random_net(seed: int, replica: int, init: float) -> Net:
    """Net `replica` of the study: 3 to 5 groups of 1 to 4 units, 1 to 6 cases.

    Every group receives from the one before it and, with probability 1/2 each, from those
    further back; the last always receives from the first as well, a link that skips.
    """
    chance = np.random.default_rng([seed, replica])
    sizes = {f"group{g}": int(chance.integers(1, 5)) for g in range(chance.integers(3, 6))}
    names = list(sizes)
    links = {
        name: [*(far for far in names[: place - 1] if chance.random() < 0.5), names[place - 1]]
        for place, name in enumerate(names[:-1])
        if place > 0
    }
    middle = [name for name in names[1:-2] if chance.random() < 0.5]
    links[names[-1]] = [names[0], *middle, names[-2]]
    drawn = plan(sizes, links)
    cases = int(chance.integers(1, 7))
    return Net(
        drawn,
        chance.uniform(-init, init, Units(drawn).P).tolist(),
        chance.uniform(-1, 1, (cases, sizes[names[0]])).tolist(),
        chance.uniform(0, 1, (cases, sizes[names[-1]])).tolist(),
    )


class TensorNet:
    """The same net as a population of one in the tensor program, float64."""

    def __init__(self, net: Net):
        self.units = Units(net.plan)
        self.weights = torch.tensor(net.weights, dtype=torch.float64)[:, None]
        self.inputs = torch.tensor(net.inputs, dtype=torch.float64).T[..., None]
        self.targets = torch.tensor(net.targets, dtype=torch.float64).T[..., None]

    def outputs(self, weights: Tensor) -> tuple[Tensor, dict[Place, Tensor]]:
        """Outputs (j, c, 1) and all activities at `weights` (P, 1)."""
        y = self.units.activities(self.units.parts(weights), self.inputs)
        return self.units.outputs(y), y

    def slopes(self, weights: Tensor) -> Tensor:
        """dE/dw by equations 4 to 7, (P, 1)."""
        output, y = self.outputs(weights)
        dE_dy = self.units.split_outputs(squared_error.slope(output, self.targets))
        gradient = torch.empty_like(weights)
        parts = self.units.parts
        backpropagate(self.units, parts(weights), y, dE_dy, parts(gradient))
        return gradient

    def autograd(self) -> Tensor:
        """dE/dw by automatic differentiation of E, (P, 1)."""
        weights = self.weights.clone().requires_grad_()
        error = squared_error.error(self.outputs(weights)[0], self.targets).sum()
        (slopes,) = torch.autograd.grad(error, weights)
        return slopes

    def descend(self, epsilon: float, alpha: float, sweeps: int) -> Tensor:
        """The weights after some sweeps of the rule that trains populations, (P, 1)."""
        step, share = (torch.tensor(x, dtype=torch.float64) for x in (epsilon, alpha))
        descent = Descent(step, share, decay=None)
        weights, velocity = self.weights.clone(), torch.zeros_like(self.weights)
        for _ in range(sweeps):
            descent.change(weights, velocity, self.slopes(weights))
        return weights


def relative(found: Tensor | list, truth: Tensor | list) -> float:
    """Largest difference of two lists of numbers over the largest magnitude in the second."""
    found, truth = (torch.as_tensor(x, dtype=torch.float64).flatten() for x in (found, truth))
    return ((found - truth).abs().max() / truth.abs().max()).item()


def study(config: EquationsExperiment) -> Iterator[dict[str, float]]:
    """One row of quantities for each random net.

    error_of_outputs: of the tensor program's outputs against equations 1 and 2 by hand.
    error_against_autograd, error_against_central_differences: of the equations by hand.
    error_of_program: of the tensor program's slopes against the equations by hand.
    error_of_change: of its weight changes over `run.sweeps` sweeps against equation 9 by hand.
    All are largest differences relative to the largest magnitude. weights: their number.
    """
    for replica in range(config.replicas):
        net = random_net(config.seed, replica, config.network.init)
        program, slopes = TensorNet(net), by_hand.backward(net, net.weights)
        rule = (config.rule.epsilon, config.rule.alpha, config.run.sweeps)
        start = torch.tensor(net.weights, dtype=torch.float64)
        changed = torch.tensor(by_hand.descend(net, *rule), dtype=torch.float64) - start
        (last,) = net.plan.outputs
        by_loops = [
            [by_hand.forward(net, net.weights, case)[last, j] for case in range(len(net.inputs))]
            for j in range(net.plan.sizes[last])
        ]
        yield {
            "error_of_outputs": relative(program.outputs(program.weights)[0][..., 0], by_loops),
            "error_against_autograd": relative(slopes, program.autograd()),
            "error_against_central_differences": relative(slopes, by_hand.central_differences(net)),
            "error_of_program": relative(program.slopes(program.weights), slopes),
            "error_of_change": relative(program.descend(*rule)[:, 0] - start, changed),
            "weights": float(len(net.weights)),
        }


draw = draw_errors
