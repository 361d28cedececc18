"""Rules for shares of replicas: a published share, and a property of most or all nets."""

import numpy as np
from statsmodels.stats.proportion import confint_proportions_2indep

from reproduce.file.claim import Check
from reproduce.verdict.side import bounds
from reproduce.verdict.statistic import share
from reproduce.verdict.verdict import (
    ENOUGH_REPLICAS,
    EPSILON,
    NOT,
    PARTLY,
    REPRODUCED,
    UNDECIDED,
    Verdict,
    too_few,
)

ENOUGH_FOR_ALL = 20  # where a property is asked of every replica, without `enough`
MOST = 0.5


def proportion(check: Check, numbers: np.ndarray) -> Verdict:
    """Our share agrees with the published one, interval against interval."""
    n, k = len(numbers), int((numbers == 1).sum())
    found, low, high = share(k, n)
    if check.margin is None:
        verdict, decided = of_sample(check, k, n)
    else:
        verdict, decided = in_margin(float(check.published), check.margin, low, high)
    reason = f"{k} of {n}"
    if n < ENOUGH_REPLICAS:
        verdict, reason, decided = UNDECIDED, f"{reason}; {decided}", too_few(n, ENOUGH_REPLICAS)
    return Verdict(verdict, decided, reason, n, found, low, high)


def of_sample(check: Check, k: int, n: int) -> tuple[str, str]:
    """A published count of unknown n against ours: Newcombe's 95% interval of the difference.

    It is asked for each n that is possible; where they disagree nothing is decided.
    """
    assert check.of is not None  # `claim.SHARE_OR_COUNT`
    assert check.all_but is not None
    agree, told = [], []
    for size in check.of:
        theirs = size - check.all_but
        low, high = confint_proportions_2indep(k, n, theirs, size, compare="diff", method="newcomb")
        agree.append(low <= EPSILON and high >= -EPSILON)
        told.append(f"{theirs} of {size}: difference {low:+.3f} to {high:+.3f}")
    verdict = REPRODUCED if all(agree) else UNDECIDED if any(agree) else NOT
    return verdict, f"ours less {'; less '.join(told)}; asked: 0 lies inside"


def in_margin(published: float, margin: float, low: float, high: float) -> tuple[str, str]:
    """The whole 95% interval of ours within the margin of a published share, or wholly outside."""
    lowest, highest = max(0.0, published - margin), min(1.0, published + margin)
    inside = lowest - EPSILON <= low and high <= highest + EPSILON
    outside = high < lowest - EPSILON or low > highest + EPSILON
    verdict = REPRODUCED if inside else NOT if outside else UNDECIDED
    return verdict, f"interval {low:.3f} to {high:.3f}; asked: {lowest:g} to {highest:g}"


def holds(check: Check, numbers: np.ndarray) -> Verdict:
    """The property holds in at least the asked share of the replicas of which it is asked.

    The 95% interval decides: reproduced where all of it reaches the share, undecided where a part
    does; below, partly where the property still holds in most. A property of every net is refuted
    by one that lacks it.
    """
    assert check.share is not None  # `claim.NEEDED` for rule property
    lowest, highest = bounds(check)
    n, k = len(numbers), int(((numbers >= lowest) & (numbers <= highest)).sum())
    found, low, high = share(k, n)
    reached, missed = (
        (k == n, k < n) if check.share == 1 else (low >= check.share, high < check.share)
    )
    below = PARTLY if low > MOST else NOT
    verdict = REPRODUCED if reached else below if missed else UNDECIDED
    asked = "all" if check.share == 1 else f"{check.share:g} or more"
    decided = f"{k} of {n}, interval {low:.3f} to {high:.3f}; asked: {asked}"
    reason = (
        f"holds where {span(check)}; values from {said(numbers.min())} to {said(numbers.max())}"
    )
    needed = check.enough or (ENOUGH_FOR_ALL if check.share == 1 else 1)
    if n < needed:
        verdict, reason, decided = UNDECIDED, f"{decided}; {reason}", too_few(n, needed)
    return Verdict(verdict, decided, reason, n, found, low, high)


def span(check: Check) -> str:
    """The range in which a property holds, in words."""
    low, high = bounds(check)
    if check.at_least is None or check.at_most is None:
        return f"at most {high:g}" if check.at_least is None else f"at least {low:g}"
    return f"{low:g} to {high:g}"


def said(number: float) -> str:
    """A value in words; an infinite one is a time that never came."""
    return f"{number:.4g}" if np.isfinite(number) else "later"
