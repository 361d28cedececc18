"""Exclusive-or (PDP 1986, p. 319 and 330-334)."""

from reproduce.units.cases import Cases, binary_vectors


def cases() -> Cases:
    """The four pairs 00, 01, 10, 11; the output is on when exactly one input is."""
    inputs = binary_vectors(2)
    targets = (inputs.sum(0, keepdims=True) == 1).astype(float)
    assert inputs.shape == (2, 4)
    assert targets.tolist() == [[0, 1, 1, 0]]
    return Cases(inputs, targets)
