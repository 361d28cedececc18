"""A task: input patterns and which outputs should be on."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor

RIGHT = 0.5  # an output is right when it is nearer than this to the 0 or 1 it should be


@dataclass(frozen=True)
class Task:
    """Cases in the order of presentation.

    inputs: (input units, cases), float64. on: (output units, cases), bool.
    """

    inputs: Tensor
    on: Tensor

    def targets(self, off: float, on: float) -> Tensor:
        """Desired outputs d, (output units, cases), float64: `on` where on, `off` elsewhere."""
        levels = torch.tensor([off, on], dtype=torch.float64)
        return levels[self.on.long()]

    def sha256(self) -> str:
        """Hash of the cases, so that a record can say which data it was made from."""
        digest = hashlib.sha256()
        for tensor in (self.inputs, self.on):
            digest.update(f"{tuple(tensor.shape)} {tensor.dtype}".encode())
            digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()


def binary_vectors(length: int) -> Tensor:
    """All 2**length vectors of 0 and 1 in counting order: (length, 2**length), float64.

    binary_vectors(2) has the columns 00, 01, 10, 11.
    """
    count = torch.arange(2**length)
    bits = [(count >> (length - 1 - place)) & 1 for place in range(length)]
    return torch.stack(bits).double()
