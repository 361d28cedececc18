"""Shift register: a pattern moved two places to the left, round the ring (PDP 1986, p. 357)."""

import numpy as np

from reproduce.units.cases import Cases, binary_vectors

LENGTH = 3
PLACES = 2


def cases(length: int = LENGTH) -> Cases:
    """All vectors of some units; each should become itself shifted by two places.

    100 becomes 010, which is 100 shifted left by two places, the first coming in at the end.
    """
    inputs = binary_vectors(length)
    targets = np.roll(inputs, -PLACES, 0)
    assert inputs.shape == (length, 2**length)
    assert targets.sum() == length * 2 ** (length - 1)
    return Cases(inputs, targets)
