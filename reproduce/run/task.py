"""The task that an experiment names, as tensors."""

from reproduce.run.config.cases import cases_of
from reproduce.units.task import Task


def task_of(name: str) -> Task:
    """The task whose cases the module called `name` gives. KeyError."""
    return Task.of(cases_of(name))
