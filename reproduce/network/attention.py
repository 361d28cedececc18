"""Scaled dot-product and multi-head attention (Attention Is All You Need, section 3.2).

Axis letters: b batch, h heads, n queries, m keys, k = d_k, v = d_v, d = d_model.
"""

import math

from torch import Tensor, nn


def attention(Q: Tensor, K: Tensor, V: Tensor, may_attend: Tensor | None = None) -> Tensor:
    """softmax(Q K^T / sqrt(d_k)) V (equation 1).

    Q: (..., n, k), K: (..., m, k), V: (..., m, v) -> (..., n, v). may_attend: bool, broadcast to
    (..., n, m), True where the query may look at the key; a query that may look at nothing
    gets 0.
    """
    scores = Q @ K.mT / math.sqrt(Q.shape[-1])  # (..., n, m)
    if may_attend is None:
        return scores.softmax(-1) @ V
    nothing = ~may_attend.any(-1, keepdim=True)
    scores = scores.masked_fill(~(may_attend | nothing), -math.inf)
    return scores.softmax(-1).masked_fill(nothing, 0) @ V


class MultiHeadAttention(nn.Module):
    """Concat(head_1, ..., head_h) W^O with head_i = attention(Q W_i^Q, K W_i^K, V W_i^V).

    Section 3.2.2. The projections have biases, as in the authors' code; d_k and d_v are free.
    """

    def __init__(self, d_model: int, h: int, d_k: int, d_v: int):
        super().__init__()
        self.h = h
        self.W_Q = nn.Linear(d_model, h * d_k)
        self.W_K = nn.Linear(d_model, h * d_k)
        self.W_V = nn.Linear(d_model, h * d_v)
        self.W_O = nn.Linear(h * d_v, d_model)

    def forward(self, queries: Tensor, memory: Tensor, may_attend: Tensor | None = None) -> Tensor:
        """queries: (b, n, d), memory: (b, m, d) -> (b, n, d).

        may_attend: bool, broadcast to (b, h, n, m); padding of the memory is (b, 1, 1, m).
        """
        Q, K, V = self.W_Q(queries), self.W_K(memory), self.W_V(memory)
        Q, K, V = (x.unflatten(-1, (self.h, -1)).transpose(1, 2) for x in (Q, K, V))  # (b, h, ., .)
        heads = attention(Q, K, V, may_attend)  # (b, h, n, v)
        return self.W_O(heads.transpose(1, 2).flatten(2))
