"""A net that is iterated against the layered net that is its equivalent (Nature 1986, Fig. 5).

Each replica is one random net of fully connected units, with a random number of iterations.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from reproduce.experiment.nature1986.equations import TensorNet, relative
from reproduce.page.errors import draw_errors
from reproduce.run.config.study import IteratedExperiment
from reproduce.units import by_hand, squared_error
from reproduce.units.by_hand import Net
from reproduce.units.plan import Plan, plan

NEEDS = {"schema": "iterated"}
LONGEST = 6  # iterations


def unrolled(units: int, iterations: int, shared: bool) -> Plan:
    """One group of units for each time step; shared: all steps have the weights of the first."""
    steps = [f"step{t}" for t in range(iterations + 1)]
    links = {after: [before] for before, after in itertools.pairwise(steps)}
    like = dict.fromkeys(steps[2:], steps[1]) if shared else {}
    return plan(dict.fromkeys(steps, units), links, like)


def by_iteration(net: Net, iterations: int) -> tuple[Tensor, Tensor]:
    """Outputs (units, c) and dE/dw (P,) of the net that is iterated, by automatic differentiation.

    y(t) = 1 / (1 + exp(-(W y(t - 1) + b))), with the inputs as y(0).
    """
    y = torch.tensor(net.inputs, dtype=torch.float64).T
    targets = torch.tensor(net.targets, dtype=torch.float64).T
    weights = torch.tensor(net.weights, dtype=torch.float64, requires_grad=True)
    units = len(y)
    W, b = weights[: units * units].view(units, units), weights[units * units :, None]
    for _ in range(iterations):
        y = torch.sigmoid(W @ y + b)
    error = squared_error.error(y[..., None], targets[..., None]).sum()
    (slopes,) = torch.autograd.grad(error, weights)
    return y.detach(), slopes


def study(config: IteratedExperiment) -> Iterator[dict[str, float]]:
    """One row of quantities for each random net.

    error_of_shared_outputs, error_of_layered_outputs: of the tensor program with shared weights,
    and of the layered net with copies of them, against the net that is iterated.
    error_of_shared_gradient: of the program's slopes against automatic differentiation of the
    iterated net. error_of_layered_sum: of the sum over the layers of their slopes by hand.
    All are largest differences relative to the largest magnitude.
    direction_of_average: one minus the cosine between the average over the layers of the slopes by
    hand and the program's slopes, which are a sum. error_of_factor: of the ratio of their lengths
    against T. iterations: T.
    """
    for replica in range(config.replicas):
        chance = np.random.default_rng([config.seed, replica])
        units, iterations, cases = (
            int(chance.integers(*ends)) for ends in ((2, 6), (1, LONGEST + 1), (1, 7))
        )
        init = config.network.init
        weights = chance.uniform(-init, init, units * units + units).tolist()
        data = (chance.uniform(0, 1, (cases, units)).tolist() for _ in range(2))
        shared = Net(unrolled(units, iterations, True), weights, *data)
        layered = Net(
            unrolled(units, iterations, False), weights * iterations, shared.inputs, shared.targets
        )
        outputs, gradient = by_iteration(shared, iterations)
        program, copies = TensorNet(shared), TensorNet(layered)
        summed = program.slopes(program.weights)[:, 0]
        by_layer = torch.tensor(by_hand.backward(layered, layered.weights), dtype=torch.float64)
        by_layer = by_layer.view(iterations, -1)
        average = by_layer.mean(0)
        cosine = torch.cosine_similarity(summed, average, dim=0, eps=0)
        factor = summed.norm() / average.norm()
        yield {
            "error_of_shared_outputs": relative(program.outputs(program.weights)[0], outputs),
            "error_of_layered_outputs": relative(copies.outputs(copies.weights)[0], outputs),
            "error_of_shared_gradient": relative(summed, gradient),
            "error_of_layered_sum": relative(by_layer.sum(0), gradient),
            "direction_of_average": (1 - cosine).abs().item(),
            "error_of_factor": (factor / iterations - 1).abs().item(),
            "iterations": float(iterations),
        }


draw = draw_errors
