"""From a trained model to a text, one token after the other."""

from collections.abc import Callable

import torch
from torch import Tensor

from reproduce.transformer.layer import Cache
from reproduce.transformer.model import SequenceModel, Transformer


@torch.no_grad()
def greedy(model: Transformer, source: Tensor, start: Tensor, length: int) -> Tensor:
    """The most likely next token, again and again: (b, length).

    source: (b, m). start: (b, s), the tokens that are given. With a cache of keys and values,
    which gives what a full pass over all tokens gives. ValueError for a start without a token, or
    longer than `length`.
    """
    memory, caches = model.encode(source), [Cache() for _ in model.decoder]

    def logits(new: Tensor, first: int) -> Tensor:
        return model.decode(new, memory, first=first, caches=caches)

    return continued(logits, start, length)


@torch.no_grad()
def greedy_continuation(model: SequenceModel, start: Tensor, length: int) -> Tensor:
    """The same of one text: start (b, s) -> (b, length).

    ValueError for such a start as in `greedy`, and for a stack that takes no caches (see
    `SequenceModel.forward`).
    """
    caches = [Cache() for _ in model.layers]
    return continued(
        lambda new, first: model(new, first=first, caches=caches),
        start,
        length,
    )


def continued(logits: Callable[[Tensor, int], Tensor], start: Tensor, length: int) -> Tensor:
    """start (b, s) with most likely tokens to `length`; logits: new tokens, first -> (b, n, V)."""
    if not 1 <= start.shape[1] <= length:
        raise ValueError(f"start of {start.shape[1]} tokens: allowed are 1 to length={length}")
    tokens, new = start, start
    while tokens.shape[1] < length:
        first = tokens.shape[1] - new.shape[1]
        new = logits(new, first)[:, -1:].argmax(-1)
        tokens = torch.cat([tokens, new], 1)
    return tokens
