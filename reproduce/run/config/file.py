"""An experiment's file before Hydra composes it: that it is sound, and what is wrong where not.

A file names its schema and then the keys of that schema which it sets. Hydra is given what it
holds and never reads it, so that nothing in it can tell Hydra what to do.
"""

import re
from collections.abc import Iterator
from dataclasses import fields

from reproduce.file.experiments import file_of, parted
from reproduce.file.paper import read_paper
from reproduce.file.value import nearest, quoted
from reproduce.file.yaml_file import FileError, read_mapping
from reproduce.run.config.check import ConfigError
from reproduce.run.config.key import section_of
from reproduce.run.config.schema import SCHEMAS

READING = re.compile(r"(?!figures$)[a-z0-9][\w.]*", re.ASCII)  # also a folder, beside figures/
SECTION = "allowed is a section of readings, each with the keys that it changes"


def read_file(name: str) -> tuple[str, dict, dict]:
    """The schema that the file of an experiment names, what it sets, and what the reading changes.

    name: PAPER/NAME or PAPER/NAME/READING; other readings are not looked at. ConfigError where the
    file or its paper's is not sound; what values may be is not asked.
    """
    experiment, reading = parted(name)
    file = f"conf/experiment/{experiment}.yaml"
    try:
        read_paper(experiment.split("/")[0])
        content = read_mapping(file_of(experiment), file)
        for problem in _wrong_schema(content):
            raise FileError(f"{file}: {problem}")
        schema, changed = content.pop("schema"), content.pop("readings", {})
        for problem in (
            *_wrong_keys(content, SCHEMAS[schema]),
            *_wrong_reading(changed, reading, SCHEMAS[schema]),
        ):
            raise FileError(f"{file}: {problem}")
    except FileError as error:
        raise ConfigError(str(error)) from None
    return schema, content, changed[reading] if reading else {}


def _wrong_schema(content: dict) -> Iterator[str]:
    name = content.get("schema")
    if "schema" not in content:
        yield f"schema is missing; allowed are {', '.join(SCHEMAS)}"
    elif name not in [*SCHEMAS]:
        yield f"schema={quoted(name)}: no such schema; {nearest(str(name), SCHEMAS)}"


def _wrong_reading(readings: object, name: str, schema: type) -> Iterator[str]:
    """What is wrong with the section of readings, or with the one that is asked for."""
    if not isinstance(readings, dict):
        yield f"readings={quoted(readings)}: {SECTION}"
    elif name and not READING.fullmatch(name):
        words = "letters, digits, _ and ., beginning with a small letter or a digit, not figures"
        yield f"readings.{name}: allowed are names of {words}"
    elif name and not isinstance(readings[name], dict):
        yield f"readings.{name}={quoted(readings[name])}: {SECTION}"
    elif name:
        yield from _wrong_keys(readings[name], schema, f"readings.{name}.")


def _wrong_keys(content: dict, schema: type, section: str = "") -> Iterator[str]:
    """Keys that the schema does not have, and sections that are none."""
    declared = {part.name: section_of(part.type) for part in fields(schema)}
    for key, value in content.items():
        full = f"{section}{key}"
        if key not in declared and "." in key:
            yield f"{full}: no such key; a section holds its keys, as rule: {{epsilon: 0.1}}"
        elif key not in declared:
            yield f"{full}: no such key; {nearest(full, [section + name for name in declared])}"
        elif (inner := declared[key]) and isinstance(value, dict):
            yield from _wrong_keys(value, inner, f"{full}.")
        elif inner:
            keys = ", ".join(part.name for part in fields(inner))
            yield f"{full}={quoted(value)}: allowed is a section with the keys {keys}"
