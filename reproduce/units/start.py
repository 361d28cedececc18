"""How the weights of a population start, and the numbers that each net draws.

Replica r of seed s has the same start whatever the number of replicas, their split over
processes, or the device: its numbers are a fixed stretch of one counter-based stream (Philox).
"""

import numpy as np
import torch
from torch import Tensor

from reproduce.units.net import Units
from reproduce.units.part import part_of

WORDS_PER_STEP = 4  # Philox-4x64 gives four 64-bit words for each value of its counter
LINKS, ORDER = 1, 2  # purposes of streams beside that of the weights


def uniform(seed: int, first: int, replicas: int, count: int, *purpose: int) -> Tensor:
    """Uniform numbers in -1..1 for replicas first, first + 1, ...: (count, replicas), float64.

    Made on the CPU, so that every device starts from the same numbers. purpose: numbers that name
    a stream of its own; without any it is that of the weights.
    """
    steps = -(-count // WORDS_PER_STEP)
    source = np.random.SeedSequence([seed, *purpose] if purpose else seed)
    stream = np.random.Philox(key=source.generate_state(2, np.uint64))
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


def start_by_part(units: Units, weights: Tensor, drawn: Tensor, start: dict[str, dict]) -> None:
    """Let parts begin where the config says, in place; weights: (P, r), drawn: in -1..1, (P, r).

    start: by group and sending group (or `bias`) a value, a tuple of the two ends of a range, or
    the printed weights of the part, in nested lists of its shape.
    """
    views, chance = units.parts(weights), units.parts(drawn)
    for group, parts in start.items():
        for source, begin in parts.items():
            part = part_of(group, source)
            if isinstance(begin, tuple):
                middle, half = (begin[0] + begin[1]) / 2, (begin[1] - begin[0]) / 2
                views[part].copy_(chance[part] * half + middle)
            else:
                values = torch.tensor(begin, dtype=torch.float64)
                views[part].copy_(values[..., None] if values.dim() else values)


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
