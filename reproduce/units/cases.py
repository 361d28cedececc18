"""The cases of a task as arrays, without torch: all that a check of configs has to know of them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cases:
    """Cases in the order of presentation.

    inputs: (input units, cases); of a task in time (steps + 1, input units, cases), from step 0
    on. targets: (output units, cases), 0 or 1, nan where nothing is asked; of a task in time
    (steps, output units, cases) with all the steps that are asked.
    """

    inputs: np.ndarray
    targets: np.ndarray

    @property
    def count(self) -> int:
        """How many cases there are."""
        return self.inputs.shape[-1]

    @property
    def input_units(self) -> int:
        """How many units the inputs have at one step."""
        return self.inputs.shape[-2]

    @property
    def outputs(self) -> int:
        """How many outputs are compared with targets: units, times the steps that are asked."""
        return self.targets[..., 0].size


def binary_vectors(length: int) -> np.ndarray:
    """All 2**length vectors of 0 and 1 in counting order: (length, 2**length).

    binary_vectors(2) has the columns 00, 01, 10, 11.
    """
    places = np.arange(length)[::-1, None]
    return (np.arange(2**length) >> places & 1).astype(float)
