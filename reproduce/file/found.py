"""What the modules of experiments give, found by their file names.

`reproduce/experiment/PAPER/NAME.py`, or the files of a folder of that name, are called NAME, and so
is `reproduce/units/measure/NAME.py` with what more than one experiment measures. What may be given:
`cases`, `held_out`, `texts`, `measure`, `example`, `study`, `draw`, `show`, `section`; the
callers say what each takes. A module is imported only when something of it is asked for.
"""

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
def places(name: str) -> dict[str, str]:
    """The dotted name of the file that defines something, by what it defines. KeyError."""
    found = {}
    for file in modules()[name]:
        dotted = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for function, constant in DEFINED.findall(file.read_text(encoding="utf-8")):
            found[function or constant] = dotted
    return found


def given(name: str, what: str) -> Any:
    """What the module called `name` defines as `what`; None where it does not. KeyError."""
    place = places(name).get(what)
    return None if place is None else getattr(import_module(place), what)


def having(what: str) -> list[str]:
    """The names of all modules that define `what`."""
    return [name for name in modules() if what in places(name)]
