"""The text of the program's own files that some modules are made of."""

from collections.abc import Iterable
from modulefinder import ModuleFinder
from pathlib import Path


def sources(modules: Iterable[str], root: Path, without: Iterable[str] = ()) -> dict[str, str]:
    """The text of every file below `root` that the modules import, however deep, and of their own.

    without: modules and packages that are not followed.
    """
    finder = ModuleFinder([str(root)], excludes=list(without))
    for module in modules:
        finder.import_hook(module)
    files = {name: vars(found)["__file__"] for name, found in sorted(finder.modules.items())}
    return {name: Path(file).read_text(encoding="utf-8") for name, file in files.items() if file}
