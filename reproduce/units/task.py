"""A task: input patterns and which outputs should be on."""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from reproduce.units.cases import Cases

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

    @classmethod
    def of(cls, cases: Cases) -> "Task":
        """The same cases as tensors of their own, each in one piece as the engines read them."""
        inputs, targets = (
            torch.from_numpy(np.array(values, dtype=float, order="C"))
            for values in (cases.inputs, cases.targets)
        )
        targets = targets.flatten(0, -2)
        asked = ~targets.isnan()
        assert ((targets == 0) | (targets == 1) | ~asked).all()
        return cls(inputs, targets == 1, None if asked.all() else asked)

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
