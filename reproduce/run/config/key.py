"""How a key of a schema is declared: its default, what it may be in words, and as a check."""

import math
from collections.abc import Callable
from copy import copy
from dataclasses import field, is_dataclass
from functools import partial
from typing import Any, TypeVar

from reproduce.file.value import LONGEST_VALUE
from reproduce.file.value import is_number as value_is_number

FLOAT, DOUBLE = 4, 8  # bytes of a number
MODULE = 1000  # bytes of a layer, without its weights
MOST = 2**63 - 1  # that a whole number may be

Check = Callable[[Any], bool]  # of a value as the schema types it
Value = TypeVar("Value")


def shown(value: object) -> str:
    """A value as it stands in a message: in one line and not too long."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def is_any(value: object) -> bool:
    """A check that the type of a key says enough."""
    return True


def is_number(value: object) -> bool:
    """Whether `value` is a finite number (a truth value is none, and neither is -0.0)."""
    return value_is_number(value) and not (value == 0 and math.copysign(1, value) < 0)


def is_in_range(value: object) -> bool:
    """Whether no whole number in a value is larger than MOST."""
    value = [*value.values()] if isinstance(value, dict) else value
    parts = value if isinstance(value, list) else [value]
    return all(abs(part) <= MOST for part in parts if isinstance(part, int))


def number(holds: Check) -> Check:
    """A check: a finite number for which `holds`."""
    return lambda value: is_number(value) and holds(value)


def one_or_each(holds: Check) -> Check:
    """A check: one number for which `holds`, or a list of them, one for each replica."""
    check = number(holds)
    return lambda value: (
        check(value) or (isinstance(value, list) and len(value) > 0 and all(map(check, value)))
    )


def numbers(holds: Check) -> Check:
    """A check: a list of finite numbers, each of which `holds`, that differ in their names."""
    check = number(holds)
    return lambda value: all(map(check, value)) and are_different(value)


def by_name(kind: type) -> Check:
    """A check: at least one name, each with a value of one kind."""
    return lambda value: bool(value) and all(isinstance(each, kind) for each in value.values())


def different(holds: Check, fewest: int = 0) -> Check:
    """A check: a list of at least so many different numbers, each of which `holds`."""
    return lambda values: (
        len(values) >= fewest and are_different(values) and all(map(holds, values))
    )


def are_different(numbers: list[float]) -> bool:
    """Whether the numbers still differ in the names of quantities."""
    return len({f"{number:g}" for number in numbers}) == len(numbers)


def key(default: Value, allowed: str, holds: Check) -> Value:
    """Declare a key: its default, what it may be in words, and the same as a check."""
    metadata = {"allowed": allowed, "holds": holds}
    if isinstance(default, dict | list):
        return field(default_factory=partial(copy, default), metadata=metadata)
    return field(default=default, metadata=metadata)


def section_of(kind: object) -> type | None:
    """The class that says what the keys of a section are, if a type of a key is one."""
    return kind if isinstance(kind, type) and is_dataclass(kind) else None


def positive_whole(default: int) -> int:
    """Declare a key that counts something and is at least 1."""
    return key(default, "a whole number from 1 up", lambda v: v >= 1)


def whole_numbers(default: list[int], least: int = 1, fewest: int = 1) -> list[int]:
    """Declare a key that is a list of different whole numbers; fewest: how many at least."""
    words = f"different whole numbers from {least} up"
    return key(default, words, different(lambda v: v >= least, fewest))


def above_0(default: float) -> float:
    """Declare a key that is a positive number."""
    return key(default, "a number above 0", number(lambda v: v > 0))


def share(default: float) -> float:
    """Declare a key that is a share, 1 itself not allowed."""
    return key(default, "a number from 0 to below 1", number(lambda v: 0 <= v < 1))


def one_of(default: str, words: tuple[str, ...]) -> str:
    """Declare a key that is one of some words."""
    return key(default, f"one of {', '.join(words)}", words.__contains__)
