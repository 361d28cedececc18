"""How many replicas are worked on at once."""

import os
import sys

import torch

from reproduce.units.net import Units
from reproduce.units.sweep import LANES

CORE_CACHE = 512 * 1024  # bytes that a block may take where it is to stay near its core
SHARE_OF_FREE = 0.5
COPIES = 4  # tensors of a sweep that are there at once: activities and slopes, old and new


def bytes_per_replica(units: Units, cases: int, where: dict, fused: bool) -> int:
    """What one replica takes while it makes a sweep.

    Fused sweeps hold the activities; eager ones also the products of each link before the sum.
    """
    plan = units.plan
    held = sum(plan.sizes[one.group] for one in plan.passes) * cases + 3 * units.P
    if not fused:
        products = [link.ties * cases for link in plan.links.values()]
        held = COPIES * held + 2 * max(products)
    return held * torch.empty((), dtype=where["dtype"]).element_size()


def free_bytes(device: torch.device) -> int:
    """Memory that is free on the device."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    pages = "SC_AVPHYS_PAGES"  # not known everywhere; the cache is the narrower limit
    known = pages in os.sysconf_names
    return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE") if known else sys.maxsize


def lanes_at_once(units: Units, cases: int, where: dict, fused: bool) -> int:
    """How many replicas one block has: a multiple of LANES.

    On the CPU what fits the cache of a core (eagerly sixteen times that, so that the work on a
    tensor outweighs the call); on CUDA as many as there is memory for; at least LANES.
    """
    each = bytes_per_replica(units, cases, where, fused)
    allowed = int(SHARE_OF_FREE * free_bytes(where["device"]))
    if where["device"].type != "cuda":
        allowed = min(allowed, CORE_CACHE if fused else 16 * CORE_CACHE)
    return max(1, allowed // each // LANES) * LANES
