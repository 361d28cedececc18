"""The schema of a population of the nets of 1986 that learns a task."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from omegaconf import MISSING

from reproduce.run.config.cases import TASKS
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.key import (
    above_0,
    are_different,
    different,
    is_any,
    key,
    number,
    numbers,
    one_or_each,
)
from reproduce.run.config.net import UnitsNetwork

UPDATES = ("sweep", "presentation")
ORDERS = ("fixed", "drawn")


@dataclass
class Task:
    """What is to be learned, and the levels that stand for off and on in the targets."""

    name: str = key(MISSING, f"one of {', '.join(TASKS)}", TASKS.__contains__)
    target_off: float = key(0.0, "a number from 0 to below 0.5", number(lambda v: 0 <= v < 0.5))
    target_on: float = key(1.0, "a number above 0.5, at most 1", number(lambda v: 0.5 < v <= 1))
    satisfied: float | None = key(
        None,
        "null, or a number above 0 and below 0.5: an output as near to 0 or 1 has no error",
        lambda v: v is None or number(lambda x: 0 < x < 0.5)(v),
    )
    held_out: str = key(
        "none",
        "none, random or figure8 (the answers of CogSci 1986, Fig. 8): four cases of each replica",
        lambda v: v in ("none", "random", "figure8"),
    )


@dataclass
class Rule:
    """Equations 8 and 9 of Nature 1986, and how often the weights change."""

    epsilon: Any = key(
        0.1, "a number above 0, or one for each replica", one_or_each(lambda v: v > 0)
    )
    alpha: Any = key(
        0.9,
        "a number from 0 to below 1, or one for each replica",
        one_or_each(lambda v: 0 <= v < 1),
    )
    decay: Any = key(
        0.0,
        "a number from 0 to below 1, or one for each replica",
        one_or_each(lambda v: 0 <= v < 1),
    )
    update: str = key(
        "sweep", "sweep (one change a sweep) or presentation (one a case)", UPDATES.__contains__
    )
    order: str = key(
        "fixed",
        "fixed (cases are presented in the order of the task) or drawn (anew in each sweep)",
        ORDERS.__contains__,
    )
    early_sweeps: int = key(
        0, "a whole number from 0 up: first sweeps, of other constants", lambda v: v >= 0
    )
    early_epsilon: float = key(
        1.0, "a number above 0: share of epsilon in those sweeps", number(lambda v: v > 0)
    )
    early_alpha: float = key(
        0.0, "a number from 0 to below 1: alpha in those sweeps", number(lambda v: 0 <= v < 1)
    )
    output_slope: bool = key(True, "true, or false (dy/dx of the output units is left out)", is_any)
    over_fan_in: bool = key(
        False, "true (each gradient over the number of links into its unit) or false", is_any
    )
    over_uses: bool = key(
        False,
        "true (shared weights change by the average over their uses) or false (the sum)",
        is_any,
    )


@dataclass
class Grid:
    """Settings that differ within one run: every combination is a point with all the replicas.

    A key that has values here takes the place of the one of the same name in `rule` or `network`.
    Replica r starts from the same random numbers at every point.
    """

    update: list[str] = key(
        [],
        "sweep, presentation or both",
        lambda v: set(v) <= set(UPDATES) and len(set(v)) == len(v),
    )
    init: list[float] = key([], "different numbers from 0 up", numbers(lambda v: v >= 0))
    decay: list[float] = key(
        [], "different numbers from 0 to below 1", numbers(lambda v: 0 <= v < 1)
    )
    alpha: list[float] = key(
        [], "different numbers from 0 to below 1", numbers(lambda v: 0 <= v < 1)
    )
    epsilon: list[float] = key([], "different numbers above 0", numbers(lambda v: v > 0))
    hidden: list[int] = key(
        [],
        "different whole numbers from 1 to network.groups.hidden",
        lambda v: all(x >= 1 for x in v) and are_different(v),
    )


@dataclass
class Run:
    """How long, and which moments are kept."""

    sweeps: int = key(
        1000, "a whole number from 0 to 2000000000", lambda v: 0 <= v <= 2_000_000_000
    )
    tolerances: list[float] = key(
        [],
        "different numbers above 0 and below 0.5: how near to 0 or 1 every output must be",
        numbers(lambda v: 0 < v < 0.5),
    )
    case_errors: list[float] = key(
        [],
        "different numbers above 0: the squared error that every case must be below, summed over "
        "its outputs",
        numbers(lambda v: v > 0),
    )
    total_errors: list[float] = key(
        [],
        "different numbers above 0: the squared error that all cases together must be below",
        numbers(lambda v: v > 0),
    )
    keep_sweeps: list[int] = key(
        [],
        "different whole numbers from 1 up: sweeps after which the whole net is kept",
        different(lambda v: v >= 1),
    )
    keep_largest_weight: float | None = key(
        None,
        "null, or a number above 0: the net is kept when a weight of keep_link is first as large",
        lambda v: v is None or number(lambda x: x > 0)(v),
    )
    keep_link: list[str] = key(
        [], "two linked groups: the sending and the receiving", lambda v: len(v) in (0, 2)
    )
    stop: str = key(
        "end",
        "end (every net makes all sweeps), or settled (a net leaves when it has reached all "
        "tolerances and errors and the largest weight, or has diverged)",
        lambda v: v in ("end", "settled"),
    )
    checkpoint_seconds: float = above_0(30.0)
    points_per_decade: int = key(20, "a whole number from 1 to 1000", lambda v: 1 <= v <= 1000)


@dataclass
class UnitsExperiment(Experiment):
    """A population of the nets of 1986 learning a task."""

    kind: ClassVar[str] = "nets of 1986"

    engine: str = key(
        "auto",
        "auto, compiled (fused; a replayed graph on CUDA) or eager",
        lambda v: v in ("auto", "compiled", "eager"),
    )
    grid: Grid = field(default_factory=Grid)
    task: Task = field(default_factory=Task)
    network: UnitsNetwork = field(default_factory=UnitsNetwork)
    rule: Rule = field(default_factory=Rule)
    run: Run = field(default_factory=Run)
