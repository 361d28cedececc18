"""The order in which cases are presented, where each net draws its own in each sweep.

Replica r of seed s has the same order in a sweep whatever the number of replicas, their split over
processes, or the device: its numbers are a fixed stretch of the counter-based stream of the sweep.
"""

from torch import Tensor

from reproduce.units.start import ORDER, uniform


def drawn_order(seed: int, replica: Tensor, sweep: int, cases: int) -> Tensor:
    """The cases of each of some replicas in their order in a sweep, int64 (cases, r).

    replica: their numbers, (r,). On a device without data the numbers are those of replica 0.
    """
    if replica.is_meta:
        return replica.new_zeros(cases, len(replica))
    own = replica.cpu()
    first, last = int(own.min()), int(own.max())
    drawn = uniform(seed, first, last + 1 - first, cases, ORDER, sweep)
    return drawn[:, own - first].argsort(0).to(replica.device)


def in_order(values: Tensor, order: Tensor) -> Tensor:
    """Values (..., c, 1 or r) with the cases of each net in its order, (..., c, r)."""
    shape = (*values.shape[:-1], order.shape[-1])
    return values.expand(shape).gather(-2, order.expand(shape))
