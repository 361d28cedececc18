"""How the weights of a population start.

Replica r of seed s has the same start whatever the number of replicas, their split over
processes, or the device: its numbers are a fixed stretch of one counter-based stream (Philox).
"""

import numpy as np
import torch
from torch import Tensor

from reproduce.units.net import Units

WORDS_PER_STEP = 4  # Philox-4x64 gives four 64-bit words for each value of its counter


def uniform(seed: int, first: int, replicas: int, count: int) -> Tensor:
    """Uniform numbers in -1..1 for replicas first, first + 1, ...: (count, replicas), float64.

    Made on the CPU, so that every device starts from the same numbers.
    """
    steps = -(-count // WORDS_PER_STEP)
    stream = np.random.Philox(key=np.random.SeedSequence(seed).generate_state(2, np.uint64))
    stream.advance(first * steps)
    drawn = np.random.Generator(stream).random((replicas, steps * WORDS_PER_STEP))
    return torch.from_numpy(2 * drawn[:, :count].T - 1).contiguous()


def printed_weights(units: Units, weights: dict[str, dict]) -> Tensor:
    """A printed weight set that fits the plan (`Plan.fits`) as one column (P, 1), float64."""
    column = torch.empty(units.P, 1, dtype=torch.float64)
    views = units.parts(column)
    for part in units.places:
        view = views[part]
        group, source = (part, "bias") if isinstance(part, str) else (part[1], part[0])
        view.copy_(torch.tensor(weights[group][source], dtype=torch.float64)[..., None])
    return column


def with_equal_units(units: Units, weights: Tensor) -> None:
    """Give all units of each hidden group the weights of its first one, in place; (P, r).

    Links in and out and biases: nothing then tells the units of a group apart.
    """
    hidden = set(units.plan.sources) - {*units.plan.outputs}
    for part, view in units.parts(weights).items():
        source, group = (None, part) if isinstance(part, str) else part
        if group in hidden:
            view.copy_(view[:1].clone().expand_as(view))
        if source in hidden:
            view.copy_(view[:, :1].clone().expand_as(view))
