"""Rules for two sides: ours are less, or more, than another experiment's."""

import numpy as np
import scipy.stats
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.proportion import confint_proportions_2indep

from reproduce.file.claim import Check
from reproduce.verdict.statistic import (
    CONFIDENCE,
    finite_or_none,
    is_time,
    ordered_quantile,
    share,
)
from reproduce.verdict.verdict import (
    ENOUGH_OF_FEW,
    ENOUGH_REPLICAS,
    NOT,
    REPRODUCED,
    UNDECIDED,
    Verdict,
)


def ordering(check: Check, numbers: np.ndarray, others: np.ndarray, name: str) -> Verdict:
    """Ours are less, or more, than the others as published, by the 95% interval of the effect.

    The effect is the difference of the shares of 1 where nothing but 0 and 1 is there, otherwise
    the probability that ours is less (of times: earlier), half of ties. Both sides may start from
    the same random numbers; they are taken as independent.
    """
    n, n0 = len(numbers), len(others)
    as_shares = not is_time(check.quantity) and np.isin([*numbers, *others], (0, 1)).all()
    if as_shares:
        k, k0 = int((numbers == 1).sum()), int((others == 1).sum())
        low, high = confint_proportions_2indep(k, n, k0, n0, compare="diff", method="newcomb")
        found, less, more = k / n - k0 / n0, high < 0, low > 0
        decided = f"difference {low:+.3f} to {high:+.3f}; asked: {check.direction} than 0"
        reason = f"{k} of {n} against {k0} of {n0} in {name}"
    else:
        found, low, high = probability_of_less(numbers, others)
        less, more = low > 0.5, high < 0.5
        side = "above" if check.direction == "less" else "below"
        decided = f"chance to be less {low:.3f} to {high:.3f}; asked: {side} 0.5"
        decided = "all values are equal" if np.isnan(low) else decided
        ours, theirs = (middle(check.quantity, side) for side in (numbers, others))
        reason = f"median {ours} against {theirs} in {name}"
    as_published, opposite = (less, more) if check.direction == "less" else (more, less)
    if min(n, n0) < ENOUGH_REPLICAS:
        verdict, reason = UNDECIDED, f"{decided}; {reason}"
        decided = f"{n} against {n0} replicas, {ENOUGH_REPLICAS} are needed"
    elif as_published:
        verdict = REPRODUCED
    elif opposite:
        verdict = NOT
    else:
        verdict = UNDECIDED
    return Verdict(
        verdict, decided, reason, n, float(found), finite_or_none(low), finite_or_none(high)
    )


def contrast(check: Check, numbers: np.ndarray, others: np.ndarray, name: str) -> Verdict:
    """Ours are less, or more, than the others by the exact test of Mann and Whitney, p <= .05.

    For few replicas of large models; the effect is the probability that one of ours lies on the
    published side of one of the others, half of ties, and has no interval.
    """
    n, n0 = len(numbers), len(others)
    sides = (others, numbers) if check.direction == "less" else (numbers, others)
    tested = scipy.stats.mannwhitneyu(*sides, method="exact")
    effect = float(tested.statistic) / (n * n0)
    medians = (float(np.median(side)) for side in (numbers, others))
    reason = "median {:.4g} against {:.4g}".format(*medians)
    reason += f" in {name}, {n} against {n0}"
    decided = f"{effect:.3g} of the pairs as published, exact p = {tested.pvalue:.2g}"
    if min(n, n0) < ENOUGH_OF_FEW:
        verdict, reason = UNDECIDED, f"{decided}; {reason}"
        decided = f"{n} against {n0} replicas, {ENOUGH_OF_FEW} are needed"
    elif tested.pvalue > 1 - CONFIDENCE:
        verdict = UNDECIDED
    else:
        verdict = REPRODUCED if effect > 0.5 else NOT
    return Verdict(verdict, decided, reason, n, effect)


def probability_of_less(numbers: np.ndarray, others: np.ndarray) -> tuple[float, float, float]:
    """P(ours < theirs) + P(ours = theirs) / 2, and its 95% interval by Brunner and Munzel.

    Where one side lies wholly before the other that interval has no width; Wilson's then, as if
    each replica were compared with only one of the other side. nan where all values are equal.
    """
    ours, theirs = np.nan_to_num(numbers), np.nan_to_num(others)  # infinite: the largest number
    if ours.max() < theirs.min() or theirs.max() < ours.min():
        pairs = min(len(ours), len(theirs))
        return share(pairs if ours.max() < theirs.min() else 0, pairs)
    with np.errstate(divide="ignore", invalid="ignore"):
        compared = rank_compare_2indep(theirs, ours)
        interval = compared.conf_int(alpha=1 - CONFIDENCE)
    low, high = np.clip(interval, 0, 1)
    return float(compared.prob1), float(low), float(high)


def middle(quantity: str, numbers: np.ndarray) -> str:
    """The median in words, and of times how many never came."""
    median = ordered_quantile(numbers, 0.5)
    if not is_time(quantity):
        return f"{median:.4g}"
    unsolved = f"({np.isinf(numbers).sum()} of {len(numbers)} unsolved)"
    return f"{median:g} {unsolved}" if np.isfinite(median) else f"later {unsolved}"
