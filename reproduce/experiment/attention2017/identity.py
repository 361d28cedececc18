"""What the studies of identities share: numbers drawn for each replica, and relative errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

Built = TypeVar("Built", bound=nn.Module)


@contextmanager
def chance_of(seed: int, replica: int) -> Iterator[np.random.Generator]:
    """The numbers of one replica, numpy's and inside the block torch's too.

    They depend on seed and replica alone; torch's own stream goes on after the block as before.
    """
    chance = np.random.default_rng([seed, replica])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(chance.integers(2**63)))
        yield chance


def whole(chance: np.random.Generator, low: int, high: int) -> int:
    """A whole number from low to high, both possible."""
    return int(chance.integers(low, high + 1))


def normal(*shape: int) -> Tensor:
    """Standard normal numbers in float64 from torch's stream."""
    return torch.randn(shape, dtype=torch.float64)


def redrawn(module: Built, init: float) -> Built:
    """The module in float64 with all its parameters normal of deviation `init`."""
    module.double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=init)
    return module


def relative_error(found: Tensor, truth: Tensor) -> float:
    """Largest difference over the largest magnitude of the truth."""
    return ((found - truth).abs().max() / truth.abs().max()).item()
