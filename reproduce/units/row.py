"""Numbers with which the gradient of each weight is multiplied before the weight changes.

0 for a weight that a net does not have, so that it stays as it starts; 1 over the fan-in or the
number of uses where a reading divides by them. A row is one weight, in every net of a population.
"""

import torch
from torch import Tensor

from reproduce.units.net import Units


def present(units: Units, group: str, sizes: Tensor) -> Tensor:
    """1 where a weight is there and 0 where it is not, (P, r), float64.

    sizes: how many units of `group` each net has, (r,); its further units are tied to nothing.
    """
    there = torch.ones(units.P, len(sizes), dtype=torch.float64)
    unit = torch.arange(units.plan.sizes[group])[:, None] < sizes  # (units, r)
    for part, view in units.parts(there).items():
        source, receiver = (None, part) if isinstance(part, str) else part
        if receiver == group:
            view.mul_(unit if source is None else unit[:, None])
        if source == group:
            view.mul_(unit)
    return there


def fan_in(units: Units) -> Tensor:
    """How many links lead into the unit that a weight or bias belongs to, (P, 1), float64."""
    counts = torch.empty(units.P, 1, dtype=torch.float64)
    views = units.parts(counts)
    for part in units.places:
        group = part if isinstance(part, str) else part[1]
        views[part].fill_(units.plan.units(units.plan.sources[group]))
    return counts


def uses(units: Units) -> Tensor:
    """In how many links, or time steps, a weight is used, (P, 1), float64."""
    counts = torch.ones(units.P, 1, dtype=torch.float64)
    for view in (units.parts(counts)[part] for part in units.shared):
        view.add_(1)
    return counts
