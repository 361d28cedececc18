"""Each rule of comparison at and around its boundaries, against hand-computed truths."""

import math
import re

import pandas as pd
import pytest
from claimed import check

from reproduce.file.claim import Check
from reproduce.verdict.rule import judge
from reproduce.verdict.side import Side

Z = 1.959963984540054  # of the 95% interval
REPRODUCED, PARTLY, NOT = "reproduced", "partly", "not reproduced"
UNDECIDED = "undecided"
NEVER = math.nan


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
    found = verdict(check("within", published), range(1, 201))
    assert found.decided_by == f"percentile {percentile} of our 200"
    assert found.reason == f"rank p = {p}; the central 95% are asked"


def test_the_rank_p_reaches_five_percent_at_39_replicas_and_not_before():
    reasons = [verdict(check("within", 0), range(1, n + 1)).reason for n in (38, 39)]
    assert [re.search(r"p = ([\d.]+)", reason)[1] for reason in reasons] == ["0.051", "0.05"]


def test_within_needs_200_replicas():
    asked = check("within", 100)
    assert verdict(asked, range(1, 200)).verdict == UNDECIDED
    assert verdict(asked, range(1, 201)).verdict == REPRODUCED


def test_within_counts_only_replicas_in_which_the_question_arises():
    few = verdict(check("within", 100), [*range(1, 200), *[NEVER] * 800])
    assert (few.verdict, few.n) == (UNDECIDED, 199)


def test_a_time_is_placed_among_those_of_solved_starts_whatever_share_that_is():
    for unsolved in (0, 5, 100, 1800):
        times = [*range(1, 201), *[NEVER] * unsolved]
        late, among = (
            verdict(check("within", time, "sweeps_to_solve"), times) for time in (1_000_000, 100)
        )
        assert (late.verdict, among.verdict) == (NOT, REPRODUCED)
        assert late.decided_by == f"percentile 100.0 of the 200 solved of {200 + unsolved}"
        assert (among.n, among.reproduced, among.low, among.high) == (200, 100, 5, 196)


def test_a_solved_run_is_none_of_ours_where_hardly_any_of_ours_is_solved():
    asked = check("within", 100, "sweeps_to_solve")
    # Wilson's interval of 36 of 1000 ends below .05, that of 37 of 1000 above it
    assert wilson(36, 1000)[1] < 0.05 < wilson(37, 1000)[1]
    hardly, few = (verdict(asked, [100.0] * k + [NEVER] * (1000 - k)) for k in (36, 37))
    assert (hardly.verdict, few.verdict) == (NOT, UNDECIDED)
    assert hardly.decided_by == "36 of 1000 solved, at most 4.9%; asked: 5%"
    assert few.decided_by == "the 37 solved of 1000; 200 are needed"
    none = verdict(asked, [NEVER] * 20)
    assert (none.verdict, none.decided_by) == (UNDECIDED, "none of 20 was solved")


@pytest.mark.parametrize(("ours", "expected"), [(3.649, REPRODUCED), (3.651, NOT)])
def test_within_rounds_ours_as_the_print_does_but_reports_it_unrounded(ours, expected):
    found = verdict(check("within", 3.6, decimals=1), [ours] * 200)
    assert (found.verdict, found.reproduced, found.low, found.high) == (expected, *[ours] * 3)
    assert verdict(check("within", 3.6), [ours] * 200).verdict == NOT


# proportion


@pytest.mark.parametrize("k", range(160, 201, 5))
@pytest.mark.parametrize("published", [0.8, 0.9, 1.0])
def test_a_share_is_reproduced_where_our_whole_interval_is_within_its_margin(k, published):
    (low, high), n = wilson(k, 200), 200
    ends = (max(published - 0.06, 0), min(published + 0.06, 1))
    inside, apart = ends[0] <= low and high <= ends[1], high < ends[0] or low > ends[1]
    found = verdict(check("proportion", published, margin=0.06), shares(k, n))
    assert found.verdict == (REPRODUCED if inside else NOT if apart else UNDECIDED)
    assert (found.reproduced, found.reason) == (k / n, f"{k} of 200")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize("k", range(920, 1001, 4))
@pytest.mark.parametrize("all_but", [0, 2])
def test_a_count_of_unknown_n_is_a_sample_and_each_n_is_asked(k, all_but):
    agrees = []
    for size in (200, 400):
        low, high = newcombe(k, 1000, size - all_but, size)
        agrees.append(low <= 1e-12 and high >= -1e-12)
    asked = check("proportion", f"all but {all_but}", of=(200, 400), all_but=all_but)
    found = verdict(asked, shares(k, 1000))
    assert found.verdict == (REPRODUCED if all(agrees) else UNDECIDED if any(agrees) else NOT)
    assert f"ours less {200 - all_but} of 200: difference " in found.decided_by
    assert f"less {400 - all_but} of 400: difference " in found.decided_by


def test_proportion_needs_200_replicas():
    asked = check("proportion", 0.5, margin=0.2)
    assert verdict(asked, shares(100, 199)).verdict == UNDECIDED
    assert verdict(asked, shares(100, 200)).verdict == REPRODUCED


# property


@pytest.mark.parametrize("k", range(0, 1001, 10))
@pytest.mark.parametrize("share", [0.5, 0.75, 0.95])
def test_the_interval_of_a_property_decides_and_not_the_point(k, share):
    low, high = wilson(k, 1000)
    below = PARTLY if low > 0.5 else NOT
    expected = REPRODUCED if low >= share else below if high < share else UNDECIDED
    found = verdict(check("property", "on", at_least=1, share=share), shares(k, 1000))
    assert (found.verdict, found.reproduced) == (expected, k / 1000)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize(
    ("k", "n", "expected"),
    [(20, 20, REPRODUCED), (19, 19, UNDECIDED), (19, 20, PARTLY), (13, 20, NOT), (0, 20, NOT)],
)
def test_one_exception_refutes_what_is_asked_of_all(k, n, expected):
    found = verdict(check("property", "on", at_least=1, share=1), shares(k, n))
    assert found.verdict == expected  # 13 of 20: the interval begins below one half


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
        expected = REPRODUCED if ahead else NOT if behind else UNDECIDED
        found = verdict(asked, shares(k, 200), shares(120, 220))
        assert found.verdict == expected
        assert found.reproduced == pytest.approx(k / 200 - 120 / 220)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
        seen.add(expected)
    assert seen == {REPRODUCED, NOT, UNDECIDED}


@pytest.mark.parametrize(("n", "n0"), [(199, 1000), (1000, 199)])
def test_ordering_needs_200_replicas_on_both_sides(n, n0):
    asked = check("ordering", "more", direction="more", against="paper/other")
    assert verdict(asked, shares(n, n), shares(0, n0)).verdict == UNDECIDED


# nothing measured


@pytest.mark.parametrize(
    "asked",
    [
        check("exact", 1, decimals=0),
        check("within", 1),
        check("outcome", "right", outcomes=(1,)),
        check("band", 0.5),
        check("proportion", 0.5, margin=0.1),
        check("property", "on", at_least=1, share=0.9),
        check("ordering", "more", direction="more", against="paper/other"),
    ],
    ids=lambda asked: asked.rule,
)
def test_nothing_measured_is_undecided_and_says_why(asked):
    assert judge(asked, None).decided_by == "not run"
    for found in (judge(asked, None), verdict(asked, [NEVER] * 500, [1.0] * 500)):
        assert found.verdict == UNDECIDED
        assert (found.n, found.reproduced, found.low, found.high) == (0, None, None, None)


def test_an_ordering_against_nothing_is_undecided():
    asked = check("ordering", "more", direction="more", against="paper/other")
    not_run = verdict(asked, shares(200, 200))
    assert (not_run.verdict, not_run.decided_by) == (UNDECIDED, "paper/other was not run")
    nowhere = verdict(asked, shares(200, 200), [NEVER] * 200)
    assert (nowhere.verdict, nowhere.reproduced) == (UNDECIDED, None)
