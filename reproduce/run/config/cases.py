"""What a check asks of a task: its cases, from the function that gives them."""

from functools import cache

from reproduce.file.found import given, having
from reproduce.units.cases import Cases

TASKS = having("cases")
HELD_OUT = having("held_out")  # tasks of which cases can be held out


@cache
def cases_of(name: str) -> Cases:
    """The cases that the module called `name` gives. KeyError."""
    return given(name, "cases")()
