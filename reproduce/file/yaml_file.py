"""A YAML file that a person wrote, read in one way everywhere: UTF-8, no key twice, no traps.

Numbers and text are told apart as Hydra does it: 1e-4 is a number and a date is text. Octal
numbers, durations and the like, which mean another number than they show, are refused, and so are
keys that YAML takes for a truth value or a number.
"""

import codecs
import re
import stat
from pathlib import Path

import yaml

TEXT, MERGE, INT, FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("str", "merge", "int", "float"))
OTHERWISE = {FLOAT, "tag:yaml.org,2002:timestamp"}  # than in PyYAML
FLOATS = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?$|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$"
    r"|[-+]?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?$|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$"
    r"|[-+]?\.(?:inf|Inf|INF)$|\.(?:nan|NaN|NAN)$"
)
MISREAD = re.compile(r"[-+]?(?:0[0-9_]+|0[xb].*|.*:.*)")
MOST_DIGITS = 300


class FileError(ValueError):
    """A file that cannot be used, said in one line that begins with its name."""

    def __init__(self, said: str):
        super().__init__(" ".join(said.splitlines()))


class _Refused(Exception):
    """What is wrong, without the name of the file."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, with numbers as Hydra reads them, which refuses what is misread."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node, or the one that an alias stands for, which must have ended before."""
        node = super().compose_node(parent, index)
        if node is not None and node.end_mark is None:
            raise _Refused(f"line {node.start_mark.line + 1}: a value holds itself")
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """A mapping whose keys are text and differ; what `<<` brings in may be set otherwise."""
        lines: dict[str, str] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else []:
            line = key.start_mark.line + 1
            if key.tag == MERGE:
                continue
            if key.tag != TEXT:
                shown = key.value if isinstance(key, yaml.ScalarNode) else "of several parts"
                raise _Refused(f"line {line}: the key {shown} is not text; put it in quotes")
            if first := lines.get(key.value):
                raise _Refused(f"line {line}: the key {key.value} is there twice, first in {first}")
            lines[key.value] = f"line {line}"
        return super().construct_mapping(node, deep)

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        """A number that means what it shows."""
        line, text = node.start_mark.line + 1, node.value
        if len(text) > MOST_DIGITS:
            raise _Refused(f"line {line}: a number of {len(text)} digits; write fewer")
        whole = node.tag == INT
        number = self.construct_yaml_int(node) if whole else self.construct_yaml_float(node)
        if (whole and MISREAD.fullmatch(text)) or ":" in text:
            raise _Refused(f"line {line}: {text} means {number} in YAML; write that or use quotes")
        return number


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in OTHERWISE]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(FLOAT, FLOATS, list("-+0123456789."))
_Loader.add_constructor(INT, _Loader.construct_number)
_Loader.add_constructor(FLOAT, _Loader.construct_number)


def read_mapping(path: Path, name: str) -> dict:
    """The keys and values of the file at `path`; FileError calls it `name`."""
    return mapping(read_text(path, name), name)


def mapping(text: str, name: str) -> dict:
    """The keys and values of a file with this text; FileError calls it `name`."""
    try:
        content = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, _Refused, ValueError, RecursionError) as error:
        raise FileError(f"{name}: {_in_one_line(error)}") from None
    if content is None:
        raise FileError(f"{name}: the file is empty")
    if not isinstance(content, dict):
        raise FileError(f"{name}: it holds no keys; allowed are lines of the form key: value")
    return content


def read_text(path: Path, name: str) -> str:
    """The text of a regular file in UTF-8 without byte order mark; FileError calls it `name`."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise FileError(f"{name}: it is a folder or a device; a file is needed")
        data = path.read_bytes()
    except FileNotFoundError:
        absent = "it is a link to a file that is not there" if path.is_symlink() else "no such file"
        raise FileError(f"{name}: {absent}") from None
    except OSError as error:
        raise FileError(f"{name}: it cannot be read: {error.strerror}") from None
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileError(f"{name}: it begins with a byte order mark; save it as UTF-8 without one")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileError(f"{name}: line {line}: it is not UTF-8 text") from None


def _in_one_line(error: Exception) -> str:
    """What PyYAML or the loader has to say, with the line."""
    if isinstance(error, RecursionError):
        return "values are nested too deeply"
    if isinstance(error, yaml.reader.ReaderError):
        return f"the character U+{error.character:04X} is not allowed in YAML"
    if not isinstance(error, yaml.MarkedYAMLError):
        return " ".join(str(error).split())
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return " ".join(str(error).split())
    if mark.buffer is not None and mark.buffer[mark.pointer : mark.pointer + 1] == "\t":
        return f"line {mark.line + 1}: a tab; indent with spaces"
    said = ", ".join(part for part in (error.context, error.problem) if part)
    return f"line {mark.line + 1}: {' '.join(said.split())}"
