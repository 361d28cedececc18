"""The shift register with five units (PDP 1986, p. 357)."""

from reproduce.experiment.nature1986 import shift
from reproduce.units.task import Task


def cases() -> Task:
    """All 32 vectors of five units; each should become itself shifted by two places."""
    return shift.cases(5)
