"""Parity of four bits (PDP 1986, p. 334-335)."""

from reproduce.units.task import Task, binary_vectors

LENGTH = 4


def cases() -> Task:
    """All 16 vectors of four units; the output is on when an odd number of inputs is."""
    inputs = binary_vectors(LENGTH)
    on = (inputs.sum(0, keepdim=True) % 2).bool()
    assert inputs.shape == (4, 16)
    assert on.sum() == 8
    return Task(inputs, on)
