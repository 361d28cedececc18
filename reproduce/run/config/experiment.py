"""The keys that every experiment has, and what each measure needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from reproduce.file.found import declared, having
from reproduce.run.config.key import key, positive_whole

MEASURES = having("NEEDS")


@dataclass(frozen=True)
class Needs:
    """What a measure declares as its `NEEDS`: of which runs it can be asked.

    schema: the schema of the experiment. The rest is asked of nets of 1986. task: the task. links:
    groups that must be linked, (sending, receiving). biases: the net has biases. full: all links
    are full and no weights in them are shared. once: the net is run once, not over steps. kernels:
    (sending, receiving, weights) of one kernel for all of a group. free: no part is held, no case
    held out and no error forgiven. hidden_grid: no need, but whether it is also right of nets that
    lack some of the hidden units.
    """

    schema: str
    task: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    biases: bool = False
    full: bool = False
    once: bool = False
    kernels: tuple[tuple[str, str, int], ...] = ()
    free: bool = False
    hidden_grid: bool = False


@cache
def needs(measure: str) -> Needs:
    """What a measure needs, read from its file without importing it. KeyError."""
    return Needs(**declared(measure, "NEEDS"))


@dataclass
class Experiment:
    """The keys that every experiment has. kind: what the experiments of a schema are, in words."""

    kind: ClassVar[str] = "studies of layers and formulas of 2017"

    name: str = key("", "the experiment's own name, set from experiment=", lambda v: True)
    measure: list[str] = key(
        [],
        f"a list of different names out of {', '.join(MEASURES)}",
        lambda v: set(v) <= {*MEASURES} and len(set(v)) == len(v),
    )
    replicas: int = positive_whole(1000)
    seed: int = key(0, "a whole number from 0 up", lambda v: v >= 0)
    device: str = key(
        "auto", "auto, cpu, cuda or meta", lambda v: v in ("auto", "cpu", "cuda", "meta")
    )
    dtype: str = key("float32", "float32 or float64", lambda v: v in ("float32", "float64"))
    out: str = key("runs", "a folder that can be written", bool)
    rerun: bool = key(False, "true or false", lambda v: True)

    def wrong_together(self) -> Iterator[str]:
        """What is wrong with several keys at once, in one line each."""
        yield from ()

    def bytes_of_study(self) -> int:
        """The least memory that a study takes, without the rows of its replicas."""
        return 0
