"""The learning rate at every step; steps count from 1."""

import math


def from_1(step: int) -> int:
    """The step itself. ValueError for a step before the first."""
    if step < 1:
        raise ValueError(f"step {step}: steps count from 1")
    return step


def transformer(step: int, d_model: int, warmup: int, factor: float = 1.0) -> float:
    """d_model^-0.5 * min(step^-0.5, step * warmup^-1.5), times `factor`.

    Attention Is All You Need, section 5.3, equation 3, which has no factor. The rate grows by the
    same amount at each of the first `warmup` steps, has its peak (d_model * warmup)^-0.5 there, and
    falls as 1 / sqrt(step). ValueError for a step below 1.
    """
    return factor * d_model**-0.5 * min(from_1(step) ** -0.5, step * warmup**-1.5)


def cosine(step: int, peak: float, last: float, warmup: int, end: int) -> float:
    """A linear warm-up to `peak`, half a cosine wave down to `last`, then `last`.

    nanoGPT's schedule, whose program counts steps from 0: `warmup` and `end` are counts of that
    kind, so that step warmup + 1 has the peak and step end + 1 is the first with `last`.
    warmup < end. ValueError for a step below 1.
    """
    if from_1(step) <= warmup:
        return peak * step / (warmup + 1)
    way = min(1.0, (step - 1 - warmup) / (end - warmup))
    return last + 0.5 * (1 + math.cos(math.pi * way)) * (peak - last)


def constant(step: int, rate: float) -> float:
    """`rate` at every step. ValueError for a step below 1."""
    from_1(step)
    return rate
