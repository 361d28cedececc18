"""What is computed: one block on random numbers, or a training step of a whole model.

Axis letters: b batch, n positions, d = d_model.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reproduce.transformer.layer import Layer
from reproduce.transformer.model import SequenceModel, Transformer

Texts = tuple[Tensor, ...]
BASE = Layer(norm="pre")  # of the base model, d_model 512 and h 8


@dataclass(frozen=True)
class BlockWork:
    """One call of a block on random numbers x (b, n, d).

    backward: whether gradients of the weights and of x follow. around: whether the block is the
    whole encoder layer and not its attention alone.
    """

    n: int
    backward: bool
    causal: bool = False
    around: bool = False
    batch: int = 1
    layer: Layer = BASE

    @property
    def name(self) -> str:
        """What a call does, in words."""
        passes = "forward and backward" if self.backward else "forward"
        return f"causal {passes}" if self.causal else passes

    @property
    def tokens(self) -> int:
        """Positions of a call."""
        return self.batch * self.n


@dataclass(frozen=True)
class TrainingWork:
    """A training step on random texts (b, n): forward, cross entropy, backward, weight change."""

    name: str
    vocabulary: int
    N: int
    layer: Layer
    batch: int
    n: int

    def texts(self, length: int, replica: int) -> Tensor:
        """Random tokens (b, length), other ones for each replica."""
        random = torch.Generator().manual_seed(replica)
        return torch.randint(self.vocabulary, (self.batch, length), generator=random)


@dataclass(frozen=True)
class CopyWork(TrainingWork):
    """Encoder and decoder that copy a text, which the decoder reads up to its last token."""

    @property
    def tokens(self) -> int:
        """Predicted in a step: all but the first of each text."""
        return self.batch * (self.n - 1)

    def model(self, layer: Layer) -> Transformer:
        """Untied, of such layers."""
        return Transformer(self.vocabulary, self.N, layer, tied=False)

    def example(self, replica: int) -> tuple[Texts, Tensor]:
        """What the model reads, and what it should predict (b, n - 1)."""
        text = self.texts(self.n, replica)
        return (text, text[:, :-1]), text[:, 1:]

    def optimizer(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """Adam with the constants of section 5.3."""
        return torch.optim.Adam(parameters, 1e-3, (0.9, 0.98), 1e-9)


@dataclass(frozen=True)
class CharactersWork(TrainingWork):
    """One causal stack that predicts the next character of a text, positions learned."""

    @property
    def tokens(self) -> int:
        """Predicted in a step."""
        return self.batch * self.n

    def model(self, layer: Layer) -> SequenceModel:
        """Tied, of such layers."""
        words = {"positions": "learned", "longest": self.n, "scaled": False}
        return SequenceModel(self.vocabulary, self.N, layer, **words)

    def example(self, replica: int) -> tuple[Texts, Tensor]:
        """What the model reads, and what it should predict (b, n)."""
        text = self.texts(self.n + 1, replica)
        return (text[:, :-1],), text[:, 1:]

    def optimizer(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """AdamW with torch's constants."""
        return torch.optim.AdamW(parameters)


def copy_work(d_model: int = 512, dropout: float = 0.1) -> CopyWork:
    """The copy task of The Annotated Transformer (2018); dropout in all places that torch.nn has.

    With d_model 64 it is the small model of which several are trained.
    """
    d_k = d_model // 8
    layer = Layer(
        *(d_model, 4 * d_model, 8, d_k, d_k),
        dropout=dropout,
        attention_dropout=dropout,
        inner_dropout=dropout,
        norm="pre",
    )
    return CopyWork(f"copy, d_model {d_model}", 11, 2, layer, 30, 10)


def characters_work() -> CharactersWork:
    """nanoGPT's model of characters for the CPU, of some 90 characters."""
    layer = Layer(128, 512, 4, 32, 32, norm="pre", activation="gelu", bias=False)
    return CharactersWork("characters", 90, 4, layer, 12, 64)
