"""Input-output functions of a unit: y of its total input x, and the way back from dE/dy to dE/dx.

Equation 2 of Nature 1986 (p. 533) is the logistic one. "Any input-output function which has a
bounded derivative will do" (p. 534). Written in methods of tensors, so that no torch is imported.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """value: x -> y; back: dE/dy, y -> dE/dx = dE/dy dy/dx (equation 5)."""

    value: Callable
    back: Callable


FUNCTIONS = {
    "logistic": Function(lambda x: x.sigmoid(), lambda dE_dy, y: dE_dy * y * (1 - y)),
    "tanh": Function(lambda x: x.tanh(), lambda dE_dy, y: dE_dy * (1 - y * y)),
    "rectifier": Function(lambda x: x.relu(), lambda dE_dy, y: dE_dy * (y > 0)),
}
