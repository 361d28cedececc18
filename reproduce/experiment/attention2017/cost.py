"""What one pass through a layer costs: multiply-adds, counted exactly, and time, measured."""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from reproduce.transformer.attention import MultiHeadAttention


def multiply_adds(layer: Callable, *given: Tensor) -> int:
    """Of all matrix products and convolutions of one pass, by torch's counter.

    It sees recurrent layers too, as the products of their steps. Softmax, norms, sums and biases
    are not counted, nor by the paper. Shapes are enough: layer and inputs may lie on `meta`.
    """
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        layer(*given)
    return counter.get_total_flops() // 2


def parts(layer: MultiHeadAttention, n: int) -> tuple[int, int]:
    """Multiply-adds of self-attention over n positions: those of equation 1, of the projections."""
    x = torch.empty(1, n, layer.W_Q.in_features, device=layer.W_Q.weight.device)
    projections = [module for module in layer.children() if isinstance(module, nn.Linear)]
    inputs = [x.new_empty(1, n, projection.in_features) for projection in projections]
    outside = sum(map(multiply_adds, projections, inputs))
    return multiply_adds(layer, x, x) - outside, outside


def milliseconds(layer: Callable, *given: Tensor) -> float:
    """Wall-clock time of one pass without gradients, after another one that is not counted."""
    with torch.no_grad():
        layer(*given)
        start = time.perf_counter()
        layer(*given)
        return 1000 * (time.perf_counter() - start)
