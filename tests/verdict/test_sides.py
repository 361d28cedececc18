"""Which points of a grid a check is judged on, on grids made by hand."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from claimed import check, claim, paper

from reproduce.file.claim import Check
from reproduce.verdict.claims import claims_table
from reproduce.verdict.kept import Kept
from reproduce.verdict.side import best_point

NEVER = math.nan
GRID = {"update": [], "init": [], "alpha": [0.0, 0.9], "epsilon": [0.1, 0.5]}
POINTS = [(0.0, 0.1), (0.0, 0.5), (0.9, 0.1), (0.9, 0.5)]
TITLES = [f"paper/grid: alpha {alpha:g}, epsilon {epsilon:g}" for alpha, epsilon in POINTS]
SOLVED = "sweeps_to_solve"


def grid_run(times: list[list[float]], experiment="paper/grid", **columns) -> Kept:
    """A run over GRID; times: those of all replicas for each point."""
    tables = [
        pd.DataFrame({"alpha": alpha, "epsilon": epsilon, SOLVED: column, **columns})
        for (alpha, epsilon), column in zip(POINTS, times, strict=True)
    ]
    record = {"experiment": experiment, "command": "a command", "config": {"grid": GRID}}
    replicas = pd.concat(tables).rename_axis("replica")
    return Kept(Path(), record, replicas, None, pd.DataFrame())


def plain_run(times: list[float], experiment="paper/plain") -> Kept:
    record = {"experiment": experiment, "command": "a command"}
    return Kept(Path(), record, pd.DataFrame({SOLVED: times}), None)


def table_of(*runs: Kept, experiments=("paper/grid",), rule="within", **options) -> pd.DataFrame:
    quantity = options.pop("quantity", SOLVED)
    options |= {"id": "P7.1", "experiments": experiments, "statement": "statement"}
    asked = claim(check(rule, 100, quantity, **options), id="P7")
    return claims_table([paper(asked)], {run.experiment: run for run in runs})


def interleaved(even: list[float], odd: list[float]) -> list[float]:
    return list(itertools.chain.from_iterable(zip(even, odd, strict=True)))


FLAT = [[float(10 * point + 1)] * 400 for point in range(4)]  # medians 1, 11, 21, 31


# at


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        (None, [0, 1, 2, 3]),
        ({"alpha": 0.9}, [2, 3]),
        ({"epsilon": 0.1}, [0, 2]),
        ({"epsilon": 0.5, "alpha": 0}, [1]),
    ],
)
def test_at_keeps_the_points_with_those_settings_in_their_order(at, kept):
    table = table_of(grid_run(FLAT), at=at)
    assert table["experiment"].tolist() == [TITLES[point] for point in kept]
    assert table["reproduced"].tolist() == [10 * point + 1 for point in kept]
    assert table["n"].tolist() == [400] * len(kept)
    points = [f"P7.1 / {TITLES[point].removeprefix('paper/grid: ')}" for point in kept]
    assert table["id"].tolist() == (points if len(kept) > 1 else ["P7.1"])


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"alpha": 0.5}, r"P7 sweeps_to_solve: paper/grid at alpha 0.5: allowed are 0, 0.9"),
        ({"alpha": "1e-1"}, "paper/grid at alpha 1e-1: allowed are 0, 0.9"),
        ({"init": 0.3}, "paper/grid at init 0.3: it has alpha, epsilon"),
        ({"step": 0.3}, "paper/grid at step 0.3: it has alpha, epsilon"),
    ],
)
def test_settings_that_the_grid_does_not_have_are_an_error(at, message):
    with pytest.raises(ValueError, match=message):
        table_of(grid_run(FLAT), at=at)


def test_settings_of_a_run_without_a_grid_are_an_error():
    with pytest.raises(ValueError, match=r"paper/plain at alpha 0\.9: it is no grid"):
        table_of(plain_run(FLAT[0]), experiments=("paper/plain",), at={"alpha": 0.9})


def test_what_was_not_run_has_one_row_whatever_is_asked_of_it():
    table = table_of(at={"alpha": 0.9}, best=True)
    assert table[["experiment", "decided_by"]].to_numpy().tolist() == [["paper/grid", "not run"]]


# best


def test_the_best_point_is_chosen_on_the_even_replicas_and_judged_on_the_odd():
    # by all replicas, and by the odd ones, the second point would be better than the third
    lucky = interleaved(even=[1.0] * 200, odd=[500.0] * 200)
    times = [[9.0] * 400, [2.0] * 400, lucky, [9.0] * 400]
    (row,) = table_of(grid_run(times), best=True).to_dict(orient="records")
    assert (row["experiment"], row["n"], row["reproduced"]) == (TITLES[2], 200, 500)
    assert row["verdict"] == "not reproduced"
    end = "the best of 4 points: chosen on the even replicas, judged on the odd"
    assert row["reason"].endswith(end)


def test_the_best_is_looked_for_among_the_points_that_at_keeps():
    (row,) = table_of(grid_run(FLAT), best=True, at={"alpha": 0.9}).to_dict(orient="records")
    assert (row["experiment"], row["reproduced"]) == (TITLES[2], 21)
    assert "the best of 2 points" in row["reason"]


def test_where_one_point_is_left_or_no_grid_is_there_all_replicas_are_judged():
    one = {"alpha": 0.9, "epsilon": 0.5}
    for options in ({"at": one}, {"experiments": ("paper/plain",)}):
        run = plain_run(FLAT[3]) if "experiments" in options else grid_run(FLAT)
        (row,) = table_of(run, best=True, **options).to_dict(orient="records")
        assert (row["n"], row["reproduced"]) == (400, 31)
        assert "best" not in row["reason"]


@pytest.mark.parametrize(
    ("times", "best"),
    [
        ([[5.0] * 4, [4.0] * 4, [3.0] * 4, [3.0] * 4], 2),  # equal: the earlier point
        ([[NEVER] * 4, [NEVER] * 4, [9.0] * 4, [NEVER] * 4], 2),  # never is later than all
        ([[3, 0, NEVER, 0], [3, 0, 9, 0], [3, 0, 4, 0], [9, 0, 9, 0]], 1),  # the share solved
        ([[NEVER] * 4, [NEVER] * 4, [NEVER] * 4, [NEVER] * 4], 0),
        ([[NEVER] * 6, [NEVER, 1, NEVER, 1, 5, 1], [NEVER] * 6, [NEVER] * 6], 1),
    ],
)
def test_the_best_point_solves_soonest_then_most_often_then_comes_first(times, best):
    run = grid_run([[float(time) for time in column] for column in times])
    assert best_point(run.points()) == TITLES[best]


def test_the_best_of_random_grids_is_that_of_a_plain_search():
    chance = np.random.default_rng(0)
    for _ in range(50):
        times = chance.integers(1, 6, (4, 10)).astype(float)
        times[chance.random((4, 10)) < 0.4] = NEVER
        ranked = []
        for place, column in enumerate(times):
            even = sorted(math.inf if math.isnan(time) else time for time in column[::2])
            ranked.append((even[2], even.count(math.inf), place))
        assert best_point(grid_run(times.tolist()).points()) == TITLES[min(ranked)[2]]


def prop(quantity=SOLVED, **bounds) -> Check:
    return check("property", "said", quantity, share=0.5, **bounds)


@pytest.mark.parametrize(
    ("bounds", "times", "best"),
    [
        ({"at_most": 9}, [[1, 0, 1, 0, 99, 0], [8.0] * 6, [9.0] * 6, [10.0] * 6], 1),
        ({"at_most": 9}, [[9.0] * 6, [8.0] * 6, [1, 9, 1, 9, NEVER, 9], [8.0] * 6], 1),
        ({"at_least": 9}, [[8.0] * 6, [11.0] * 6, [10.0] * 6, [NEVER, 9] * 3], 2),
        ({"at_least": 3, "at_most": 5}, [[1.0] * 6, [5.0] * 6, [NEVER] * 6, [3, 1] * 3], 3),
        ({"at_most": 0}, [[NEVER] * 6, [5.0] * 6, [4, 0] * 3, [4, 0] * 3], 2),  # never: soonest
    ],
)
def test_the_best_point_of_a_property_is_where_it_holds_most_often_then_soonest(
    bounds, times, best
):
    run = grid_run([[float(time) for time in column] for column in times])
    assert best_point(run.points(), prop(**bounds)) == TITLES[best]


def test_the_best_point_of_a_property_is_judged_on_the_odd_replicas():
    times = [[20.0] * 400, [1.0, 1.0, NEVER, 1.0] * 100, [20.0] * 400, [9.0, 9.0, 9.0, 99.0] * 100]
    options = {"rule": "property", "at_most": 10, "share": 0.5, "best": True}
    (row,) = table_of(grid_run(times), **options).to_dict(orient="records")
    assert (row["experiment"], row["n"], row["reproduced"]) == (TITLES[3], 200, 0.5)


def test_the_best_of_a_property_in_random_grids_is_that_of_a_plain_search():
    chance, unlike = np.random.default_rng(1), 0
    for _ in range(50):
        run = grid_run(chance.integers(1, 4, (4, 10)).astype(float).tolist())
        right = np.where(chance.random(40) < 0.2, NEVER, chance.integers(0, 3, 40))
        run.replicas["right"] = right
        ranked = []
        for place in range(4):
            even = slice(10 * place, 10 * place + 10, 2)
            asked = [k for k in right[even] if not math.isnan(k)]  # the others are not asked
            held = sum(k >= 1 for k in asked) / max(len(asked), 1)
            ranked.append((-held, sorted(run.replicas[SOLVED].iloc[even])[2], place))
        best = best_point(run.points(), prop("right", at_least=1))
        assert best == TITLES[min(ranked)[2]]
        unlike += best != best_point(run.points())
    assert unlike > 10


def test_the_best_cannot_be_chosen_without_sweeps_to_solve():
    run = grid_run(FLAT, right_at_end=1.0)
    run = Kept(run.folder, run.record, run.replicas.drop(columns=SOLVED), None, run.grid)
    with pytest.raises(ValueError, match="paper/grid has no quantity sweeps_to_solve"):
        table_of(run, quantity="right_at_end", best=True)


# orderings


MOMENTUM = {
    **{"rule": "ordering", "direction": "less", "against": "paper/grid"},
    **{"at": {"alpha": 0.9}, "against_at": {"alpha": 0}},
}


def test_an_ordering_takes_both_sides_at_their_best_points():
    times = [[80.0] * 600, [70.0] * 500 + [NEVER] * 100, [60.0] * 600, [50.0] * 600]
    (row,) = table_of(grid_run(times), best=True, **MOMENTUM).to_dict(orient="records")
    assert (row["experiment"], row["n"], row["verdict"]) == (TITLES[3], 300, "reproduced")
    assert row["reason"] == (
        f"median 50 (0 of 300 unsolved) against 70 (50 of 300 unsolved) in {TITLES[1]}"
        "; the best of 2 points, there the best of 2 points"
        ": chosen on the even replicas, judged on the odd"
    )


def test_an_ordering_of_single_points_takes_all_replicas():
    options = MOMENTUM | {"at": {"alpha": 0.9, "epsilon": 0.1}, "against": "paper/plain"}
    table = table_of(grid_run(FLAT), plain_run([500.0] * 300), **options | {"against_at": None})
    assert table[["n", "experiment"]].to_numpy().tolist() == [[400, TITLES[2]]]
    assert table["reason"][0].endswith("against 500 (0 of 300 unsolved) in paper/plain")


@pytest.mark.parametrize("many", ["at", "against_at"])
def test_an_ordering_of_several_points_needs_to_be_told_which(many):
    one = {"alpha": 0.9, "epsilon": 0.1}
    options = MOMENTUM | {"at": one, "against_at": one} | {many: {"alpha": 0}}
    message = "P7 sweeps_to_solve: paper/grid has 2 points: an ordering needs best: true"
    with pytest.raises(ValueError, match=message):
        table_of(grid_run(FLAT), **options)


def test_an_ordering_against_what_was_not_run_says_so():
    (row,) = table_of(
        grid_run(FLAT), best=True, **MOMENTUM | {"against": "paper/plain", "against_at": None}
    ).to_dict(orient="records")
    assert (row["verdict"], row["n"]) == ("undecided", 0)
    assert row["decided_by"] == "paper/plain was not run"
    assert row["reason"].startswith("the best of 2 points")
