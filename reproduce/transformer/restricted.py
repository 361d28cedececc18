"""Self-attention that is restricted to a neighbourhood (section 4, Table 1).

Axis letters: b batch, n positions, k = d_k, v = d_v, r keys of a window.
"""

import torch
from torch import Tensor
from torch.nn import functional

from reproduce.transformer.attention import attention


def windows(x: Tensor, r: int) -> Tensor:
    """The r positions around each position, 0 beyond the ends: (..., n, k) -> (..., n, r, k)."""
    return functional.pad(x, (0, 0, r // 2, r // 2)).unfold(-2, r, 1).mT


def restricted_attention(Q: Tensor, K: Tensor, V: Tensor, r: int) -> Tensor:
    """Each query attends to the `neighborhood of size r` that is centred on it (section 4).

    Q, K: (..., n, k), V: (..., n, v) -> (..., n, v). Only r keys a query are multiplied: 2 r n d
    multiply-adds where k = v = d. ValueError for an even r, which has no centre.
    """
    if r % 2 == 0:
        raise ValueError(f"r={r}: allowed are odd numbers")
    n = Q.shape[-2]
    place = torch.arange(n, device=Q.device)[:, None]
    key = place + torch.arange(r, device=Q.device) - r // 2
    inside = (key >= 0) & (key < n)
    one_query = Q.unsqueeze(-2)
    found = attention(one_query, windows(K, r), windows(V, r), inside.unsqueeze(-2), fused=False)
    return found.squeeze(-2)
