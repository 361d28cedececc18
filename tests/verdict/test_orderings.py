"""Orderings of what is no share, against counting every pair and another derivation."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from claimed import check
from test_sides import FLAT, MOMENTUM, SOLVED, TITLES, grid_run, plain_run, table_of

from reproduce.verdict.rule import judge
from reproduce.verdict.side import Side
from reproduce.verdict.two_sides import probability_of_less
from reproduce.verdict.verdict import Verdict

Z = 1.959963984540054
REPRODUCED, NOT, UNDECIDED = "reproduced", "not reproduced", "undecided"
NEVER = math.nan


def ordered(numbers, others, direction="less", quantity="sweeps_to_solve", solved=False) -> Verdict:
    options = {"direction": direction, "against": "paper/other", "solved": solved}
    asked = check("ordering", "sooner", quantity, **options)
    other = Side("paper/other: alpha 0", pd.Series(others, dtype=float))
    return judge(asked, pd.Series(numbers, dtype=float), other)


def won(ours: float, theirs: float) -> float:
    return 1.0 if ours < theirs else 0.5 if ours == theirs else 0.0


def by_pairs(numbers, others) -> tuple[float, float, float]:
    """P(less) + P(equal) / 2 over all pairs; t interval with Welch's degrees of freedom.

    Its variance from what each number, of either side, wins over the whole other side.
    """
    wins = np.array([[won(ours, theirs) for theirs in others] for ours in numbers])
    parts = [wins.mean(axis).var(ddof=1) / wins.shape[1 - axis] for axis in (0, 1)]
    variance = sum(parts)
    freedom = variance**2 / sum(
        part**2 / (wins.shape[1 - axis] - 1) for axis, part in enumerate(parts)
    )
    half = scipy.stats.t.ppf(0.975, freedom) * math.sqrt(variance)
    return wins.mean(), max(wins.mean() - half, 0), min(wins.mean() + half, 1)


def times(seed: int, n: int, later: float, never: float) -> np.ndarray:
    """Tied times of n starts, of which a share never comes."""
    chance = np.random.default_rng(seed)
    found = np.floor(chance.gamma(3, 10 * later, n))
    found[chance.random(n) < never] = math.inf
    return found


@pytest.mark.parametrize("never", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("later", [0.5, 1.0, 1.1, 2.0])
@pytest.mark.parametrize(("n", "n0"), [(20, 35), (200, 230)])
def test_the_probability_is_a_count_of_pairs_and_its_interval_from_what_each_wins(
    n, n0, later, never
):
    numbers, others = times(n, n, 1, never), times(n0, n0, later, never / 2)
    found = probability_of_less(numbers, others)
    assert found == pytest.approx(by_pairs(numbers, others), abs=1e-12)
    assert probability_of_less(others, numbers)[0] == pytest.approx(1 - found[0])


def test_the_verdict_is_that_of_the_test_of_brunner_and_munzel():
    seen = set()
    for seed in range(40):
        numbers, others = times(seed, 210, 1, 0.3), times(seed + 99, 200, 1.2, 0.3)
        finite = [np.where(np.isinf(side), 1e6, side) for side in (others, numbers)]
        p = scipy.stats.brunnermunzel(*finite).pvalue
        found = ordered(numbers, others)
        earlier = found.reproduced > 0.5
        expected = UNDECIDED if p >= 0.05 else REPRODUCED if earlier else NOT
        assert found.verdict == expected
        opposite = ordered(numbers, others, "more")
        assert (opposite.reproduced, opposite.low) == (found.reproduced, found.low)
        swapped = {REPRODUCED: NOT, NOT: REPRODUCED, UNDECIDED: UNDECIDED}
        assert opposite.verdict == swapped[expected]
        seen.add(expected)
    assert {REPRODUCED, UNDECIDED} <= seen


def test_the_reason_gives_both_medians_and_who_never_came():
    numbers, others = [*range(1, 291), *[NEVER] * 10], [*range(100, 200), *[NEVER] * 150]
    found = ordered(numbers, others)
    assert (found.verdict, found.n) == (REPRODUCED, 300)
    assert found.reason == (
        "median 150 (10 of 300 unsolved) against later (150 of 250 unsolved) "
        "in paper/other: alpha 0"
    )
    back = ordered(others, numbers)
    assert back.verdict == NOT
    assert back.reason == (
        "median later (150 of 250 unsolved) "
        "against 150 (10 of 300 unsolved) in paper/other: alpha 0"
    )


def test_of_solved_starts_alone_those_that_never_solve_are_left_out_on_both_sides():
    ours, theirs = times(1, 320, 1, 0), times(2, 280, 1.2, 0)
    numbers, others = [*ours, *[NEVER] * 500], [*[NEVER] * 90, *theirs]
    found = ordered(numbers, others, solved=True)
    assert found == ordered(ours, theirs)
    assert (found.verdict, found.n) == (REPRODUCED, 320)
    effect = (found.reproduced, found.low, found.high)
    assert effect == pytest.approx(by_pairs(ours, theirs), abs=1e-12)
    assert "(0 of 320 unsolved) against" in found.reason
    assert "(0 of 280 unsolved) in" in found.reason
    assert ordered(numbers, others).verdict == NOT  # those that never solve are the latest


@pytest.mark.parametrize(("n", "n0"), [(199, 400), (400, 199)])
def test_200_solved_starts_are_needed_where_they_alone_count(n, n0):
    found = ordered([*range(n), *[NEVER] * 300], [*range(500, 500 + n0), NEVER], solved=True)
    assert (found.verdict, found.n) == (UNDECIDED, n)
    assert found.decided_by.endswith("replicas, 200 are needed")


def test_where_no_start_is_solved_the_question_does_not_arise():
    some, none, why = range(300), [NEVER] * 300, "no net has a value here"
    assert ordered(none, some, solved=True) == Verdict(UNDECIDED, why)
    why = "no net of paper/other: alpha 0 has a value here"
    assert ordered(some, none, solved=True) == Verdict(UNDECIDED, why)
    assert ordered(some, none).verdict == REPRODUCED


@pytest.mark.parametrize(("n", "n0"), [(199, 400), (400, 199), (1, 300), (1, 1)])
def test_times_need_200_replicas_on_both_sides(n, n0):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ordered(range(n), range(500, 500 + n0))
    assert found.verdict == UNDECIDED
    assert found.decided_by.endswith("replicas, 200 are needed")


@pytest.mark.parametrize("everywhere", [NEVER, 7.0])
def test_where_all_are_equal_nothing_can_be_told(everywhere):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ordered([everywhere] * 300, [everywhere] * 200)
    assert (found.verdict, found.reproduced) == (UNDECIDED, 0.5)
    assert (found.low, found.high) == (None, None)
    assert found.decided_by == "all values are equal"
    assert found.reason.startswith("median")


@pytest.mark.parametrize("never", [0, 40, 200])
def test_sides_that_do_not_overlap_have_wilsons_interval_of_as_many_pairs(never):
    numbers, others = range(300), [*range(300, 500 - never), *[NEVER] * never]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, back = ordered(numbers, others), ordered(others, numbers)
    low = 200 / (200 + Z * Z)
    assert (found.verdict, back.verdict) == (REPRODUCED, NOT)
    assert (found.reproduced, found.low, found.high) == pytest.approx((1, low, 1), abs=1e-12)
    assert (back.reproduced, back.low, back.high) == pytest.approx((0, 0, 1 - low), abs=1e-12)


def test_what_is_neither_a_time_nor_a_share_is_ordered_in_the_same_way():
    numbers, others = [0, 1, 2] * 100, [0, 1, NEVER] * 100
    found = ordered(numbers, others, "more", "held_out_right")
    assert found.verdict == REPRODUCED
    # of the nine equally likely pairs with {0, 1} ours is less in one of six, equal in two
    assert found.reproduced == pytest.approx((1 + 2 / 2) / 6)
    assert found.reason == "median 1 against 0 in paper/other: alpha 0"


def test_only_zeros_and_ones_are_compared_as_shares():
    found = ordered([1] * 150 + [0] * 50, [1] * 100 + [0] * 100, "more", "right_at_end")
    assert (found.verdict, found.reproduced) == (REPRODUCED, 0.25)
    assert found.reason == "150 of 200 against 100 of 200 in paper/other: alpha 0"
    first_sweep = ordered([1] * 200, [1] * 100 + [NEVER] * 100)  # a time, though it is 1
    assert first_sweep.reproduced == 0.75


def test_an_ordering_takes_the_soonest_points_whatever_it_compares():
    run = grid_run([[4.0] * 400, [3.0] * 400, [2.0] * 400, [1.0] * 400])
    run.replicas["right"] = np.repeat([1.0, 0.0, 1.0, 0.0], 400)  # most often where it is late
    (row,) = table_of(run, quantity="right", best=True, **MOMENTUM).to_dict(orient="records")
    assert (row["experiment"], row["reproduced"]) == (TITLES[3], 0)
    assert row["reason"].startswith(f"0 of 200 against 0 of 200 in {TITLES[1]}")
    assert row["decided_by"].endswith("; asked: less than 0")


def test_an_ordering_may_compare_with_another_quantity_of_the_other_side():
    other, options = grid_run(FLAT), MOMENTUM | {"at": None, "against_quantity": SOLVED}
    ours = plain_run([99.0] * 250)
    ours.replicas["sweeps_to_solve_otherwise"] = 15.0
    options |= {"quantity": "sweeps_to_solve_otherwise", "experiments": ("paper/plain",)}
    (row,) = table_of(ours, other, best=True, **options).to_dict(orient="records")
    assert (row["n"], row["quantity"]) == (250, "sweeps_to_solve_otherwise")
    assert row["verdict"] == "not reproduced"
    told = f"15 (0 of 250 unsolved) against 1 (0 of 200 unsolved) in {TITLES[0]}; there the best"
    assert told in row["reason"]
    options["against_at"] = {"alpha": 0.9}
    (row,) = table_of(ours, other, best=True, **options).to_dict(orient="records")
    assert (row["verdict"], row["reproduced"]) == ("reproduced", 1)
    for lacking in (None, "right"):
        missing = f"paper/grid has no quantity {lacking or 'sweeps_to_solve_otherwise'}$"
        with pytest.raises(ValueError, match=missing):
            table_of(ours, other, best=True, **options | {"against_quantity": lacking})
