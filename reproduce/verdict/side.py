"""What a check is judged on: an experiment, each point of a grid, or the best of its points."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reproduce.file.claim import Check
from reproduce.verdict.kept import Kept
from reproduce.verdict.statistic import ordered_quantile, values

SOONEST = "sweeps_to_solve"  # the quantity that tells how soon a point learns


@dataclass(frozen=True)
class Side:
    """One value a replica, of what, and of how many points that is the best.

    column: of rule joint a table, one column a printed number. None where the experiment was not
    run.
    """

    name: str
    column: pd.Series | pd.DataFrame | None
    best_of: int = 1


def sides(
    run: Kept | None, experiment: str, check: Check, quantity: str, at: dict | None
) -> list[Side]:
    """All points of `run` that have the settings `at`, or the best of them alone.

    ValueError when the run has no such point or quantity.
    """
    if run is None:
        return [Side(experiment, None)]
    points = run.points(at)
    choose = check.best and len(points) > 1
    asked = [*(check.quantities or [quantity]), *(check.among or {})]
    for needed in (*asked, SOONEST) if choose else asked:
        if needed not in run.replicas:
            raise ValueError(f"{experiment} has no quantity {needed}")
    if not choose:
        return [Side(name, asked_of(check, quantity, part)) for name, part in points.items()]
    name = best_point(points, check if check.rule == "property" else None)
    return [Side(name, asked_of(check, quantity, points[name].loc[is_odd]), len(points))]


def asked_of(check: Check, quantity: str, replicas: pd.DataFrame) -> pd.Series | pd.DataFrame:
    """The values of the replicas of which the check is asked."""
    for name, least in (check.among or {}).items():
        replicas = replicas[replicas[name] >= least]
    return replicas[[*check.quantities] if check.quantities else quantity]


def best_point(points: dict[str, pd.DataFrame], prop: Check | None = None) -> str:
    """The best point by its even replicas, so that the odd ones can judge it.

    prop: a property; the point in which it holds most often is the best, and of these, or without
    a property, the one that learns soonest: by the median, unsolved as later; then by the share
    unsolved; then the earlier point.
    """

    def rank(name: str) -> tuple[float, float, float]:
        even = points[name].loc[lambda replicas: ~is_odd(replicas)]
        times = values(SOONEST, even[SOONEST])
        held = 0.0 if prop is None else share_held(prop, values(prop.quantity, even[prop.quantity]))
        return -held, ordered_quantile(times, 0.5), np.isinf(times).mean()

    return min(points, key=rank)


def share_held(prop: Check, numbers: np.ndarray) -> float:
    """In which share of the numbers a property holds; 0 without any."""
    low, high = bounds(prop)
    return float(((numbers >= low) & (numbers <= high)).mean()) if len(numbers) else 0.0


def bounds(prop: Check) -> tuple[float, float]:
    """Between which numbers a property holds."""
    low = -np.inf if prop.at_least is None else prop.at_least
    return low, np.inf if prop.at_most is None else prop.at_most


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
    return f"{', '.join(chosen)}: chosen on the even replicas, judged on the odd"
