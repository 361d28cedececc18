"""The few statistics of the tables, all by scipy: medians with intervals, shares with intervals.

A quantity whose name begins with `sweeps_to` or `steps_to` is a time that may never come: a missing
value is then a start that did not get there within the run (censored), and counts as later than
every other. In every other quantity a missing value means that the net has none: it is left out.
"""

import math

import numpy as np
import pandas as pd
import scipy.stats

CONFIDENCE = 0.95
TAIL = 0.025


def is_time(quantity: str) -> bool:
    """Whether missing values of this quantity are censored times."""
    return quantity.startswith(("sweeps_to", "steps_to"))


def values(quantity: str, column: pd.Series) -> np.ndarray:
    """The numbers that count: censored times as infinity, other missing values left out."""
    numbers = column.to_numpy(float)
    return (
        np.where(np.isnan(numbers), np.inf, numbers)
        if is_time(quantity)
        else numbers[~np.isnan(numbers)]
    )


def finite_or_none(value: float) -> float | None:
    """A number for JSON and CSV: None stands for a time that never came."""
    return float(value) if math.isfinite(value) else None


def ordered_quantile(numbers: np.ndarray, p: float) -> float:
    """The quantile that is itself one of the numbers (the lower of two), so it may be infinite."""
    return float(np.quantile(numbers, p, method="inverted_cdf"))


def central(numbers: np.ndarray) -> tuple[float, float]:
    """The central 95%: two of the numbers, with as many outside on either side."""
    return ordered_quantile(numbers, TAIL), -ordered_quantile(-numbers, TAIL)


def summary(quantity: str, column: pd.Series) -> dict:
    """n, median, its distribution-free 95% interval, and how many values are missing."""
    numbers = values(quantity, column)
    missing = int(column.isna().sum())
    if len(numbers) == 0:
        return {"n": 0, "median": None, "low": None, "high": None, "unsolved": missing}
    tested = scipy.stats.quantile_test(numbers, p=0.5)
    low, high = np.array(tested.confidence_interval(CONFIDENCE))
    return {
        "n": len(numbers),
        "median": finite_or_none(ordered_quantile(numbers, 0.5)),
        "low": finite_or_none(low),
        "high": finite_or_none(high),
        "unsolved": missing,
    }


def share(successes: int, n: int) -> tuple[float, float, float]:
    """A share and its 95% Wilson interval."""
    interval = scipy.stats.binomtest(successes, n).proportion_ci(CONFIDENCE, method="wilson")
    return successes / n, float(interval.low), float(interval.high)


def median_replica(sweeps_to_solve: pd.Series) -> int | None:
    """The solved replica with the (lower) median number of sweeps; None where none is solved."""
    solved = sweeps_to_solve.dropna().sort_values(kind="stable")
    return None if solved.empty else int(solved.index[(len(solved) - 1) // 2])
