"""What the modules of experiments give, found by their file names.

`reproduce/experiment/PAPER/NAME.py`, or the files of a folder of that name, are called NAME, and so
is `reproduce/units/measure/NAME.py` with what more than one experiment measures. What may be given:
`cases`, `held_out`, `texts`, `measure`, `example`, `study`, `draw`, `show`, `section`; the
callers say what each takes. A module is imported only when something of it is asked for, and what
it declares as a literal, `NEEDS`, is read without that.
"""

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from reproduce.file.place import ROOT

PACKAGE = ROOT / "reproduce"
DEFINED = re.compile(r"^(?:def|class) (\w+)|^(\w+)(?:: [^=]+)? = ", re.MULTILINE)


@cache
def modules() -> dict[str, list[Path]]:
    """The files of each module, by its name."""
    found = {}
    for path in [*PACKAGE.glob("experiment/*/*"), *PACKAGE.glob("units/measure/*")]:
        files = sorted(path.glob("*.py")) if path.is_dir() else [path]
        if path.name != "__init__.py" and all(file.suffix == ".py" for file in files) and files:
            found[path.stem] = files
    return dict(sorted(found.items()))


@cache
def files(name: str) -> dict[str, Path]:
    """The file of a module that defines something, by what it defines. KeyError."""
    return {
        function or constant: file
        for file in modules()[name]
        for function, constant in DEFINED.findall(file.read_text(encoding="utf-8"))
    }


@cache
def places(name: str) -> dict[str, str]:
    """The dotted names of the same files. KeyError."""
    found = {what: file.relative_to(ROOT).with_suffix("") for what, file in files(name).items()}
    return {what: ".".join(path.parts).removesuffix(".__init__") for what, path in found.items()}


def declared(name: str, what: str) -> Any:
    """The literal that the module called `name` sets `what` to, without importing it. KeyError."""
    for node in ast.parse(files(name)[what].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == what:
            return ast.literal_eval(node.value)
    raise KeyError(what)


def given(name: str, what: str) -> Any:
    """What the module called `name` defines as `what`; None where it does not. KeyError."""
    place = places(name).get(what)
    return None if place is None else getattr(import_module(place), what)


def having(what: str) -> list[str]:
    """The names of all modules that define `what`."""
    return [name for name in modules() if what in places(name)]
