"""What the heads of a trained model attend to, and what it does without some of them.

A head is a pair (layer, head), both from 0 up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from reproduce.transformer.model import SequenceModel
from reproduce.transformer.sequence import Batch

Head = tuple[int, int]


@torch.no_grad()
def weights_of_heads(model: SequenceModel, batch: Batch) -> Tensor:
    """Attention weights of all heads of a stack on a batch: (N, b, h, n, n)."""
    watched: list[Tensor] = []
    model(batch.inputs, watched=watched)
    return torch.stack(watched)


def heads_of(model: SequenceModel) -> list[Head]:
    """All heads, layer by layer."""
    return [(i, j) for i, own in enumerate(model.attentions()) for j in range(own.h)]


@contextmanager
def silenced(model: SequenceModel, heads: list[Head]) -> Iterator[None]:
    """The model without these heads: head_i W_i^O is left out of the sum over heads (3.2.2)."""
    attentions = model.attentions()
    matrices = {layer: attentions[layer].W_O.weight for layer, _ in heads}
    kept = {layer: matrix.detach().clone() for layer, matrix in matrices.items()}
    with torch.no_grad():
        for layer, head in heads:
            d_v = matrices[layer].shape[1] // attentions[layer].h
            matrices[layer][:, head * d_v : (head + 1) * d_v] = 0
    try:
        yield
    finally:
        with torch.no_grad():
            for layer, matrix in matrices.items():
                matrix.copy_(kept[layer])


def name(head: Head) -> str:
    """As the columns name it, from 1 up."""
    return f"layer {head[0] + 1} head {head[1] + 1}"
