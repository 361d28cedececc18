"""A task of sequences: batches of tokens, and which of the next ones are asked for.

All chance comes from generators that are keyed by a purpose, the seed, the replica and the step:
nothing depends on what was drawn before, so that a run can go on anywhere.
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

IGNORED = -100  # the target of a position at which nothing is asked
TRAIN, TEST, SPLIT = 0, 1, 2  # purposes

Key = tuple[int, int]  # seed and replica


@dataclass(frozen=True)
class Batch:
    """inputs, targets: (b, n), int64; targets IGNORED where nothing is asked.

    source: (b, m) for a model with an encoder, else None.
    """

    inputs: Tensor
    targets: Tensor
    source: Tensor | None = None

    def logits(self, model: nn.Module) -> Tensor:
        """What a model says of the next tokens: (b, n, vocabulary)."""
        return model(self.inputs) if self.source is None else model(self.source, self.inputs)

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        source = None if self.source is None else self.source.to(device)
        return Batch(self.inputs.to(device), self.targets.to(device), source)


class SequenceTask(Protocol):
    """vocabulary: number of tokens. longest: the most positions of a text."""

    vocabulary: int
    longest: int

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """The cases on which a replica trains at a step, from 1 up."""

    def test(self, key: Key, step: int) -> list[Batch]:
        """The cases on which it is tested after a step; of most tasks always the same."""


def chance(*numbers: int) -> np.random.Generator:
    """A generator that belongs to these numbers."""
    return np.random.default_rng(list(numbers))


def next_tokens(texts: np.ndarray, asked: np.ndarray | None = None) -> Batch:
    """All but the last token of each text (b, n + 1) as inputs, the next ones as targets.

    asked: bool, broadcast to (b, n): the targets that count; all without it.
    """
    tokens = torch.from_numpy(np.ascontiguousarray(texts)).long()
    targets = tokens[:, 1:]
    if asked is not None:
        targets = targets.where(torch.from_numpy(asked), IGNORED)
    return Batch(tokens[:, :-1], targets)


@torch.no_grad()
def score(model: nn.Module, batches: list[Batch]) -> tuple[float, float]:
    """Mean cross-entropy in nats and share right over all targets that are asked for."""
    loss, right, count = 0.0, 0, 0
    for batch in batches:
        logits, asked = batch.logits(model), batch.targets != IGNORED
        mean = cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=IGNORED)
        loss += float(mean * asked.sum())
        right += int((logits.argmax(-1) == batch.targets)[asked].sum())
        count += int(asked.sum())
    return loss / count, right / count


def data_sha256(task: SequenceTask, tests: list[Batch]) -> str:
    """Hash of the text of a task that has one, else of its tests: what a record says of data."""
    if hasattr(task, "text_sha256"):
        return task.text_sha256
    digest = hashlib.sha256()
    for batch in tests:
        for tensor in (batch.inputs, batch.targets):
            digest.update(f"{tuple(tensor.shape)}".encode())
            digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()
