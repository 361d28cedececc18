"""The Transformer (section 3), and one stack of its layers as a model of sequences.

Axis letters: b batch, n positions of the target, m positions of the source, d = d_model.

A tied matrix has several names in a `state_dict`, and one in a file of safetensors, as in the
`weights/` of a run: `safetensors.torch.load_model(model, path)` loads it and refuses other names
than those of the model; `save_model` writes such a file.
"""

import math
from collections.abc import Iterator

from torch import Tensor, nn

from reproduce.transformer.attention import MultiHeadAttention
from reproduce.transformer.layer import Cache, DecoderLayer, EncoderLayer, Layer, MixerLayer
from reproduce.transformer.position import LearnedPositions, Sinusoids

POSITIONS = ("sinusoids", "learned", "none")


class Embedding(nn.Module):
    """Tokens as vectors times sqrt(d_model), plus the positions, dropped out (3.4, 3.5, 5.4).

    scaled: whether by sqrt(d_model). longest: of learned positions. The weights start with
    variance 1 / d_model, so that the scaled ones have variance 1. ValueError for positions that
    there are not.
    """

    def __init__(
        self,
        vocabulary: int,
        layer: Layer,
        positions: str = "sinusoids",
        longest: int = 0,
        scaled: bool = True,
    ):
        super().__init__()
        if positions not in POSITIONS:
            raise ValueError(f"positions={positions}: allowed are {', '.join(POSITIONS)}")
        d = layer.d_model
        self.tokens = nn.Embedding(vocabulary, d)
        nn.init.normal_(self.tokens.weight, std=d**-0.5)
        self.scale = math.sqrt(d) if scaled else 1.0
        self.positions: LearnedPositions | Sinusoids | None = None
        if positions != "none":
            learned = positions == "learned"
            self.positions = LearnedPositions(d, longest) if learned else Sinusoids(d)
        own = layer.embedding_dropout
        self.dropout = nn.Dropout(layer.dropout if own is None else own)

    def forward(self, tokens: Tensor, first: int = 0) -> Tensor:
        """tokens: (b, n), the first of which stands at position `first` -> (b, n, d)."""
        x = self.tokens(tokens) * self.scale
        if self.positions is not None:
            x = x + self.positions(first, x)
        return self.dropout(x)


class Transformer(nn.Module):
    """Encoder and decoder of N layers each (Fig. 1).

    vocabulary: number of tokens of both languages. tied: one matrix is both embeddings and the
    last projection (section 3.4), which then has no bias. Pre-norm stacks end in a LayerNorm.
    ValueError for a layer with another mixer than attention.
    """

    def __init__(self, vocabulary: int, N: int, layer: Layer, tied: bool = True):
        super().__init__()
        if layer.mixer != "attention":
            raise ValueError(f"mixer={layer.mixer}: allowed in a Transformer is attention")
        self.source_embedding = Embedding(vocabulary, layer)
        self.target_embedding = self.source_embedding if tied else Embedding(vocabulary, layer)
        self.encoder = nn.ModuleList(EncoderLayer(layer) for _ in range(N))
        self.decoder = nn.ModuleList(DecoderLayer(layer) for _ in range(N))
        self.encoder_end, self.decoder_end = (end_of_stack(layer) for _ in range(2))
        self.projection = last_projection(self.target_embedding, tied, bias=True)

    def encode(
        self, source: Tensor, mask: Tensor | None = None, watched: list[Tensor] | None = None
    ) -> Tensor:
        """source: (b, m) -> memory (b, m, d). mask: of padding, bool (b, 1, 1, m)."""
        memory = self.source_embedding(source)
        for layer in self.encoder:
            memory = layer(memory, mask, watched=watched)
        return self.encoder_end(memory)

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        *,
        first: int = 0,
        caches: list[Cache] | None = None,
        watched: list[Tensor] | None = None,
    ) -> Tensor:
        """Logits of the next tokens: target (b, n) -> (b, n, vocabulary).

        With a cache for each layer, `target` are only the new tokens, from position `first` on.
        """
        y = self.target_embedding(target, first)
        for layer, cache in each_with_cache(self.decoder, caches):
            y = layer(y, memory, mask, watched=watched, cache=cache)
        return self.projection(self.decoder_end(y))

    def forward(
        self,
        source: Tensor,
        target: Tensor,
        mask: Tensor | None = None,
        watched: list[Tensor] | None = None,
    ) -> Tensor:
        """Logits of the next target tokens: source (b, m), target (b, n) -> (b, n, vocabulary)."""
        return self.decode(target, self.encode(source, mask, watched), mask, watched=watched)


class SequenceModel(nn.Module):
    """One stack of N layers over one text, from tokens to logits of the next ones.

    causal: whether a position sees only those up to its own. The other arguments as in
    `Embedding` and `Transformer`.
    """

    def __init__(
        self,
        vocabulary: int,
        N: int,
        layer: Layer,
        *,
        causal: bool = True,
        positions: str = "sinusoids",
        longest: int = 0,
        scaled: bool = True,
        tied: bool = True,
    ):
        super().__init__()
        self.causal = causal
        self.mixer = layer.mixer
        self.embedding = Embedding(vocabulary, layer, positions, longest, scaled)
        kind = EncoderLayer if layer.mixer == "attention" else MixerLayer
        self.layers = nn.ModuleList(kind(layer) for _ in range(N))
        self.end = end_of_stack(layer)
        self.projection = last_projection(self.embedding, tied, bias=False)

    def attentions(self) -> list[MultiHeadAttention]:
        """The attention of each layer; none where positions see each other in another way."""
        return [layer.attention for layer in self.layers if isinstance(layer, EncoderLayer)]

    def forward(
        self,
        tokens: Tensor,
        *,
        first: int = 0,
        caches: list[Cache] | None = None,
        watched: list[Tensor] | None = None,
    ) -> Tensor:
        """tokens: (b, n) -> logits (b, n, vocabulary); caches and first as in `Transformer`.

        ValueError for caches or `watched` with another mixer than attention, and for caches of a
        stack that is not causal: its earlier positions would have to see the new tokens.
        """
        attends = self.mixer == "attention"
        if not attends and (caches is not None or watched is not None):
            raise ValueError(f"mixer={self.mixer}: allowed with caches or watched is attention")
        if not self.causal and caches is not None:
            raise ValueError("causal=False: allowed with caches is causal=True")
        x = self.embedding(tokens, first)
        for layer, cache in each_with_cache(self.layers, caches):
            x = layer(x, causal=self.causal, watched=watched, cache=cache) if attends else layer(x)
        return self.projection(self.end(x))


def each_with_cache(layers: nn.ModuleList, caches: list[Cache] | None) -> Iterator[tuple]:
    """Layer by layer, each with its cache or None. ValueError for another number of caches."""
    return zip(layers, [None] * len(layers) if caches is None else caches, strict=True)


def end_of_stack(layer: Layer) -> nn.Module:
    """Nothing after post-norm layers (section 3.1), a LayerNorm after pre-norm ones."""
    return nn.Identity() if layer.norm == "post" else nn.LayerNorm(layer.d_model, bias=layer.bias)


def last_projection(embedding: Embedding, tied: bool, bias: bool) -> nn.Linear:
    """From d_model to the vocabulary; tied: by the matrix of the embedding, without bias."""
    weight = embedding.tokens.weight
    projection = nn.Linear(weight.shape[1], weight.shape[0], bias=bias and not tied)
    if tied:
        projection.weight = weight
    return projection
