"""What a check is judged on: an experiment, each point of a grid, or the best of its points."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reproduce.compare.kept import Kept
from reproduce.statistic import ordered_quantile, values

SOONEST = "sweeps_to_solve"  # the quantity by which the best point is chosen


@dataclass(frozen=True)
class Side:
    """One value a replica, of what, and of how many points that is the best.

    column: None where the experiment was not run.
    """

    name: str
    column: pd.Series | None
    best_of: int = 1


def sides(
    run: Kept | None, experiment: str, quantity: str, at: dict | None, best: bool
) -> list[Side]:
    """All points of `run` that have the settings `at`, or the best of them alone.

    ValueError when the run has no such point or quantity.
    """
    if run is None:
        return [Side(experiment, None)]
    points = run.points(at)
    choose = best and len(points) > 1
    for needed in (quantity, SOONEST) if choose else (quantity,):
        if needed not in run.replicas:
            raise ValueError(f"{experiment} has no quantity {needed}")
    if not choose:
        return [Side(name, replicas[quantity]) for name, replicas in points.items()]
    name = best_point(points)
    return [Side(name, points[name].loc[is_odd, quantity], len(points))]


def best_point(points: dict[str, pd.DataFrame]) -> str:
    """The point that learns soonest by its even replicas, so that the odd ones can judge it.

    By the median, unsolved as later; then by the share unsolved; then the earlier point.
    """

    def lateness(name: str) -> tuple[float, float]:
        even = points[name].loc[lambda replicas: ~is_odd(replicas), SOONEST]
        times = values(SOONEST, even)
        return ordered_quantile(times, 0.5), np.isinf(times).mean()

    return min(points, key=lateness)


def is_odd(replicas: pd.DataFrame) -> np.ndarray:
    """Whether the number of each replica is odd, as a mask."""
    return replicas.index % 2 == 1


def how_chosen(ours: Side, other: Side | None) -> str:
    """The end of a reason: which points were chosen, and how; empty where none was."""
    chosen = [f"the best of {ours.best_of} points"] if ours.best_of > 1 else []
    if other is not None and other.best_of > 1:
        chosen.append(f"there the best of {other.best_of} points")
    if not chosen:
        return ""
    return f"; {', '.join(chosen)}: chosen on the even replicas, judged on the odd"
