"""Scaled dot-product and multi-head attention (Attention Is All You Need, section 3.2).

Axis letters: b batch, h heads, n queries, m keys, k = d_k, v = d_v, d = d_model. In every mask
True means that the query may attend to the key, or 0 in a float mask and -inf that it may not.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

ALIGNMENTS = ("upper_left", "lower_right")


def causal_mask(n: int, m: int, causal: str, device: torch.device | None = None) -> Tensor:
    """Which keys lie not after a query, bool (n, m) (section 3.2.3).

    causal: `upper_left` (the first query stands at the first key) or `lower_right` (the last at
    the last, as in decoding with a cache); the same where n = m. ValueError for another word.
    """
    if causal not in ALIGNMENTS:
        raise ValueError(f"causal={causal}: allowed are {', '.join(ALIGNMENTS)}")
    shift = 0 if causal == "upper_left" else m - n
    return torch.ones(n, m, dtype=torch.bool, device=device).tril(shift)


def one_mask(mask: Tensor | None, causal: str | None, Q: Tensor, K: Tensor) -> Tensor | None:
    """The mask and the causal one together: bool, float in the dtype of Q, or None.

    TypeError for a mask of whole numbers, which could be meant either way.
    """
    if mask is not None and mask.dtype != torch.bool:
        if not mask.dtype.is_floating_point:
            raise TypeError(f"mask of {mask.dtype}: allowed are bool and floating point")
        mask = mask.to(Q.dtype)
    if causal is None:
        return mask
    earlier = causal_mask(Q.shape[-2], K.shape[-2], causal, Q.device)
    if mask is None:
        return earlier
    if mask.dtype == torch.bool:
        return mask & earlier
    return mask.masked_fill(~earlier, -math.inf)


def may_attend(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Which keys each query may attend to, and which queries to nothing: bool, the shape of mask.

    The second has 1 in the place of the keys. The softmax of such a row is 0 / 0; it is taken as
    if all were visible, and its result replaced by 0, so that no gradient meets the 0 / 0.
    """
    visible = mask if mask.dtype == torch.bool else mask != -math.inf
    return visible, ~visible.any(-1, keepdim=True)


def attention_weights(
    Q: Tensor, K: Tensor, mask: Tensor | None = None, causal: str | None = None
) -> Tensor:
    """softmax(Q K^T / sqrt(d_k)) over the keys that a query may attend to: (..., n, m).

    A query that may attend to nothing has only weights 0. Q is scaled before the product, which
    in half precision could otherwise overflow.
    """
    scores = (Q / math.sqrt(Q.shape[-1])) @ K.mT
    mask = one_mask(mask, causal, Q, K)
    if mask is None:
        return scores.softmax(-1)
    visible, nothing = may_attend(mask)
    if mask.dtype != torch.bool:
        scores = scores + mask.masked_fill(~visible, 0)
    scores = scores.masked_fill(~(visible | nothing), -math.inf)
    return scores.softmax(-1).masked_fill(nothing, 0)


def attention(
    Q: Tensor,
    K: Tensor,
    V: Tensor,
    mask: Tensor | None = None,
    *,
    causal: str | None = None,
    dropout: float = 0.0,
    fused: bool = True,
) -> Tensor:
    """softmax(Q K^T / sqrt(d_k)) V (equation 1).

    Q: (..., n, k), K: (..., m, k), V: (..., m, v) -> (..., n, v). mask: bool or float, broadcast
    to (..., n, m). causal: see `causal_mask`. dropout: share of the weights that is dropped, now.
    fused: see `fused_attention`; or as the equation is written, with all (..., n, m) weights held.
    Both give the same, and 0 for a query that may attend to nothing.
    """
    if not fused:
        weights = attention_weights(Q, K, mask, causal)
        return functional.dropout(weights, dropout) @ V
    return fused_attention(Q, K, V, mask, causal, dropout)


def fused_attention(
    Q: Tensor, K: Tensor, V: Tensor, mask: Tensor | None, causal: str | None, dropout: float
) -> Tensor:
    """`attention` through torch's scaled_dot_product_attention, a block of keys at a time.

    Without mask, the memory kept for the gradient grows as n + m; a mask is held whole, in the
    dtype of Q. With dropout torch has such a kernel only on CUDA. It has no second derivatives.
    """
    n, m, k, v = *Q.shape[-2:-1], *K.shape[-2:], V.shape[-1]
    right = mask is None and causal == "lower_right"
    from_left = (mask is None and causal == "upper_left") or (right and n == m)
    if not (from_left or (right and n == 1)):  # the kernels know these two without a mask
        mask = one_mask(mask, causal, Q, K)
    nothing = None
    if mask is not None:
        _, nothing = may_attend(mask)
        mask = mask | nothing if mask.dtype == torch.bool else mask.masked_fill(nothing, 0)
    if k != v:  # the kernels want one width, and zeros change no score
        Q, K, V = (functional.pad(x, (0, max(k, v) - x.shape[-1])) for x in (Q, K, V))
    heads = functional.scaled_dot_product_attention(
        Q, K, V, mask, dropout, is_causal=from_left, scale=1 / math.sqrt(k)
    )[..., :v]
    return heads if nothing is None else heads.masked_fill(nothing, 0)


class MultiHeadAttention(nn.Module):
    """Concat(head_1, ..., head_h) W^O with head_i = attention(Q W_i^Q, K W_i^K, V W_i^V).

    Section 3.2.2. d_k and d_v are free. bias: of the projections; the paper names none, the
    authors' code has them. dropout: of the weights, in training only. fused: see `attention`.
    """

    def __init__(
        self,
        d_model: int,
        h: int,
        d_k: int,
        d_v: int,
        *,
        dropout: float = 0.0,
        bias: bool = True,
        fused: bool = True,
    ):
        super().__init__()
        self.h, self.dropout, self.fused = h, dropout, fused
        self.W_Q = nn.Linear(d_model, h * d_k, bias)
        self.W_K = nn.Linear(d_model, h * d_k, bias)
        self.W_V = nn.Linear(d_model, h * d_v, bias)
        self.W_O = nn.Linear(h * d_v, d_model, bias)

    def in_heads(self, x: Tensor) -> Tensor:
        """(b, n, h * width) -> (b, h, n, width)."""
        return x.unflatten(-1, (self.h, -1)).transpose(1, 2)

    def keys_and_values(self, memory: Tensor) -> tuple[Tensor, Tensor]:
        """memory: (b, m, d) -> K (b, h, m, k) and V (b, h, m, v), which a cache may keep."""
        return self.in_heads(self.W_K(memory)), self.in_heads(self.W_V(memory))

    def attend(
        self,
        queries: Tensor,
        K: Tensor,
        V: Tensor,
        mask: Tensor | None = None,
        causal: str | None = None,
        watched: list[Tensor] | None = None,
    ) -> Tensor:
        """queries: (b, n, d) -> (b, n, d) over keys and values of `keys_and_values`.

        mask: broadcast to (b, h, n, m); padding of the memory is (b, 1, 1, m). watched: a list to
        which the weights of the heads (b, h, n, m) are added, before any dropout.
        """
        Q = self.in_heads(self.W_Q(queries))
        if watched is not None:
            watched.append(attention_weights(Q, K, mask, causal))
        dropout = self.dropout if self.training else 0.0
        heads = attention(Q, K, V, mask, causal=causal, dropout=dropout, fused=self.fused)
        return self.W_O(heads.transpose(1, 2).flatten(2))

    def forward(
        self,
        queries: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        causal: str | None = None,
        watched: list[Tensor] | None = None,
    ) -> Tensor:
        """queries: (b, n, d), memory: (b, m, d) -> (b, n, d); the rest as in `attend`."""
        return self.attend(queries, *self.keys_and_values(memory), mask, causal, watched)
