"""What is to be learned: pure data, sizes asserted."""

from torch import Tensor

from reproduce.task import family_trees
from reproduce.task.parity import parity
from reproduce.task.pattern import RIGHT, Task
from reproduce.task.shift import shift
from reproduce.task.symmetry import symmetry
from reproduce.task.xor import xor

__all__ = ["HELD_OUT", "RIGHT", "TASKS", "Task", "held_out", "make_task"]

TASKS = {
    "symmetry": symmetry,
    "xor": xor,
    "parity": parity,
    "shift": shift,
    "family_trees": family_trees.family_trees,
}
HELD_OUT = {"family_trees": family_trees.held_out}  # tasks of which a net may not see all cases


def make_task(name: str) -> Task:
    """The task of that name."""
    return TASKS[name]()


def held_out(name: str, kind: str, seed: int, first: int, replicas: int) -> Tensor:
    """Which cases replicas first, first + 1, ... do not train on: bool (c, replicas)."""
    return HELD_OUT[name](kind, seed, first, replicas)
