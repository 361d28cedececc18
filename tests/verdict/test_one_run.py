"""Printed numbers of one run at once, and runs with few outcomes, against plain searches."""

import numpy as np
import pandas as pd
import pytest
from claimed import check, wilson

from reproduce.verdict.rule import judge

PRINTED = {"small": 3.6, "large": 14.2}


def joint(numbers: np.ndarray):
    asked = check("joint", "both", decimals=1, quantities=PRINTED)
    return judge(asked, pd.DataFrame(numbers, columns=[*PRINTED]))


def nearest(nets: list[list[float]], place: int) -> float:
    """The distance of one net to the nearest other, by its farthest number."""
    return min(
        max(abs(a - b) for a, b in zip(nets[place], other, strict=True))
        for number, other in enumerate(nets)
        if number != place
    )


def spread(seed: int, shift: float) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return np.array([3.6, 14.2]) + chance.normal(shift, [0.5, 1.0], (250, 2))


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.5, 3.0])
def test_the_distance_and_its_rank_are_those_of_a_plain_search(shift):
    numbers = spread(int(10 * shift), shift)
    found = joint(numbers)
    nets = [[3.6, 14.2], *([round(a, 1), round(b, 1)] for a, b in numbers)]
    distances = [nearest(nets, place) for place in range(len(nets))]
    rank = sum(distance >= distances[0] - 1e-9 for distance in distances) / len(nets)
    assert found.reproduced == pytest.approx(distances[0])
    assert found.verdict == ("reproduced" if rank > 0.05 else "not reproduced")
    assert f"rank p = {rank:.2g}" in found.decided_by
    matching = sum(net == [3.6, 14.2] for net in nets[1:])
    assert found.reason.startswith(f"{matching} have all printed numbers")


def test_each_number_alone_may_lie_among_ours_where_all_at_once_do_not():
    along = np.linspace(-2, 2, 250)
    numbers = np.stack([3.6 + along, 14.2 + along], axis=1)  # small and large go together
    aside = numbers + np.array([1.0, -1.0])
    for column, published in zip(aside.T, PRINTED.values(), strict=True):
        assert judge(check("within", published), pd.Series(column)).verdict == "reproduced"
    assert joint(numbers).verdict == "reproduced"
    assert joint(aside).verdict == "not reproduced"


def test_nets_that_lack_a_number_are_not_asked_and_200_are_needed():
    numbers = spread(0, 0.0)
    numbers[:51, 1] = np.nan
    few = joint(numbers)
    assert (few.verdict, few.n) == ("undecided", 199)
    numbers[:] = np.nan
    assert joint(numbers).decided_by == "no net has a value here"


@pytest.mark.parametrize(
    ("same", "of", "expected"),
    [
        (0, 1000, "not reproduced"),
        (36, 1000, "not reproduced"),  # Wilson's interval ends at .0494
        (50, 1000, "undecided"),
        (67, 1000, "reproduced"),  # it begins at .0531
        (1, 5, "undecided"),
        (3, 5, "reproduced"),
        (0, 5, "undecided"),
    ],
)
def test_an_outcome_as_rare_as_five_percent_of_ours_is_not_reproduced(same, of, expected):
    asked = check("outcome", "4 of 4", outcomes=(4,))
    found = judge(asked, pd.Series([4.0] * same + [2.0] * (of - same)))
    assert (found.verdict, found.n) == (expected, of)
    assert found.reproduced == pytest.approx(same / of)


@pytest.mark.parametrize("published", [(4, 3), (4, 4), (0, 1), (2, 2), (5, 5)])
def test_two_runs_are_held_against_all_pairs_of_ours(published):
    ours = np.random.default_rng(3).choice(5, 400, p=[0.05, 0.1, 0.2, 0.3, 0.35])
    shares = {right: np.mean(ours == right) for right in range(6)}
    chance = {
        (a, b): shares[a] * shares[b] * (1 if a == b else 2) for a in range(6) for b in range(a, 6)
    }
    own = chance[tuple(sorted(published))]
    p = sum(each for each in chance.values() if each <= own + 1e-12)
    found = judge(check("outcome", "two", outcomes=published), pd.Series(ours.astype(float)))
    assert found.reproduced == pytest.approx(own)
    assert found.decided_by.startswith(f"p = {p:.3f}, ")
    low, high = wilson(round(p * 200), 200)
    expected = "reproduced" if low >= 0.05 else "not reproduced" if high < 0.05 else "undecided"
    assert found.verdict == expected
    assert judge(check("outcome", "two", outcomes=published), pd.Series([4.0])).n == 1
