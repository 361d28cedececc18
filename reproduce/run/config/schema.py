"""The schema of every experiment: which keys there are, their types and what each may be.

An experiment's file names its schema. The files of this folder hold them: `HeadCountExperiment`
would be the schema `head_count`. A class that others are made of is none.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from hydra.core.config_store import ConfigStore

from reproduce.run.config.experiment import Experiment

DEFINES = re.compile(r"^class \w+Experiment\(", re.MULTILINE)


def word(schema: type) -> str:
    """The name of a schema, from that of its class."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", schema.__name__.removesuffix("Experiment")).lower()


def leaves(base: type[Experiment]) -> Iterator[type[Experiment]]:
    """The classes of which no others are made, below `base`."""
    for schema in base.__subclasses__():
        yield from leaves(schema) if schema.__subclasses__() else [schema]


def schemas() -> dict[str, type[Experiment]]:
    """All schemas by name, in the order of the alphabet."""
    for file in Path(__file__).parent.glob("*.py"):
        if DEFINES.search(file.read_text(encoding="utf-8")):
            import_module(f"{__package__}.{file.stem}")
    return dict(sorted((word(schema), schema) for schema in leaves(Experiment)))


SCHEMAS = schemas()
for name, node in SCHEMAS.items():
    ConfigStore.instance().store(group="schema", name=name, node=node, package="_global_")
