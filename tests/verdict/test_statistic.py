"""Medians, intervals and shares against sorting, counting and binomial sums by hand."""

import math
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pandas as pd
import pytest

from reproduce.verdict.statistic import median_replica, ordered_quantile, share, summary, values

MISSING = math.nan


def by_counting(numbers, p: Fraction) -> float:
    """The smallest of the numbers that at least a share p of them do not exceed."""
    return sorted(numbers)[math.ceil(p * len(numbers)) - 1]


def interval_by_binomial(numbers) -> tuple[float | None, float | None]:
    """Order statistics k and n + 1 - k: k largest with P(fewer than k heads in n tosses) < .025."""
    n, ordered = len(numbers), sorted(numbers)
    ways = accumulate((math.comb(n, heads) for heads in range(n + 1)), initial=0)
    k = max(k for k, fewer in enumerate(ways) if fewer / 2**n < 0.025)
    ends = (ordered[k - 1], ordered[n - k]) if k else (math.inf, math.inf)
    return tuple(None if math.isinf(end) else end for end in ends)


def test_quantiles_are_the_numbers_themselves_also_among_infinities():
    chance = np.random.default_rng(0)
    for n in (*range(1, 60), 199, 200, 201, 999, 1000, 1001, 4000):
        numbers = chance.integers(0, 50, n).astype(float)
        numbers[chance.random(n) < 0.2] = math.inf
        for p in (Fraction(1, 40), Fraction(1, 2), Fraction(39, 40)):
            assert ordered_quantile(numbers, float(p)) == by_counting(numbers, p)


@pytest.mark.parametrize("n", [1, 5, 6, 9, 10, 25, 100, 1000])
@pytest.mark.parametrize("missing", [0.0, 0.1, 0.49, 0.51, 1.0])
def test_a_time_that_never_came_counts_as_later_than_every_other(n, missing):
    chance = np.random.default_rng([n, int(100 * missing)])
    times = chance.integers(1, 10_000, n).astype(float)
    times[: round(missing * n)] = MISSING
    counted = [math.inf if math.isnan(time) else time for time in chance.permutation(times)]
    median = by_counting(counted, Fraction(1, 2))
    low, high = interval_by_binomial(counted)
    assert summary("sweeps_to_solve", pd.Series(times)) == {
        "n": n,
        "median": None if math.isinf(median) else median,
        "low": low,
        "high": high,
        "unsolved": round(missing * n),
    }


def test_the_interval_of_ten_numbers_goes_from_the_second_to_the_ninth():
    # the sign test's well-known interval, 1 - 2 (1 + 10) / 2^10 = 97.9%
    found = summary("sweeps_to_solve", pd.Series([3.0, 1, 2, 5, 4, 7, 6, 9, MISSING, 8]))
    assert found == {"n": 10, "median": 5.0, "low": 2.0, "high": 9.0, "unsolved": 1}


def test_a_question_that_does_not_arise_is_left_out():
    column = pd.Series([MISSING, 4.0, 2.0, MISSING, 6.0])
    assert values("error_at_end", column).tolist() == [4.0, 2.0, 6.0]
    found = summary("error_at_end", column)
    assert (found["n"], found["median"], found["unsolved"]) == (3, 4.0, 2)
    nowhere = summary("error_at_end", pd.Series([MISSING] * 3))
    assert nowhere == {"n": 0, "median": None, "low": None, "high": None, "unsolved": 3}


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (10, 20), (198, 200), (1000, 1000)])
def test_the_interval_of_a_share_is_wilsons(k, n):
    z, p = 1.959963984540054, k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    ends = (p, max(0.0, middle - half), min(1.0, middle + half))
    assert share(k, n) == pytest.approx(ends, abs=1e-12)


@pytest.mark.parametrize("n", range(8))
def test_the_median_replica_is_the_lower_median_of_the_solved(n):
    chance = np.random.default_rng(n)
    for _ in range(20):
        times = pd.Series(np.where(chance.random(n) < 0.3, MISSING, chance.integers(1, 5, n)))
        solved = sorted((time, r) for r, time in enumerate(times) if not math.isnan(time))
        expected = solved[(len(solved) - 1) // 2][1] if solved else None
        assert median_replica(times) == expected


def test_the_median_replica_is_named_by_its_own_number_when_rows_are_left_out():
    assert median_replica(pd.Series([30.0, 10.0, 20.0], index=[4, 7, 9])) == 9
