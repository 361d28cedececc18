"""How the weights of a Transformer start. The paper does not say; each way has its source.

A model starts as its modules do: torch's projections, embeddings of variance 1 / d_model.
"""

import math

import torch
from torch import nn

from reproduce.transformer.model import SequenceModel
from reproduce.transformer.position import LearnedPositions

INITS = ("torch", "xavier", "gpt")
ENDS = ("attention.W_O.weight", "feed_forward.3.weight")  # matrices that end a sub-layer


def restart(model: nn.Module, init: str) -> None:
    """Draw the weights anew, in place, from torch's generator.

    xavier: every matrix uniform after Glorot (The Annotated Transformer, 2018). gpt: matrices,
    embeddings and learned positions normal with deviation .02, biases 0, and what ends a
    sub-layer of a SequenceModel has .02 / sqrt(2 N) (GPT-2, and after it minGPT and nanoGPT).
    ValueError for another word.
    """
    if init not in INITS:
        raise ValueError(f"init={init}: allowed are {', '.join(INITS)}")
    if init == "torch":
        return
    if init == "xavier":
        for parameter in model.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
        return
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
    if isinstance(model, SequenceModel):
        scaled_ends(model)


def scaled_ends(model: SequenceModel) -> None:
    """Deviation .02 / sqrt(2 N) of the matrices that end a sub-layer, .02 of learned positions."""
    std = 0.02 / math.sqrt(2 * len(model.layers))
    for layer in model.layers:
        weights = dict(layer.named_parameters())
        for end in filter(weights.__contains__, ENDS):
            nn.init.normal_(weights[end], std=std)
    if isinstance(model.embedding.positions, LearnedPositions):
        with torch.no_grad():
            model.embedding.positions.weight.normal_(std=0.02)
