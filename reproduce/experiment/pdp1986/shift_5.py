"""The shift register with five units (PDP 1986, p. 357)."""

from reproduce.experiment.nature1986 import shift
from reproduce.units.cases import Cases


def cases() -> Cases:
    """All 32 vectors of five units; each should become itself shifted by two places."""
    return shift.cases(5)
