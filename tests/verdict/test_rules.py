"""Each rule of comparison at and around its boundaries, against hand-computed truths."""

import math

import pandas as pd
import pytest

from reproduce.file.paper import Check
from reproduce.verdict.rule import judge
from reproduce.verdict.side import Side

Z = 1.959963984540054  # of the 95% interval
REPRODUCED, PARTLY, NOT = "reproduced", "partly", "not reproduced"
INCONCLUSIVE = "inconclusive"
NEVER = math.nan


def check(rule: str, published, quantity: str = "weight_large", **margins) -> Check:
    return Check(quantity, "unit", rule, published, ("paper/reading",), **margins)


def verdict(asked: Check, numbers, against=None):
    other = None if against is None else Side("paper/other", pd.Series(against, dtype=float))
    return judge(asked, pd.Series(numbers, dtype=float), other)


def shares(k: int, n: int) -> list[float]:
    return [1.0] * k + [0.0] * (n - k)


def wilson(k: int, n: int) -> tuple[float, float]:
    middle = (k + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * math.sqrt(k * (n - k) / n + Z * Z / 4)
    return middle - half, middle + half


# exact


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0.8805001, 0.8814999], REPRODUCED),
        ([0.8804999], NOT),
        ([0.8815001], NOT),
        ([0.881, 0.882], PARTLY),
    ],
)
def test_exact_holds_to_half_a_unit_of_the_last_printed_digit(numbers, expected):
    assert verdict(check("exact", 0.881, decimals=3), numbers).verdict == expected


def test_exact_of_a_count_is_equality():
    counted = check("exact", 65, decimals=0)
    assert verdict(counted, [65.126]).verdict == REPRODUCED
    assert verdict(counted, [63.08]).verdict == NOT
    assert verdict(counted, [63.08]).reproduced == 63.08


# within


@pytest.mark.parametrize(
    ("published", "expected"), [(4, NOT), (5, REPRODUCED), (196, REPRODUCED), (197, NOT)]
)
def test_within_is_the_central_95_percent(published, expected):
    # of 1..200 the 5th number from either end: as many lie outside below as above
    found = verdict(check("within", published), range(1, 201))
    assert found.verdict == expected
    assert (found.n, found.reproduced, found.low, found.high) == (200, 100, 5, 196)


@pytest.mark.parametrize(
    ("published", "percentile", "p"),
    [
        (150.5, "75.0", "0.51"),  # 150 of 200 below; 2 (1 + 50) / 201
        (100, "49.8", "1"),  # (99 + 100) / 2 of 200
        (0, "0.0", "0.01"),  # 2 (1 + 0) / 201
        (1, "0.2", "0.02"),  # (0 + 1) / 2 of 200; 2 (1 + 1) / 201
    ],
)
def test_within_prints_percentile_and_two_sided_rank_p(published, percentile, p):
    reason = verdict(check("within", published), range(1, 201)).reason
    assert reason == f"the published run is at percentile {percentile} of ours, p = {p}"


def test_the_rank_p_reaches_five_percent_at_39_replicas_and_not_before():
    reasons = [verdict(check("within", 0), range(1, n + 1)).reason for n in (38, 39)]
    assert [reason.rpartition("p = ")[2] for reason in reasons] == ["0.051", "0.05"]


def test_within_needs_200_replicas():
    asked = check("within", 100)
    assert verdict(asked, range(1, 200)).verdict == INCONCLUSIVE
    assert verdict(asked, range(1, 201)).verdict == REPRODUCED


def test_within_counts_only_replicas_in_which_the_question_arises():
    few = verdict(check("within", 100), [*range(1, 200), *[NEVER] * 800])
    assert (few.verdict, few.n) == (INCONCLUSIVE, 199)


@pytest.mark.parametrize(("unsolved", "expected", "high"), [(4, NOT, 196), (5, REPRODUCED, None)])
def test_within_takes_a_time_that_never_came_as_later_than_all(unsolved, expected, high):
    # 1000 is later than every solved start, so the 196th of 200 has to be one that never came
    times = [*range(1, 201 - unsolved), *[NEVER] * unsolved]
    found = verdict(check("within", 1000, "sweeps_to_solve"), times)
    assert (found.verdict, found.n, found.high) == (expected, 200, high)


def test_within_reports_no_median_when_most_never_came():
    found = verdict(check("within", 1425, "sweeps_to_solve"), [500.0] * 99 + [NEVER] * 101)
    assert (found.reproduced, found.low, found.high) == (None, 500, None)


@pytest.mark.parametrize(("ours", "expected"), [(3.649, REPRODUCED), (3.651, NOT)])
def test_within_rounds_ours_as_the_print_does_but_reports_it_unrounded(ours, expected):
    found = verdict(check("within", 3.6, decimals=1), [ours] * 200)
    assert (found.verdict, found.reproduced, found.low, found.high) == (expected, *[ours] * 3)
    assert verdict(check("within", 3.6), [ours] * 200).verdict == NOT


# proportion


@pytest.mark.parametrize("side", [0, 1])
def test_proportion_holds_inside_the_wilson_interval(side):
    end, outward = wilson(150, 200)[side], 2 * side - 1
    inside = verdict(check("proportion", end - outward * 1e-6), shares(150, 200))
    outside = verdict(check("proportion", end + outward * 1e-6), shares(150, 200))
    assert (inside.verdict, outside.verdict) == (REPRODUCED, NOT)
    assert inside.reproduced == 0.75
    assert (inside.low, inside.high) == pytest.approx(wilson(150, 200), abs=1e-12)


@pytest.mark.parametrize(("k", "expected"), [(9800, REPRODUCED), (9799, NOT), (10000, REPRODUCED)])
def test_proportion_holds_at_the_stated_margin(k, expected):
    # .98 to 1 is within .01 of .99, whatever binary arithmetic says; the Wilson interval is not
    assert not wilson(9800, 10_000)[0] <= 0.99 <= wilson(9800, 10_000)[1]
    asked = check("proportion", 0.99, "solved_by_10000", margin=0.01)
    assert verdict(asked, shares(k, 10_000)).verdict == expected
    assert verdict(check("proportion", 0.99), shares(k, 10_000)).verdict == NOT


def test_proportion_needs_200_replicas():
    assert verdict(check("proportion", 0.5), shares(100, 199)).verdict == INCONCLUSIVE
    assert verdict(check("proportion", 0.5), shares(100, 200)).verdict == REPRODUCED


# property


@pytest.mark.parametrize(
    ("k", "n", "expected"),
    [
        (19, 20, REPRODUCED),
        (18, 20, PARTLY),
        (10, 20, PARTLY),
        (9, 20, NOT),
        (19, 19, INCONCLUSIVE),
    ],
)
def test_property_is_asked_of_the_stated_share(k, n, expected):
    found = verdict(check("property", "on", at_least=1, share=0.95), shares(k, n))
    assert (found.verdict, found.reproduced) == (expected, k / n)
    assert (found.low, found.high) == pytest.approx(wilson(k, n), abs=1e-12)


def test_the_range_of_a_property_includes_its_ends():
    asked = check("property", "2", at_least=1.8, at_most=2.2, share=1)
    assert verdict(asked, [1.8, 2.2] * 10).reproduced == 1
    assert verdict(asked, [1.7999, 2.2001] * 10).reproduced == 0


def test_a_property_is_not_asked_where_the_question_does_not_arise():
    found = verdict(check("property", "on", at_most=0.5, share=1), [0.1] * 20 + [NEVER] * 80)
    assert (found.verdict, found.n) == (REPRODUCED, 20)


# ordering


def newcombe(k: int, n: int, k0: int, n0: int) -> tuple[float, float]:
    """Newcombe's hybrid score interval of a difference of shares."""
    (low, high), (low0, high0) = wilson(k, n), wilson(k0, n0)
    p, p0 = k / n, k0 / n0
    down, up = math.hypot(p - low, high0 - p0), math.hypot(high - p, p0 - low0)
    return p - p0 - down, p - p0 + up


@pytest.mark.parametrize("direction", ["more", "less"])
def test_ordering_needs_an_interval_clear_of_zero(direction):
    asked = check("ordering", direction, direction=direction, against="paper/other")
    seen = set()
    for k in range(70, 150):
        low, high = newcombe(k, 200, 120, 220)
        ahead, behind = (low > 0, high < 0) if direction == "more" else (high < 0, low > 0)
        expected = REPRODUCED if ahead else NOT if behind else INCONCLUSIVE
        found = verdict(asked, shares(k, 200), shares(120, 220))
        assert found.verdict == expected
        assert found.reproduced == pytest.approx(k / 200 - 120 / 220)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
        seen.add(expected)
    assert seen == {REPRODUCED, NOT, INCONCLUSIVE}


@pytest.mark.parametrize(("n", "n0"), [(199, 1000), (1000, 199)])
def test_ordering_needs_200_replicas_on_both_sides(n, n0):
    asked = check("ordering", "more", direction="more", against="paper/other")
    assert verdict(asked, shares(n, n), shares(0, n0)).verdict == INCONCLUSIVE


# nothing measured


@pytest.mark.parametrize(
    "asked",
    [
        check("exact", 1, decimals=0),
        check("within", 1),
        check("proportion", 0.5),
        check("property", "on", at_least=1, share=0.9),
        check("ordering", "more", direction="more", against="paper/other"),
    ],
    ids=lambda asked: asked.rule,
)
def test_nothing_measured_is_inconclusive_and_says_why(asked):
    assert judge(asked, None).reason == "not run"
    for found in (judge(asked, None), verdict(asked, [NEVER] * 500, [1.0] * 500)):
        assert found.verdict == INCONCLUSIVE
        assert (found.n, found.reproduced, found.low, found.high) == (0, None, None, None)


def test_an_ordering_against_nothing_is_inconclusive():
    asked = check("ordering", "more", direction="more", against="paper/other")
    not_run = verdict(asked, shares(200, 200))
    assert (not_run.verdict, not_run.reason) == (INCONCLUSIVE, "paper/other was not run")
    nowhere = verdict(asked, shares(200, 200), [NEVER] * 200)
    assert (nowhere.verdict, nowhere.reproduced) == (INCONCLUSIVE, None)
