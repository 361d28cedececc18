"""Rules for one published run: its place among ours."""

import math
from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pandas as pd
import scipy.stats
from scipy.spatial.distance import cdist

from reproduce.file.claim import Check
from reproduce.verdict.statistic import (
    CONFIDENCE,
    TAIL,
    central,
    is_time,
    ordered_quantile,
    share,
)
from reproduce.verdict.verdict import (
    ENOUGH_OF_FEW,
    ENOUGH_REPLICAS,
    EPSILON,
    NOT,
    REPRODUCED,
    UNDECIDED,
    Verdict,
    too_few,
)

PLAUSIBLE = round(1 - CONFIDENCE, 12)  # what is as rare as this among ours is none of ours


def within(check: Check, numbers: np.ndarray) -> Verdict:
    """The one published run lies inside the central 95% of our replicas, on both sides.

    A run of which a time was printed was solved, so it is placed among those of ours that were
    solved; where less than 5% of ours are, it is none of ours. Ours are rounded for the comparison
    as the paper rounds, not in what is reported.
    """
    all_of_ours, published = len(numbers), float(check.published)
    solved = numbers[np.isfinite(numbers)]
    n = len(solved)
    ours = f"the {n} solved of {all_of_ours}" if is_time(check.quantity) else f"our {n}"
    _, _, most = share(n, all_of_ours)
    if most < PLAUSIBLE:
        decided = f"{n} of {all_of_ours} solved, at most {most:.1%}; asked: {PLAUSIBLE:.0%}"
        return Verdict(NOT, decided, "", n)
    if n == 0:
        return Verdict(UNDECIDED, f"none of {all_of_ours} was solved")
    middle, (low, high) = ordered_quantile(solved, 0.5), central(solved)
    printed = solved if check.decimals is None else solved.round(check.decimals)
    below, above = int((printed <= published).sum()), int((printed >= published).sum())
    percentile = scipy.stats.percentileofscore(printed, published, kind="mean")
    rank_p = min(1.0, 2 * (1 + min(below, above)) / (n + 1))
    decided = f"percentile {percentile:.1f} of {ours}"
    reason = f"rank p = {rank_p:.2g}; the central 95% are asked"
    lowest, highest = central(printed)
    verdict = REPRODUCED if lowest <= published <= highest else NOT
    if n < ENOUGH_REPLICAS:
        verdict, reason = UNDECIDED, f"{decided}, {reason}"
        decided = f"{ours}; {ENOUGH_REPLICAS} are needed"
    return Verdict(verdict, decided, reason, n, middle, low, high)


def joint(check: Check, table: pd.DataFrame) -> Verdict:
    """All printed numbers of one run at once: is it as near to ours as ours are to each other?

    The distance of two nets is that of their farthest number, rounded as the print is. The
    published net is put among ours, and each of all has a distance to its nearest neighbour; if
    the published net were one of ours, its own would be among the largest 5% in 5% of cases.

    table: (n, printed numbers), complete.
    """
    assert check.quantities is not None  # `claim.NEEDED` for rule joint
    assert check.decimals is not None
    printed = np.array([[check.quantities[name] for name in table]])
    numbers = np.vstack([printed, table.to_numpy(float).round(check.decimals)])
    distances = cdist(numbers, numbers, "chebyshev")
    np.fill_diagonal(distances, np.inf)
    distance, *own = distances.min(axis=1)
    n, own = len(table), np.array(own)
    rank_p = (1 + int((own >= distance - EPSILON).sum())) / (n + 1)
    matches = int((distances[0, 1:] <= EPSILON).sum())
    far = ordered_quantile(own, CONFIDENCE)
    decided = f"nearest of our {n} is {distance:.3g} away, rank p = {rank_p:.2g}"
    reason = f"{matches} have all printed numbers; ours lie {np.median(own):.2g} from their "
    reason += f"nearest in the median, 95% of them within {far:.2g}"
    verdict = REPRODUCED if rank_p > 1 - CONFIDENCE else NOT
    if n < ENOUGH_REPLICAS:
        verdict, reason, decided = UNDECIDED, f"{decided}; {reason}", too_few(n, ENOUGH_REPLICAS)
    return Verdict(verdict, decided, reason, n, float(distance), float(own.min()), float(far))


def outcome(check: Check, numbers: np.ndarray) -> Verdict:
    """What came out of a run is not among the unlikeliest 5% of what comes out of ours.

    For runs with few possible outcomes. Its p is the share of ours whose outcome is no likelier
    than the published one, with the 95% interval of that share; several published runs are held
    against all draws of as many of ours, whatever the order within.
    """
    assert check.outcomes is not None  # `claim.NEEDED` for rule outcome
    size, n = len(check.outcomes), len(numbers) // len(check.outcomes)
    if not n:
        return Verdict(UNDECIDED, too_few(len(numbers), size), n=len(numbers))
    counted = Counter(numbers.tolist())
    chances: defaultdict[tuple[float, ...], float] = defaultdict(float)
    for drawn in product(counted, repeat=size):
        chance = math.prod(counted[value] / len(numbers) for value in drawn)
        chances[tuple(sorted(drawn))] += chance
    published = chances[tuple(sorted(map(float, check.outcomes)))]
    p = sum(chance for chance in chances.values() if chance <= published + EPSILON)
    _, low, high = share(round(p * n), n)
    verdict = REPRODUCED if low >= PLAUSIBLE else NOT if high < PLAUSIBLE else UNDECIDED
    decided = f"p = {p:.3f}, interval {low:.3f} to {high:.3f}; asked: {PLAUSIBLE:g} or more"
    reason = f"{published:.1%} of ours come out so"
    _, lowest, highest = share(round(published * n), n)
    return Verdict(verdict, decided, reason, len(numbers), published, lowest, highest)


def band(check: Check, numbers: np.ndarray) -> Verdict:
    """The one published run lies where one more run of ours is to be expected.

    The 95% prediction interval of a new value, normal in its logarithm: for few replicas of a
    positive quantity, of which the central 95% is not known.
    """
    n, published = len(numbers), float(check.published)
    few, flat = n < ENOUGH_OF_FEW, numbers.min() <= 0 or numbers.min() == numbers.max()
    if few or flat:
        decided = too_few(n, ENOUGH_OF_FEW) if few else "only different values above 0 have a band"
        middle, low, high = ordered_quantile(numbers, 0.5), numbers.min(), numbers.max()
        return Verdict(UNDECIDED, decided, "", n, float(middle), float(low), float(high))
    logs = np.log(numbers)
    half = scipy.stats.t.ppf(1 - TAIL, n - 1) * logs.std(ddof=1) * math.sqrt(1 + 1 / n)
    low, high = np.exp([logs.mean() - half, logs.mean() + half])
    decided = f"one more run is expected from {low:.3g} to {high:.3g}"
    reason = f"ours lie from {numbers.min():.3g} to {numbers.max():.3g}"
    verdict = REPRODUCED if low <= published <= high else NOT
    return Verdict(
        verdict, decided, reason, n, ordered_quantile(numbers, 0.5), float(low), float(high)
    )
