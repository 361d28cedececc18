"""The rules of comparison: a claim's check and one value a replica give a verdict.

Margins stand in papers/*.yaml.
"""

import numpy as np
import pandas as pd

from reproduce.file.claim import TWO_SIDED, Check
from reproduce.verdict.one_run import band, joint, outcome, within
from reproduce.verdict.share_rule import holds, proportion
from reproduce.verdict.side import Side
from reproduce.verdict.statistic import ordered_quantile, values
from reproduce.verdict.two_sides import contrast, ordering
from reproduce.verdict.verdict import NOT, PARTLY, REPRODUCED, UNDECIDED, Verdict


def judge(
    check: Check, column: pd.Series | pd.DataFrame | None, other: Side | None = None
) -> Verdict:
    """Apply the check's rule to the measured column (one value a replica, nan as `statistic`).

    column: of rule joint a table, one column a printed number.
    other: of rules ordering and contrast, what the column is compared with.
    """
    if column is None:
        return Verdict(UNDECIDED, "not run")
    if isinstance(column, pd.DataFrame):
        whole = column.dropna()
        return joint(check, whole) if len(whole) else Verdict(UNDECIDED, nowhere(check))
    numbers = values(check.quantity, column.dropna() if check.solved else column)
    if len(numbers) == 0:
        return Verdict(UNDECIDED, nowhere(check))
    if check.rule in TWO_SIDED:
        return against(check, numbers, other)
    rules = {"exact": exact, "within": within, "band": band, "outcome": outcome}
    rules |= {"proportion": proportion, "property": holds}
    return rules[check.rule](check, numbers)


def nowhere(check: Check) -> str:
    """What decides where no replica has a value."""
    if not check.among:
        return "no net has a value here"
    asked = ", ".join(f"{name} of {least:g} or more" for name, least in check.among.items())
    return f"no net has {asked}"


def against(check: Check, numbers: np.ndarray, other: Side | None) -> Verdict:
    """Compare with another side, where that was measured."""
    if other is None or not isinstance(other.column, pd.Series):
        return Verdict(UNDECIDED, f"{check.against} was not run")
    theirs = other.column.dropna() if check.solved else other.column
    others = values(check.quantity, theirs)
    if len(others) == 0:
        return Verdict(UNDECIDED, f"no net of {other.name} has a value here")
    two_sided = ordering if check.rule == "ordering" else contrast
    return two_sided(check, numbers, others, other.name)


def exact(check: Check, numbers: np.ndarray) -> Verdict:
    """Equal after rounding as the paper does, in every replica."""
    low, high = float(numbers.min()), float(numbers.max())
    same = np.array([round(x, check.decimals) == check.published for x in numbers])
    middle = ordered_quantile(numbers, 0.5)
    found = f"{low:.{check.decimals}f}" if low == high else f"{low:g} to {high:g}"
    verdict = REPRODUCED if same.all() else PARTLY if same.any() else NOT
    decided = f"{found}; published {check.published:.{check.decimals}f}"
    return Verdict(verdict, decided, "", len(numbers), middle, low, high)
