"""Checks and papers made by hand, and the intervals that verdicts are held against."""

import math

import pandas as pd

from reproduce.file.claim import Check, Claim
from reproduce.file.paper import Paper
from reproduce.verdict.rule import judge
from reproduce.verdict.side import Side

Z = 1.959963984540054  # of the 95% interval
REPRODUCED, PARTLY, NOT = "reproduced", "partly", "not reproduced"
UNDECIDED = "undecided"
NEVER = math.nan


def check(rule: str, published=100, quantity="weight_large", **more) -> Check:
    """A check of one experiment, but for what `more` says."""
    said = {"id": "N5.1", "kind": "printed", "unit": "unit", "experiments": ("paper/reading",)}
    return Check(rule=rule, published=published, quantity=quantity, **said | more)


def claim(*checks: Check, **more) -> Claim:
    said = {"id": "N5", "kind": "printed", "locus": "Fig. 1", "statement": "claim", "quote": "..."}
    return Claim(checks=checks, **said | more)


def paper(*claims: Claim, name: str = "paper", **more) -> Paper:
    return Paper(name=name, citation="citation", bibtex="@book{of_1986,}", claims=claims, **more)


def verdict(asked: Check, numbers, against=None):
    other = None if against is None else Side("paper/other", pd.Series(against, dtype=float))
    return judge(asked, pd.Series(numbers, dtype=float), other)


def shares(k: int, n: int) -> list[float]:
    return [1.0] * k + [0.0] * (n - k)


def wilson(k: int, n: int) -> tuple[float, float]:
    middle = (k + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * math.sqrt(k * (n - k) / n + Z * Z / 4)
    return middle - half, middle + half


def newcombe(k: int, n: int, k0: int, n0: int) -> tuple[float, float]:
    """Newcombe's hybrid score interval of a difference of shares."""
    (low, high), (low0, high0) = wilson(k, n), wilson(k0, n0)
    p, p0 = k / n, k0 / n0
    down, up = math.hypot(p - low, high0 - p0), math.hypot(high - p, p0 - low0)
    return p - p0 - down, p - p0 + up
