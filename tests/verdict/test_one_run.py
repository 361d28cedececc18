"""Printed numbers of one run at once, and runs with few outcomes, against plain searches."""

import numpy as np
import pandas as pd
import pytest
from claimed import check

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
def test_an_outcome_that_less_than_five_percent_of_ours_have_is_not_reproduced(same, of, expected):
    asked = check("outcome", "4 of 4", outcomes=(4,))
    found = judge(asked, pd.Series([4.0] * same + [2.0] * (of - same)))
    assert (found.verdict, found.reproduced, found.n) == (expected, same / of, of)


def test_two_runs_are_met_by_two_of_ours_in_any_order():
    asked = check("outcome", "4 and 3", outcomes=(4, 3))
    pairs = [(4, 3), (3, 4), (4, 4), (3, 3), (0, 3)] * 100
    found = judge(asked, pd.Series([float(right) for pair in pairs for right in pair]))
    assert (found.verdict, found.reproduced, found.n) == ("reproduced", 0.4, 1000)
    assert found.decided_by == "200 of 500 sets of 2 runs come out so; asked: 5%"
    assert judge(asked, pd.Series([4.0])).verdict == "undecided"
