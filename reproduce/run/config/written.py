"""What is written in a composed config before interpolations are resolved.

A value may be `${KEY}`, which stands for that of another key of the same experiment. Functions as
in `${oc.env:NAME}` are not allowed: what a run depends on stands in its config.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import reduce
from operator import getitem
from typing import get_args

from reproduce.run.config.key import section_of, shown
from reproduce.run.config.known import allowed

REFERENCE = re.compile(r"\$\{[A-Za-z_][\w.]*\}")


def wrong_in_written(schema: type, written: dict) -> Iterator[str]:
    """Keys that were taken away, and interpolations that are no `${KEY}`, in one line each.

    written: the config with its interpolations as text.
    """
    for path in taken_away(schema, written):
        yield f"~{path}: allowed is {path}=VALUE; an experiment has all its keys"
    for path, text in interpolations(written).items():
        if "${" in REFERENCE.sub("", text):
            yield f"{path}={text}: allowed is a value, or ${{KEY}} with a key of the experiment"


def value_at(written: dict, path: str) -> object:
    """The value at a dotted key, as it is written."""
    return reduce(getitem, path.split("."), written)


def interpolations(written: dict, section: str = "") -> dict[str, str]:
    """Dotted keys whose values hold an interpolation, with these values as they are written."""
    found: dict[str, str] = {}
    for name, value in written.items():
        if isinstance(value, dict):
            found |= interpolations(value, f"{section}{name}.")
        elif "${" in str(value):
            found[f"{section}{name}"] = str(value)
    return found


def taken_away(schema: type, written: dict, section: str = "") -> Iterator[str]:
    """Dotted keys that the schema declares and the config no longer has."""
    for declared in fields(schema):
        path, part = f"{section}{declared.name}", written.get(declared.name)
        inner = section_of(declared.type)
        one = section_of([None, *get_args(declared.type)][-1])  # dict[str, X]: sections by name
        if declared.name not in written:
            yield path
        elif isinstance(part, dict) and inner:
            yield from taken_away(inner, part, f"{path}.")
        elif isinstance(part, dict) and one:
            for name, each in part.items():
                if isinstance(each, dict):
                    yield from taken_away(one, each, f"{path}.{name}.")


def refers(path: str, references: dict[str, str]) -> list[str]:
    """The keys whose `${KEY}` may have given what is at `path`; all of them where it is empty."""
    if not path:
        return sorted(references)
    return [key for key in references if f"{path}.".startswith(f"{key}.")]


def wrong_reference(path: str, references: dict[str, str], schema: type) -> str:
    """What to say of the `${KEY}` at `path`, or of the section that holds it."""
    path = min(refers(path, references) or references)
    words = f"{allowed(schema, path)}, or ${{KEY}} of a key that has such a value"
    return f"{path}={shown(references[path])}: allowed is {words}"


def as_written(problem: str, experiment: object, references: dict[str, str]) -> str:
    """The same refusal, with each `${KEY}` as it is written in place of its value."""
    for path, text in references.items():
        value = reduce(part_of, path.split("."), experiment)
        for each in (value, *(value if isinstance(value, list) else ())):
            given = re.escape(f"{path}={shown(each)}")
            written = f"{path}={shown(text)}".replace("\\", r"\\")  # as a template takes it
            problem = re.sub(rf"(?<![\w.]){given}(?![\w.])", written, problem)
    return problem


def part_of(section: object, name: str) -> object:
    """What a section of an experiment holds under a name."""
    return section[name] if isinstance(section, dict) else getattr(section, name)
