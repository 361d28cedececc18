"""What is to be learned: pure data, sizes asserted."""

from reproduce.task.parity import parity
from reproduce.task.pattern import RIGHT, Task
from reproduce.task.symmetry import symmetry
from reproduce.task.xor import xor

__all__ = ["RIGHT", "TASKS", "Task", "make_task"]

TASKS = {"symmetry": symmetry, "xor": xor, "parity": parity}


def make_task(name: str) -> Task:
    """The task of that name."""
    return TASKS[name]()
