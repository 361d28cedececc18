"""What people write by hand in papers/*.yaml, held against the dataclass that it is read into.

A key's type says what it may be; `LIMITS` says what the type cannot.
"""

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, fields
from textwrap import shorten
from typing import Any, TypeGuard

LARGEST = sys.float_info.max
LONGEST_VALUE = 80  # characters of a refused value that are shown
Kind = tuple[str, Callable[[object], bool]]  # in words, and the same as a check


def is_text(value: object) -> TypeGuard[str]:
    """Whether `value` is text in one line, so that it can stand in a table."""
    return isinstance(value, str) and bool(value.strip()) and value.splitlines() == [value]


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether `value` is a finite number (a truth value is none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -LARGEST <= value <= LARGEST


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is a whole number, written as one."""
    return is_number(value) and isinstance(value, int)


def is_number_or_text(value: object) -> TypeGuard[int | float | str]:
    """Whether `value` is what a key of a grid, or a published value, may be."""
    return is_number(value) or is_text(value)


def is_list_of(value: object, check: Callable[[object], bool]) -> TypeGuard[list[Any]]:
    """Whether `value` is a list, not empty, whose parts all pass the check."""
    return isinstance(value, list) and bool(value) and all(map(check, value))


KINDS: dict[object, Kind] = {
    str: ("text in one line", is_text),
    str | None: ("text in one line", is_text),
    float | str: ("a number, or text in one line", is_number_or_text),
    float | None: ("a number", is_number),
    int | None: ("a whole number", is_whole),
    bool: ("true or false", lambda v: isinstance(v, bool)),
    dict | None: (
        "settings of a grid, as {alpha: 0.9}",
        lambda v: isinstance(v, dict) and is_list_of([*v.values()], is_number_or_text),
    ),
    tuple[str, ...]: ("a list of names", lambda v: is_list_of(v, is_text)),
}
LIMITS: dict[str, Kind] = {
    "weights": ("figures with their nets", lambda v: isinstance(v, dict) and bool(v)),
    "claims": ("a list of claims", lambda v: is_list_of(v, lambda part: isinstance(part, dict))),
    "checks": (
        "a list of checks, perhaps empty",
        lambda v: isinstance(v, list) and all(isinstance(part, dict) for part in v),
    ),
    "bibtex": ("text", lambda v: isinstance(v, str) and bool(v.strip())),
    "quote": ("text in one line, perhaps empty", lambda v: v == "" or is_text(v)),
    "decimals": ("a whole number from 0 to 15", lambda v: is_whole(v) and 0 <= v <= 15),
    "sources": ("sources by key", lambda v: isinstance(v, dict) and bool(v)),
    "departures": ("a list of names", lambda v: is_list_of(v, is_text)),
    "source": ("text in one line, perhaps empty", lambda v: v == "" or is_text(v)),
    "quantities": (
        "the printed number of each quantity",
        lambda v: isinstance(v, dict) and is_list_of([*v.values()], is_number),
    ),
    "among": (
        "the least value of each quantity",
        lambda v: isinstance(v, dict) and is_list_of([*v.values()], is_number),
    ),
    "outcomes": ("a list of numbers", lambda v: is_list_of(v, is_number)),
    "of": (
        "a list of whole numbers from 1 up",
        lambda v: is_list_of(v, is_whole) and min(v) >= 1,
    ),
    "all_but": ("a whole number from 0 up", lambda v: is_whole(v) and v >= 0),
    "margin": ("a number above 0 and below 1", lambda v: is_number(v) and 0 < v < 1),
    "share": ("a number above 0, at most 1", lambda v: is_number(v) and 0 < v <= 1),
    "enough": ("a whole number from 1 up", lambda v: is_whole(v) and v >= 1),
}


def wrong_keys(schema: type, values: dict, apart: str = "") -> Iterator[str]:
    """Keys that are unknown, missing or of a value that is not allowed, each in one line.

    apart: the one field of the dataclass `schema` that is no key.
    """
    declared = {part.name: part for part in fields(schema) if part.name != apart}
    for key in values:
        if key not in declared:
            yield f"{key}: no such key; {nearest(key, declared)}"
    for key, part in declared.items():
        allowed, holds = LIMITS[key] if key in LIMITS else KINDS[part.type]
        if key in values and not holds(values[key]):
            yield f"{key}={quoted(values[key])}: allowed is {allowed}{why(values[key], allowed)}"
        required = part.default is MISSING and part.default_factory is MISSING
        if required and key not in values:
            yield f"{key} is missing; allowed is {allowed}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Which known names are meant, perhaps, for the end of a message."""
    names = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"nearest: {', '.join(names)}" if names else f"allowed are {', '.join(known)}"


def quoted(value: object) -> str:
    """A value in a message: text in quotes, so that it is told apart from a number."""
    return shorten(repr(value), LONGEST_VALUE)


def why(value: object, allowed: str) -> str:
    """A hint where YAML may have read something else than was meant."""
    if isinstance(value, bool):
        return " (yes, no, on and off without quotes are true and false)"
    if is_number(value) and allowed.startswith("text"):
        return " (text that looks like a number needs quotes)"
    return ""
