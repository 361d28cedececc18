"""The rules of comparison: a claim's check and one value a replica give a verdict.

Margins stand in papers/*.yaml and are fixed before the run.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.proportion import confint_proportions_2indep

from reproduce.file.paper import TWO_SIDED, Check
from reproduce.verdict.side import Side, bounds
from reproduce.verdict.statistic import (
    CONFIDENCE,
    TAIL,
    central,
    finite_or_none,
    is_time,
    ordered_quantile,
    share,
    values,
)

REPRODUCED, PARTLY, NOT = "reproduced", "partly", "not reproduced"
INCONCLUSIVE, NO_VERDICT = "inconclusive", "no verdict"
ENOUGH_REPLICAS = 200  # below this one published run cannot be placed among ours
ENOUGH_FOR_PROPERTY = 20
ENOUGH_OF_FEW = 5  # large models: for rules that are exact, or allow for it, at few replicas
EPSILON = 1e-12  # so that .99 is within .01 of 1 in binary arithmetic


@dataclass(frozen=True)
class Verdict:
    """What came out: a value with an interval, over how many replicas, and what follows.

    reproduced, low, high: None stands for a time that never came, or for no value at all.
    """

    verdict: str
    reason: str
    n: int = 0
    reproduced: float | None = None
    low: float | None = None
    high: float | None = None


def judge(check: Check, column: pd.Series | None, other: Side | None = None) -> Verdict:
    """Apply the check's rule to the measured column (one value a replica, nan as `statistic`).

    other: of rule ordering, what the column is compared with.
    """
    if column is None:
        return Verdict(INCONCLUSIVE, "not run")
    numbers = values(check.quantity, column.dropna() if check.solved else column)
    if len(numbers) == 0:
        return Verdict(INCONCLUSIVE, "no net has a value here")
    if check.rule in TWO_SIDED:
        if other is None or other.column is None:
            return Verdict(INCONCLUSIVE, f"{check.against} was not run")
        theirs = other.column.dropna() if check.solved else other.column
        others = values(check.quantity, theirs)
        if len(others) == 0:
            return Verdict(INCONCLUSIVE, f"no net of {other.name} has a value here")
        two_sided = ordering if check.rule == "ordering" else contrast
        return two_sided(check, numbers, others, other.name)
    rules = {"exact": exact, "within": within, "proportion": proportion, "property": holds}
    rules["band"] = band
    return rules[check.rule](check, numbers)


def exact(check: Check, numbers: np.ndarray) -> Verdict:
    """Equal after rounding as the paper does, in every replica."""
    low, high = float(numbers.min()), float(numbers.max())
    same = np.array([round(x, check.decimals) == check.published for x in numbers])
    middle = ordered_quantile(numbers, 0.5)
    found = f"{low:.{check.decimals}f}" if low == high else f"{low:g} to {high:g}"
    if same.all():
        return Verdict(REPRODUCED, f"{found} as published", len(numbers), middle, low, high)
    verdict = PARTLY if same.any() else NOT
    reason = f"{found} where {check.published:g} is published"
    return Verdict(verdict, reason, len(numbers), middle, low, high)


def within(check: Check, numbers: np.ndarray) -> Verdict:
    """The one published run lies inside the central 95% of our replicas.

    Ours are rounded for the comparison as the paper rounds, not in what is reported.
    """
    n, published = len(numbers), float(check.published)
    low, high = central(numbers)
    printed = numbers if check.decimals is None else numbers.round(check.decimals)
    below, above = int((printed <= published).sum()), int((printed >= published).sum())
    percentile = scipy.stats.percentileofscore(printed, published, kind="mean")
    rank_p = min(1.0, 2 * (1 + min(below, above)) / (n + 1))
    reason = f"the published run is at percentile {percentile:.1f} of ours, p = {rank_p:.2g}"
    lowest, highest = central(printed)
    verdict = REPRODUCED if lowest <= published <= highest else NOT
    if n < ENOUGH_REPLICAS:
        verdict, reason = INCONCLUSIVE, f"{n} replicas, {ENOUGH_REPLICAS} are needed; {reason}"
    return Verdict(
        verdict, reason, n, *map(finite_or_none, (ordered_quantile(numbers, 0.5), low, high))
    )


def band(check: Check, numbers: np.ndarray) -> Verdict:
    """The one published run lies where one more run of ours is to be expected.

    The 95% prediction interval of a new value, normal in its logarithm: for few replicas of a
    positive quantity, of which the central 95% is not known.
    """
    n, published = len(numbers), float(check.published)
    few, flat = n < ENOUGH_OF_FEW, numbers.min() <= 0 or numbers.min() == numbers.max()
    if few or flat:
        needed = f"{n} replicas, {ENOUGH_OF_FEW} are needed"
        reason = needed if few else "only different values above 0 have a band"
        middle, low, high = ordered_quantile(numbers, 0.5), numbers.min(), numbers.max()
        return Verdict(INCONCLUSIVE, reason, n, float(middle), float(low), float(high))
    logs = np.log(numbers)
    half = scipy.stats.t.ppf(1 - TAIL, n - 1) * logs.std(ddof=1) * math.sqrt(1 + 1 / n)
    low, high = np.exp([logs.mean() - half, logs.mean() + half])
    reason = f"one more run is expected from {low:.3g} to {high:.3g}; "
    reason += f"ours lie from {numbers.min():.3g} to {numbers.max():.3g}"
    verdict = REPRODUCED if low <= published <= high else NOT
    return Verdict(verdict, reason, n, ordered_quantile(numbers, 0.5), float(low), float(high))


def proportion(check: Check, numbers: np.ndarray) -> Verdict:
    """The published share is inside the Wilson interval of ours, or ours inside its margin."""
    n, k = len(numbers), int((numbers == 1).sum())
    found, low, high = share(k, n)
    published = float(check.published)
    near = check.margin is not None and abs(found - published) <= check.margin + EPSILON
    allowed = "" if check.margin is None else f" with a margin of {check.margin:g}"
    reason = f"{k} of {n}; published {published:g}{allowed}"
    verdict = REPRODUCED if near or low <= published <= high else NOT
    if n < ENOUGH_REPLICAS:
        verdict, reason = INCONCLUSIVE, f"{n} replicas, {ENOUGH_REPLICAS} are needed; {reason}"
    return Verdict(verdict, reason, n, found, low, high)


def holds(check: Check, numbers: np.ndarray) -> Verdict:
    """The property holds in at least the claim's share of the replicas of which it is asked."""
    assert check.share is not None  # `paper.NEEDED` for rule property
    low, high = bounds(check)
    n, k = len(numbers), int(((numbers >= low) & (numbers <= high)).sum())
    found, lower, upper = share(k, n)
    if check.at_least is None or check.at_most is None:
        span = f"at most {high:g}" if check.at_least is None else f"at least {low:g}"
    else:
        span = f"{low:g} to {high:g}"
    reason = f"{span} in {k} of {n}; asked of a share of {check.share:g}; "
    reason += f"values from {numbers.min():.4g} to {numbers.max():.4g}"
    verdict = REPRODUCED if found >= check.share else PARTLY if found >= 0.5 else NOT
    if n < (check.enough or ENOUGH_FOR_PROPERTY):
        verdict, reason = INCONCLUSIVE, f"only {n} replicas; {reason}"
    return Verdict(verdict, reason, n, found, lower, upper)


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
        reason = f"{k} of {n} against {k0} of {n0} in {name}"
    else:
        found, low, high = probability_of_less(numbers, others)
        less, more = low > 0.5, high < 0.5
        ours, theirs = (middle(check.quantity, side) for side in (numbers, others))
        reason = f"median {ours} against {theirs} in {name}"
    as_published, opposite = (less, more) if check.direction == "less" else (more, less)
    if min(n, n0) < ENOUGH_REPLICAS:
        verdict, reason = INCONCLUSIVE, f"{ENOUGH_REPLICAS} replicas are needed; {reason}"
    elif as_published:
        verdict = REPRODUCED
    elif opposite:
        verdict, reason = NOT, f"the other way round: {reason}"
    else:
        verdict, reason = INCONCLUSIVE, f"no difference to be told; {reason}"
    return Verdict(verdict, reason, n, float(found), finite_or_none(low), finite_or_none(high))


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
    reason += f" in {name}, {n} against {n0}, exact p = {tested.pvalue:.2g}"
    if min(n, n0) < ENOUGH_OF_FEW:
        verdict, reason = INCONCLUSIVE, f"{ENOUGH_OF_FEW} replicas are needed; {reason}"
    elif tested.pvalue > 1 - CONFIDENCE:
        verdict, reason = INCONCLUSIVE, f"no difference to be told; {reason}"
    elif effect > 0.5:
        verdict = REPRODUCED
    else:
        verdict, reason = NOT, f"the other way round: {reason}"
    return Verdict(verdict, reason, n, effect)


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
