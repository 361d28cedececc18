"""A task: input patterns and which outputs should be on."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor

RIGHT = 0.5  # an output is right when it is nearer than this to the 0 or 1 it should be


@dataclass(frozen=True)
class Task:
    """Cases in the order of presentation.

    inputs: (input units, cases), float64; of a task in time (steps + 1, input units, cases), from
    step 0 on. on: (output units, cases), bool; of a task in time the output units of each step
    that is asked, step after step. asked: of the shape of `on`, False where an output has no
    target; None where all have one.
    """

    inputs: Tensor
    on: Tensor
    asked: Tensor | None = None

    def targets(self, off: float, on: float) -> Tensor:
        """Desired outputs d, (output units, cases), float64: `on` where on, `off` elsewhere."""
        levels = torch.tensor([off, on], dtype=torch.float64)
        return levels[self.on.long()]

    def sha256(self) -> str:
        """Hash of the cases, so that a record can say which data it was made from."""
        digest = hashlib.sha256()
        tensors = (self.inputs, self.on, self.asked)
        for tensor in (tensor for tensor in tensors if tensor is not None):
            digest.update(f"{tuple(tensor.shape)} {tensor.dtype}".encode())
            digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()


def cases(inputs: Tensor, targets: Tensor) -> Task:
    """The task of given inputs and targets 0 and 1, nan where nothing is asked.

    inputs: (input units, cases), or (steps + 1, input units, cases). targets: (output units,
    cases), or (steps, output units, cases) with all the steps that are asked.
    """
    targets = targets.flatten(0, -2)
    asked = ~targets.isnan()
    assert ((targets == 0) | (targets == 1) | ~asked).all()
    return Task(inputs.double(), targets == 1, None if asked.all() else asked)


def binary_vectors(length: int) -> Tensor:
    """All 2**length vectors of 0 and 1 in counting order: (length, 2**length), float64.

    binary_vectors(2) has the columns 00, 01, 10, 11.
    """
    count = torch.arange(2**length)
    bits = [(count >> (length - 1 - place)) & 1 for place in range(length)]
    return torch.stack(bits).double()
