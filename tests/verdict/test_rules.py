"""Each rule of comparison at and around its boundaries, against hand-computed truths."""

import re

import pytest
from claimed import (
    NEVER,
    NOT,
    PARTLY,
    REPRODUCED,
    UNDECIDED,
    check,
    newcombe,
    shares,
    verdict,
    wilson,
)

from reproduce.verdict.rule import judge

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


# ordering


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
