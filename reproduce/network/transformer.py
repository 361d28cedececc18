"""The Transformer of "Attention Is All You Need", section 3: post-norm, shared embeddings.

Axis letters: b batch, n positions of the target, m positions of the source, d = d_model.
"""

import math

import torch
from torch import Tensor, nn

from reproduce.network.attention import MultiHeadAttention


class FeedForward(nn.Sequential):
    """max(0, x W_1 + b_1) W_2 + b_2 (equation 2)."""

    def __init__(self, d_model: int, d_ff: int):
        super().__init__(nn.Linear(d_model, d_ff), nn.ReLU(), nn.Linear(d_ff, d_model))


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward net, each as LayerNorm(x + Sublayer(x)) (section 3.1)."""

    def __init__(self, d_model: int, d_ff: int, h: int, d_k: int, d_v: int):
        super().__init__()
        self.attention = MultiHeadAttention(d_model, h, d_k, d_v)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(2))

    def forward(self, x: Tensor, may_attend: Tensor | None = None) -> Tensor:
        """(b, m, d) -> (b, m, d)."""
        x = self.norms[0](x + self.attention(x, x, may_attend))
        return self.norms[1](x + self.feed_forward(x))


class DecoderLayer(nn.Module):
    """Masked self-attention, attention to the source, a feed-forward net (section 3.1)."""

    def __init__(self, d_model: int, d_ff: int, h: int, d_k: int, d_v: int):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, h, d_k, d_v)
        self.source_attention = MultiHeadAttention(d_model, h, d_k, d_v)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(3))

    def forward(
        self, y: Tensor, memory: Tensor, earlier: Tensor, may_attend: Tensor | None = None
    ) -> Tensor:
        """y: (b, n, d), memory: (b, m, d) -> (b, n, d); earlier: (n, n), True where to look."""
        y = self.norms[0](y + self.self_attention(y, y, earlier))
        y = self.norms[1](y + self.source_attention(y, memory, may_attend))
        return self.norms[2](y + self.feed_forward(y))


def positional_encoding(length: int, d_model: int, **where) -> Tensor:
    """PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i+1) = cos(the same): (length, d).

    Section 3.5. where: dtype and device.
    """
    position = torch.arange(length, dtype=torch.float64, device=where.get("device"))[:, None]
    even = torch.arange(0, d_model, 2, dtype=torch.float64, device=where.get("device"))
    angle = position / 10000 ** (even / d_model)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)[:, :d_model].to(**where)


class Transformer(nn.Module):
    """Encoder and decoder of N layers; one matrix is both embeddings and the last projection.

    N, d_model, d_ff, h, d_k, d_v as in Table 3; vocabulary: number of tokens of both languages.
    """

    def __init__(
        self, vocabulary: int, N: int, d_model: int, d_ff: int, h: int, d_k: int, d_v: int
    ):
        super().__init__()
        shape = (d_model, d_ff, h, d_k, d_v)
        self.embedding = nn.Embedding(vocabulary, d_model)
        self.encoder = nn.ModuleList(EncoderLayer(*shape) for _ in range(N))
        self.decoder = nn.ModuleList(DecoderLayer(*shape) for _ in range(N))
        nn.init.normal_(self.embedding.weight, std=d_model**-0.5)

    def embed(self, tokens: Tensor) -> Tensor:
        """Embeddings times sqrt(d_model), plus the positions (sections 3.4, 3.5): (b, n, d)."""
        weight = self.embedding.weight
        x = self.embedding(tokens) * math.sqrt(weight.shape[1])
        return x + positional_encoding(*x.shape[1:], dtype=x.dtype, device=x.device)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Logits of the next target token: source (b, m), target (b, n) -> (b, n, vocabulary)."""
        memory = self.embed(source)
        for layer in self.encoder:
            memory = layer(memory)
        y = self.embed(target)
        length = target.shape[1]
        earlier = torch.ones(length, length, dtype=torch.bool, device=y.device).tril()
        for layer in self.decoder:
            y = layer(y, memory, earlier)
        return y @ self.embedding.weight.T
