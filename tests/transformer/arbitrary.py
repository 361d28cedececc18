"""Arbitrary tensors and weights in float64, the same every time."""

import torch
from torch import nn


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def shaken(module: nn.Module) -> nn.Module:
    """The module with every parameter moved: LayerNorms, biases and learned positions too."""
    chance = torch.Generator().manual_seed(0)
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=chance, dtype=torch.float64)
    return module
