"""The layers of encoder and decoder (section 3.1), in the paper's post-norm and in pre-norm.

Axis letters: b batch, n positions of the target, m positions of the source, d = d_model.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reproduce.transformer.attention import MultiHeadAttention
from reproduce.transformer.mixer import Convolution, Recurrent

NORMS = ("post", "pre")
ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU}
MIXERS = ("attention", "recurrent", "convolution")


@dataclass(frozen=True)
class Layer:
    """What a layer is made of; d_model to d_v as in Table 3.

    d_ff: 0 for a layer of a SequenceModel without feed-forward net. dropout: P_drop of section
    5.4, of what each sub-layer gives. embedding_dropout: of embeddings plus
    positions; None, as in the paper, for the same. attention_dropout, inner_dropout: of the weights
    of attention and of the inner layer of the feed-forward net; the paper names none. mixer:
    through what the positions of a SequenceModel see each other. kernel: of a convolution.
    ValueError for a norm, activation or mixer that there is not.
    """

    d_model: int = 512
    d_ff: int = 2048
    h: int = 8
    d_k: int = 64
    d_v: int = 64
    dropout: float = 0.0
    embedding_dropout: float | None = None
    attention_dropout: float = 0.0
    inner_dropout: float = 0.0
    norm: str = "post"
    activation: str = "relu"
    bias: bool = True
    fused: bool = True
    mixer: str = "attention"
    kernel: int = 3

    def __post_init__(self) -> None:
        for key, allowed in (("norm", NORMS), ("activation", ACTIVATIONS), ("mixer", MIXERS)):
            if (word := getattr(self, key)) not in allowed:
                raise ValueError(f"{key}={word}: allowed are {', '.join(allowed)}")

    def attention(self) -> MultiHeadAttention:
        """An attention of this shape."""
        return MultiHeadAttention(
            *(self.d_model, self.h, self.d_k, self.d_v),
            dropout=self.attention_dropout,
            bias=self.bias,
            fused=self.fused,
        )


class FeedForward(nn.Sequential):
    """max(0, x W_1 + b_1) W_2 + b_2 (equation 2), or with another activation."""

    def __init__(self, layer: Layer):
        super().__init__(
            nn.Linear(layer.d_model, layer.d_ff, layer.bias),
            ACTIVATIONS[layer.activation](),
            nn.Dropout(layer.inner_dropout),
            nn.Linear(layer.d_ff, layer.d_model, layer.bias),
        )


class Residual(nn.Module):
    """LayerNorm(x + Dropout(Sublayer(x))) (sections 3.1 and 5.4).

    With norm `pre` it is x + Dropout(Sublayer(LayerNorm(x))).
    """

    def __init__(self, layer: Layer):
        super().__init__()
        self.post = layer.norm == "post"
        self.norm = nn.LayerNorm(layer.d_model, bias=layer.bias)
        self.dropout = nn.Dropout(layer.dropout)

    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        """x: (b, n, d), sublayer: a function of such -> (b, n, d)."""
        if self.post:
            return self.norm(x + self.dropout(sublayer(x)))
        return x + self.dropout(sublayer(self.norm(x)))


class Cache:
    """Keys and values of the positions that a layer has seen, for decoding in steps.

    own: of the text that grows, source: of the memory, each None before the first step.
    """

    def __init__(self) -> None:
        self.own: tuple[Tensor, Tensor] | None = None
        self.source: tuple[Tensor, Tensor] | None = None

    def extend(self, K: Tensor, V: Tensor) -> tuple[Tensor, Tensor]:
        """Add keys (b, h, new, k) and values of new positions; returns those of all."""
        if self.own is not None:
            K, V = torch.cat([self.own[0], K], -2), torch.cat([self.own[1], V], -2)
        self.own = K, V
        return K, V


def attend_to_self(
    attention: MultiHeadAttention,
    x: Tensor,
    mask: Tensor | None,
    causal: bool,
    watched: list[Tensor] | None,
    cache: Cache | None,
) -> Tensor:
    """Self-attention of x (b, n, d), after the positions that the cache has seen, if any."""
    K, V = attention.keys_and_values(x)
    if cache is not None:
        K, V = cache.extend(K, V)
    return attention.attend(x, K, V, mask, "lower_right" if causal else None, watched)


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward net."""

    def __init__(self, layer: Layer):
        super().__init__()
        self.attention = layer.attention()
        self.residuals = nn.ModuleList([Residual(layer)])
        if layer.d_ff:
            self.feed_forward = FeedForward(layer)
            self.residuals.append(Residual(layer))

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
        *,
        causal: bool = False,
        watched: list[Tensor] | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        """(b, m, d) -> (b, m, d). causal, mask, watched: see `MultiHeadAttention`."""
        x = self.residuals[0](
            x, lambda y: attend_to_self(self.attention, y, mask, causal, watched, cache)
        )
        return self.residuals[1](x, self.feed_forward) if len(self.residuals) > 1 else x


class MixerLayer(nn.Module):
    """A recurrent net or a convolution in the place of self-attention; causal by itself."""

    def __init__(self, layer: Layer):
        super().__init__()
        recurrent = layer.mixer == "recurrent"
        d = layer.d_model
        self.mixer = Recurrent(d) if recurrent else Convolution(d, layer.kernel)
        self.residuals = nn.ModuleList([Residual(layer)])
        if layer.d_ff:
            self.feed_forward = FeedForward(layer)
            self.residuals.append(Residual(layer))

    def forward(self, x: Tensor) -> Tensor:
        """(b, n, d) -> (b, n, d)."""
        x = self.residuals[0](x, self.mixer)
        return self.residuals[1](x, self.feed_forward) if len(self.residuals) > 1 else x


class DecoderLayer(nn.Module):
    """Masked self-attention, attention to the source, a feed-forward net."""

    def __init__(self, layer: Layer):
        super().__init__()
        self.self_attention = layer.attention()
        self.source_attention = layer.attention()
        self.feed_forward = FeedForward(layer)
        self.residuals = nn.ModuleList(Residual(layer) for _ in range(3))

    def forward(
        self,
        y: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        *,
        watched: list[Tensor] | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        """y: (b, n, d), memory: (b, m, d) -> (b, n, d). mask: of the memory, (b, 1, 1, m)."""
        y = self.residuals[0](
            y, lambda x: attend_to_self(self.self_attention, x, None, True, watched, cache)
        )
        known = None if cache is None else cache.source
        K, V = known or self.source_attention.keys_and_values(memory, mask)
        if cache is not None:
            cache.source = K, V
        y = self.residuals[1](
            y, lambda x: self.source_attention.attend(x, K, V, mask, None, watched)
        )
        return self.residuals[2](y, self.feed_forward)
