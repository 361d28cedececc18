"""The network sections of the nets of 1986: of a population, and of those that are minimised."""

from dataclasses import dataclass
from typing import Any, ClassVar

from reproduce.run.config.key import by_name, is_any, is_in_range, key, number, one_or_each
from reproduce.units.function import FUNCTIONS

HELD = ("free", "fixed", "negative", "positive")  # free: as if nothing were said


def is_sizes(groups: dict) -> bool:
    """A check: at least one name, each with a whole number or a list of two."""

    def fits(size: object) -> bool:
        numbers = size if isinstance(size, list) and len(size) == 2 else [size]
        return all(type(each) is int for each in numbers) and is_in_range(numbers)

    return bool(groups) and all(map(fits, groups.values()))


@dataclass
class UnitsNetwork:
    """Groups of units, for each group the groups that send to it, and how the weights start."""

    groups: dict[str, Any] = key(
        {}, "names of groups, each with its number of units or [rows, columns] of a grid", is_sizes
    )
    links: dict[str, list[Any]] = key(
        {}, "for each group the groups that send to it, or mappings with from: GROUP", by_name(list)
    )
    inputs: list[str] = key(
        [], "groups that the cases give, or [] (the groups that nothing is sent to)", is_any
    )
    outputs: list[str] = key([], "groups that are compared with targets", bool)
    steps: int | None = key(
        None,
        "null, or a whole number from 1 to 1000: how often a recurrent net is run",
        lambda v: v is None or 1 <= v <= 1000,
    )
    asked: list[int] = key(
        [], "steps after which the outputs are compared, or [] (the last)", is_any
    )
    init: Any = key(
        0.3,
        "a number from 0 up (weights start uniform from -init to init), or one for each replica",
        one_or_each(lambda v: v >= 0),
    )
    weights: str | None = key(
        None,
        "null, or paper/figure: printed weights to which the random start is added",
        lambda v: v is None or v.count("/") == 1,
    )
    start: dict[str, dict[str, Any]] = key(
        {},
        "for groups, by sending group, bias or units, where they begin: a number, [low, high], "
        "or paper/figure",
        is_any,
    )
    hold: dict[str, dict[str, Any]] = key(
        {},
        f"for groups, by sending group or bias, one of {', '.join(HELD)}",
        lambda v: all(how in HELD for parts in v.values() for how in parts.values()),
    )
    like: dict[str, str] = key(
        {}, "for groups without weights of their own the ones they share", is_any
    )
    share: list[list[str]] = key(
        [], "lists of parts, GROUP.SOURCE or GROUP.bias, that have the same weights", is_any
    )
    one_bias: list[str] = key([], "groups whose units have one bias in common", is_any)
    biases: bool = key(True, "true or false", is_any)
    function: str = key(
        "logistic",
        f"{', '.join(FUNCTIONS)}: of the units that are no outputs",
        FUNCTIONS.__contains__,
    )
    equal_units: bool = key(
        False, "true (all units of a hidden group start alike) or false", is_any
    )


@dataclass
class MinimizerNetwork:
    """Groups of logistic units with biases, for each the groups that send to it, and the start.

    like, biases, function, weights: no keys; what the section of the same name of a population
    may set is settled here.
    """

    like: ClassVar[dict[str, str]] = {}
    biases: ClassVar[bool] = True
    function: ClassVar[str] = "logistic"
    weights: ClassVar[str | None] = None

    groups: dict[str, int] = key({}, "names of groups, each with its number of units", bool)
    links: dict[str, list[str]] = key({}, "for each group the groups that send to it", bool)
    outputs: list[str] = key([], "groups that are compared with targets", bool)
    init: float = key(
        0.3,
        "a number from 0 up (weights start uniform from -init to init)",
        number(lambda v: v >= 0),
    )


Network = UnitsNetwork | MinimizerNetwork
