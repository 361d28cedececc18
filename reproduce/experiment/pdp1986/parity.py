"""Parity of four bits (PDP 1986, p. 334-335)."""

from reproduce.units.cases import Cases, binary_vectors

LENGTH = 4


def cases() -> Cases:
    """All 16 vectors of four units; the output is on when an odd number of inputs is."""
    inputs = binary_vectors(LENGTH)
    targets = inputs.sum(0, keepdims=True) % 2
    assert inputs.shape == (4, 16)
    assert targets.sum() == 8
    return Cases(inputs, targets)
