"""The layers of Table 1 as they are built, and how a number grows with a size."""

from collections.abc import Callable

import numpy as np
from torch import Tensor

from reproduce.transformer.attention import attention
from reproduce.transformer.mixer import Convolution, Recurrent
from reproduce.transformer.restricted import restricted_attention

KINDS = ("self_attention", "recurrent", "convolution", "restricted")


def layer_of(kind: str, d: int, k: int, r: int) -> Callable[[Tensor], Tensor]:
    """A row of Table 1 as a layer (1, n, d) -> (1, n, d).

    Self-attention is equation 1 alone, as the table has it: Q = K = V = x, no projections.
    """
    if kind == "recurrent":
        return Recurrent(d)
    if kind == "convolution":
        return Convolution(d, k)
    if kind == "restricted":
        return lambda x: restricted_attention(x, x, x, r)
    return lambda x: attention(x, x, x, fused=False)


def exponent(sizes: list[int], counts: list[int]) -> float:
    """Slope of log(count) against log(size), least squares."""
    return float(np.polyfit(np.log(sizes), np.log(counts), 1)[0])
