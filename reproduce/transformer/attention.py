"""Scaled dot-product and multi-head attention (Attention Is All You Need, section 3.2).

Axis letters: b batch, h heads, n queries, m keys, k = d_k, v = d_v, d = d_model. In every mask
True means that the query may attend to the key, or 0 in a float mask and -inf that it may not.

Whatever stands in a key or value that no query of its batch and head may attend to, NaN and
infinity too, reaches no output and no gradient, and its own gradient is 0; the same holds of a
query that may attend to nothing. In `MultiHeadAttention` it holds of the memory and the queries
hidden in every head, if `keys_and_values` is given the mask. It does not hold of a key that is
hidden from some queries only: in the product with V, 0 times NaN is NaN for all of them.
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

    It has at least two dimensions. A float mask comes out `from_largest`. TypeError for a mask of
    whole numbers, which could be meant either way.
    """
    if mask is not None:
        if mask.dtype != torch.bool and not mask.dtype.is_floating_point:
            raise TypeError(f"mask of {mask.dtype}: allowed are bool and floating point")
        mask = torch.atleast_2d(mask)
    if causal is not None:
        earlier = causal_mask(Q.shape[-2], K.shape[-2], causal, Q.device)
        if mask is None:
            return earlier
        if mask.dtype == torch.bool:
            return mask & earlier
        mask = mask.masked_fill(~earlier, -math.inf)
    if mask is None or mask.dtype == torch.bool:
        return mask
    return from_largest(mask.to(torch.promote_types(mask.dtype, Q.dtype))).to(Q.dtype)


def from_largest(mask: Tensor) -> Tensor:
    """A float mask less the largest number of each row, which changes no softmax.

    In a row of only large numbers, say -1e9, the scores would otherwise be lost in rounding, and
    the gradients of the fused kernels be wrong. A row of -inf stays as it is.
    """
    if mask.shape[-1] == 0:
        return mask
    largest = mask.detach().amax(-1, keepdim=True)
    return mask - largest.masked_fill(largest == -math.inf, 0)


def may_attend(mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Which keys each query may attend to, which queries to nothing, and which keys no query.

    bool: the shape of the mask, that with 1 in the place of the keys, and (..., m, 1). The
    softmax of a query that may attend to nothing is 0 / 0; it is taken as if all keys were
    visible, and its result replaced by 0, so that no gradient meets the 0 / 0.
    """
    visible = mask if mask.dtype == torch.bool else mask != -math.inf
    return visible, ~visible.any(-1, keepdim=True), ~visible.any(-2).unsqueeze(-1)


def blanked(x: Tensor, hidden: Tensor) -> Tensor:
    """x with 0 where `hidden`, in the same layout, on which the rounding of a product depends."""
    whole = x.expand(torch.broadcast_shapes(x.shape, hidden.shape))
    return whole.clone().masked_fill_(hidden, 0)


def in_every_head(where: Tensor) -> Tensor:
    """(..., rows, 1), of the last dimensions of (b, h, rows, 1) -> (b or 1, rows, 1)."""
    return where[(None,) * (4 - where.dim())].all(1)


def attention_weights(
    Q: Tensor, K: Tensor, mask: Tensor | None = None, causal: str | None = None
) -> Tensor:
    """softmax(Q K^T / sqrt(d_k)) over the keys that a query may attend to: (..., n, m).

    A query that may attend to nothing has only weights 0. Q is scaled before the product, which
    in half precision could otherwise overflow.
    """
    mask = one_mask(mask, causal, Q, K)
    return weights_by(Q, K, mask, *(() if mask is None else may_attend(mask)))


def weights_by(Q: Tensor, K: Tensor, mask: Tensor | None, *who: Tensor) -> Tensor:
    """`attention_weights` by a mask of `one_mask`; who: what `may_attend` says of it, if any."""
    if mask is None:
        return ((Q / math.sqrt(Q.shape[-1])) @ K.mT).softmax(-1)
    visible, nothing, unseen = who
    Q, K = blanked(Q, nothing), blanked(K, unseen)
    scores = (Q / math.sqrt(Q.shape[-1])) @ K.mT
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
        mask = one_mask(mask, causal, Q, K)
        who = () if mask is None else may_attend(mask)
        weights = weights_by(Q, K, mask, *who)
        if who:
            V = blanked(V, who[2])
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
    if from_left:  # later keys than the last query no query may attend to
        K, V = K[..., :n, :], V[..., :n, :]
    elif mask is not None:
        _, nothing, unseen = may_attend(mask)
        Q, K, V = blanked(Q, nothing), blanked(K, unseen), blanked(V, unseen)
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

    def keys_and_values(self, memory: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """memory: (b, m, d) -> K (b, h, m, k) and V (b, h, m, v), which a cache may keep.

        mask: as in `attend`. What stands in the memory where no query of any head may attend by
        it is taken as 0, so that it does not reach the gradients of W_K and W_V.
        """
        if (own := one_mask(mask, None, memory, memory)) is not None:
            _, _, unseen = may_attend(own)
            memory = blanked(memory, in_every_head(unseen))
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
        too_early = causal == "lower_right" and queries.shape[1] > K.shape[-2]
        if mask is not None or too_early:  # else every query may attend to a key
            mask, causal = one_mask(mask, causal, queries, K), None
        if mask is not None:
            queries = blanked(queries, in_every_head(may_attend(mask)[1]))
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
        n, m = queries.shape[1], memory.shape[1]
        if mask is not None:
            mask, causal = one_mask(mask, causal, queries, memory), None
        later = causal == "upper_left" and n < m  # keys after the last query, which none sees
        seen = torch.arange(m, device=memory.device) < n if later else mask
        return self.attend(queries, *self.keys_and_values(memory, seen), mask, causal, watched)
