"""An experiment's file before Hydra reads it: that it is sound, and that it names no code.

A file says what to run and nothing else. Hydra would also take from it what Hydra itself does, up
to the Python functions that it calls; so its defaults list holds a schema, or an experiment that
it inherits, and Hydra's keys stand nowhere.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from reproduce.file.paper import read_paper
from reproduce.file.value import nearest, quoted
from reproduce.file.yaml_file import FileError, mapping, read_text
from reproduce.run.config.check import ConfigError
from reproduce.run.config.schema import SCHEMAS

HEADER = "# @package _global_"
DEFAULTS = "allowed is a schema or an experiment, then _self_: [/schema/units, _self_]"
IN_CONF = ("experiment",)  # its folders; Hydra would take any other for settings, also of its own


def experiment_files(folder: Path) -> list[str]:
    """All experiments, PAPER/NAME, in alphabetical order, whatever their files hold."""
    files = folder.glob("[!.]*/[!.]*.yaml")
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in files)


def check_file(folder: Path, name: str) -> None:
    """Check the file of an experiment, those that it inherits, and its paper's. ConfigError.

    folder: conf/experiment. What values may be is not asked here.
    """
    try:
        _check_folders(folder.parent)
        read_paper(name.split("/")[0])
        contents, schema = _inherited(folder, name)
        for file, content in contents.items():
            for problem in _wrong_keys(content, schema):
                raise FileError(f"{file}: {problem}")
    except FileError as error:
        raise ConfigError(str(error)) from None


def _file(name: str) -> str:
    return f"conf/experiment/{name}.yaml"


def _check_folders(conf: Path) -> None:
    for path in conf.iterdir():
        if path.is_dir() and not path.name.startswith((".", "_")) and path.name not in IN_CONF:
            raise FileError(f"conf/{path.name}: the only folder allowed in conf/ is experiment")


def _inherited(folder: Path, name: str) -> tuple[dict[str, dict], type]:
    """What the file of an experiment and those that it inherits hold, by file, and the schema."""
    contents = {}
    while (file := _file(name)) not in contents:
        text = read_text(folder / f"{name}.yaml", file)
        content = contents[file] = mapping(text, file)
        wrong = (*_wrong_header(text), *_wrong_defaults(content, folder), *_not_ours(content))
        for problem in wrong:
            raise FileError(f"{file}: {problem}")
        group, _, name = content.pop("defaults")[0].removeprefix("/").partition("/")
        if group == "schema":
            return contents, SCHEMAS[name]
    raise FileError(f"{file}: defaults: it inherits itself")


def _wrong_header(text: str) -> Iterator[str]:
    """Hydra reads lines that begin with # @ as where to put what the file holds."""
    first, *others = text.splitlines()
    if first.split() != HEADER.split():
        yield f"line 1: allowed is {HEADER}"
    for number, line in enumerate(others, 2):
        if re.match(r"\s*#\s*@", line):
            yield f"line {number}: {line.strip()}: only the first line may begin with # @"


def _wrong_defaults(content: dict, folder: Path) -> Iterator[str]:
    if "defaults" not in content:
        yield f"defaults is missing; {DEFAULTS}"
        return
    given = content["defaults"]
    parent = given[0] if isinstance(given, list) and given else None
    if not isinstance(parent, str) or given[1:] not in ([], ["_self_"]):
        yield f"defaults={quoted(given)}: {DEFAULTS}"
        return
    known = {"/schema/": [*SCHEMAS], "/experiment/": experiment_files(folder)}
    for group, names in known.items():
        if parent.startswith(group):
            name = parent.removeprefix(group)
            if name not in names:
                yield f"defaults: {parent}: it does not exist; {nearest(name, names)}"
            return
    yield f"defaults: {parent}: {DEFAULTS}"


def _wrong_keys(content: dict, schema: type, section: str = "") -> Iterator[str]:
    """Keys that the schema does not have, and sections that are none."""
    declared = {part.name: part.type for part in fields(schema)}
    for key, value in content.items():
        full = f"{section}{key}"
        if key not in declared and "." in key:
            yield f"{full}: no such key; a section holds its keys, as rule: {{epsilon: 0.1}}"
        elif key not in declared:
            yield f"{full}: no such key; {nearest(full, [section + name for name in declared])}"
        elif is_dataclass(declared[key]) and isinstance(value, dict):
            yield from _wrong_keys(value, declared[key], f"{full}.")
        elif is_dataclass(declared[key]):
            keys = ", ".join(part.name for part in fields(declared[key]))
            yield f"{full}={quoted(value)}: allowed is a section with the keys {keys}"


def _not_ours(content: dict) -> Iterator[str]:
    """Keys that are Hydra's."""
    for key in content:
        if re.split(r"[./@]", key)[0] == "hydra":
            yield f"{key}: Hydra's own settings are not allowed in an experiment's file"
    for key, value in _values("", content):
        if key.split(".")[-1] == "_target_":
            yield f"{key}={quoted(value)}: an experiment's file names no code"


def _values(key: str, value: object) -> Iterator[tuple[str, object]]:
    """A value and all that it holds, with dotted keys."""
    yield key, value
    parts = value.items() if isinstance(value, dict) else []
    parts = enumerate(value) if isinstance(value, list) else parts
    for name, part in parts:
        yield from _values(f"{key}.{name}" if key else str(name), part)
