"""Encoding: eight patterns through three hidden units (PDP 1986, p. 335-337)."""

import numpy as np

from reproduce.units.cases import Cases

PATTERNS = 8


def cases() -> Cases:
    """Eight patterns in each of which one unit is on; the output is the input again.

    Case 2 of 8 is 01000000 and its target 01000000.
    """
    patterns = np.eye(PATTERNS)
    assert patterns[1].tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    return Cases(patterns, patterns)
