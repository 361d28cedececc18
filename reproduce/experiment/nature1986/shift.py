"""Shift register: a pattern moved two places to the left, round the ring (PDP 1986, p. 357)."""

from reproduce.units.task import Task, binary_vectors

LENGTH = 3
PLACES = 2


def cases() -> Task:
    """All 8 vectors of three units; each should become itself shifted by two places.

    100 becomes 010, which is 100 shifted left by two places, the first coming in at the end.
    """
    inputs = binary_vectors(LENGTH)
    on = inputs.roll(-PLACES, 0).bool()
    assert inputs.shape == (3, 8)
    assert on.sum() == 12
    return Task(inputs, on)
