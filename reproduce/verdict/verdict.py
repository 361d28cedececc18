"""What comes out of a comparison: a verdict, what decided it, and why in words."""

from dataclasses import dataclass

REPRODUCED, PARTLY, NOT, UNDECIDED = "reproduced", "partly", "not reproduced", "undecided"
VERDICTS = (REPRODUCED, PARTLY, NOT, UNDECIDED)
NOT_JUDGED = "not judged"  # a claim that no run here can test
ENOUGH_REPLICAS = 200  # below this one published run cannot be placed among ours
ENOUGH_OF_FEW = 5  # large models: for rules that are exact, or allow for it, at few replicas
EPSILON = 1e-12  # so that .99 is within .01 of 1 in binary arithmetic


@dataclass(frozen=True)
class Verdict:
    """What came out: a value with an interval, over how many replicas, and what follows.

    decided_by: the number that decided, beside what was asked of it, in a few words.
    reason: the rest of what a reader needs.
    reproduced, low, high: None stands for a time that never came, or for no value at all.
    """

    verdict: str
    decided_by: str
    reason: str = ""
    n: int = 0
    reproduced: float | None = None
    low: float | None = None
    high: float | None = None


def too_few(n: int, needed: int) -> str:
    """What decides where there are too few replicas."""
    return f"{n} replica{'s' if n != 1 else ''}, {needed} are needed"
