"""Numbers for each row of the weights of a population: a row is one weight, in every net.

The gradient of a weight is multiplied by some of them before the weight changes: 0 where a net does
not have it or holds it, 1 over the fan-in or over its uses where a reading divides by them.
"""

import math

import torch
from torch import Tensor

from reproduce.units.net import Units
from reproduce.units.part import part_of
from reproduce.units.start import LINKS, uniform

SIGNS = {"negative": (-math.inf, 0.0), "positive": (0.0, math.inf)}  # the range of a kept sign


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
    counts, plan = torch.empty(units.P, 1, dtype=torch.float64), units.plan
    views = units.parts(counts)
    for part in units.places:
        group = part if isinstance(part, str) else part[1]
        views[part].fill_(sum(plan.links[source, group].each for source in plan.sources[group]))
    return counts


def uses(units: Units) -> Tensor:
    """How often a weight is used: in pairs of units, links and time steps; (P, 1), float64."""
    counts, plan = torch.zeros(units.P, 1, dtype=torch.float64), units.plan
    views = units.parts(counts)
    for one in plan.passes:
        if plan.biases:
            views[one.group].add_(plan.sizes[one.group] if one.group in plan.one_bias else 1)
        for source in plan.sources[one.group]:
            link = plan.links[source, one.group]
            views[source, one.group].add_(link.ties // math.prod(link.shape))
    return counts


def drawn_links(units: Units, seed: int, first: int, replicas: int) -> Tensor:
    """Which weights replicas first, first + 1, ... have, 1 or 0, (P, replicas), float64.

    Of each random link exactly its share, rounded, is there. A replica draws from its own stream:
    its links are the same whatever the number of replicas, their split, or the device.
    """
    drawn = uniform(seed, first, replicas, units.P, LINKS)
    there = torch.ones_like(drawn)
    views, order = units.parts(there), units.parts(drawn)
    for part in units.places:
        link = units.plan.links.get(part) if isinstance(part, tuple) else None
        if link is not None and link.kind == "random":
            kept = round(link.share * link.ties)
            rank = order[part].flatten(0, 1).argsort(dim=0, stable=True).argsort(dim=0)
            views[part].copy_((rank < kept).view(views[part].shape))
    return there


def fixed(units: Units, hold: dict[str, dict[str, str]]) -> Tensor:
    """1 for a weight that does not learn and 0 for the others, (P, 1), float64.

    hold: by group and sending group (or `bias`) how weights are held.
    """
    found = torch.zeros(units.P, 1, dtype=torch.float64)
    views = units.parts(found)
    for group, parts in hold.items():
        for source, how in parts.items():
            views[part_of(group, source)].fill_(how == "fixed")
    return found


def limits(units: Units, hold: dict[str, dict[str, str]]) -> tuple[Tensor, Tensor] | None:
    """Least and most that each weight may be, (P, 1), float64; None where none keeps its sign."""
    least, most = (
        torch.full((units.P, 1), end, dtype=torch.float64) for end in (-math.inf, math.inf)
    )
    low, high = units.parts(least), units.parts(most)
    held = [(g, s, how) for g, parts in hold.items() for s, how in parts.items() if how in SIGNS]
    for group, source, how in held:
        part = part_of(group, source)
        low[part].fill_(SIGNS[how][0])
        high[part].fill_(SIGNS[how][1])
    return (least, most) if held else None
