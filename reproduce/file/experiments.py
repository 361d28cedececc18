"""Which experiments there are: the files of conf/experiment, and the readings in them.

`conf/experiment/PAPER/NAME.yaml` is the experiment PAPER/NAME as the paper says it, its literal
reading. Each entry READING of its section `readings` is one more, PAPER/NAME/READING: another way
to take what the paper leaves open, which holds only what it changes.
"""

from functools import cache
from os.path import lexists
from pathlib import Path

from reproduce.file.place import CONF
from reproduce.file.yaml_file import FileError, mapping, read_text

FOLDER = CONF / "experiment"


def parted(name: str) -> tuple[str, str]:
    """PAPER/NAME, and the reading in it, which is empty for the literal one."""
    paper, _, rest = name.partition("/")
    experiment, _, reading = rest.partition("/")
    return f"{paper}/{experiment}", reading


def file_of(experiment: str) -> Path:
    """The file of PAPER/NAME."""
    return FOLDER / f"{experiment}.yaml"


def experiment_names() -> list[str]:
    """All experiments and their readings in alphabetical order, whatever their files hold."""
    files = FOLDER.glob("[!.]*/[!.]*.yaml")
    names = [path.relative_to(FOLDER).with_suffix("").as_posix() for path in files]
    read = [f"{name}/{reading}" for name in names for reading in readings(name) or ()]
    return sorted([*names, *read])


def is_experiment(name: str) -> bool:
    """Whether there is an experiment of that name; a file that cannot be read may have any."""
    experiment, reading = parted(name)
    if name.startswith((".", "/")) or not lexists(file_of(experiment)):
        return False
    there = readings(experiment)
    return not reading or there is None or reading in there


def readings(experiment: str) -> tuple[str, ...] | None:
    """The readings in the file of PAPER/NAME; None where the file cannot be read."""
    try:
        return _readings(read_text(file_of(experiment), experiment))
    except FileError:
        return None


@cache
def _readings(text: str) -> tuple[str, ...]:
    found = mapping(text, "").get("readings")
    return tuple(found) if isinstance(found, dict) else ()
