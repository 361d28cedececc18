"""Mirror symmetry about the middle of a binary vector (Nature 1986, p. 533-534, Fig. 1)."""

from reproduce.units.cases import Cases, binary_vectors

LENGTH = 6


def cases() -> Cases:
    """All 64 vectors of six units; the output is on for the 8 that read the same backwards.

    100001 is symmetric, 100000 is not.
    """
    inputs = binary_vectors(LENGTH)
    targets = (inputs == inputs[::-1]).all(0, keepdims=True).astype(float)
    assert inputs.shape == (6, 64)
    assert targets.sum() == 8
    return Cases(inputs, targets)
