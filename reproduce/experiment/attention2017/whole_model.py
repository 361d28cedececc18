"""Properties of whole models that are built and not trained (sections 3.1, 3.2.3, 3.4 and 5.4).

Axis letters: b batch, n positions of the target, m of the source, d = d_model, V vocabulary.
"""

import copy
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from reproduce.experiment.attention2017.identity import normal, redrawn, relative_error, whole
from reproduce.experiment.attention2017.parameters import count
from reproduce.transformer.layer import Layer, Residual
from reproduce.transformer.model import Embedding, SequenceModel, Transformer

D_MODEL_OF_BASE = 512


def random_shape(chance: np.random.Generator) -> tuple[int, int, Layer]:
    """V from 5 to 12, N 1 or 2, and a small layer with d_k and d_v of their own."""
    ends = ((4, 12), (4, 16), (1, 3), (1, 4))
    d_model, d_ff, h, d_k = (whole(chance, low, high) for low, high in ends)
    layer = Layer(d_model=d_model, d_ff=d_ff, h=h, d_k=d_k, d_v=d_k % 4 + 1)
    return whole(chance, 5, 12), whole(chance, 1, 2), layer


def texts(vocabulary: int, b: int, n: int) -> Tensor:
    """Random tokens, (b, n)."""
    return torch.randint(vocabulary, (b, n))


def embedded(embedding: Embedding, kept: list[Tensor]) -> None:
    """Have what an embedding gives added to `kept` at each use."""
    embedding.register_forward_hook(lambda module, given, out: kept.append(out))


def gradient_of_later(logits: Tensor, x: Tensor) -> float:
    """Largest |d out_i / d x_j| over all j > i; logits (b, n, V) of embedded tokens x (b, n, d)."""
    largest = 0.0
    for i in range(x.shape[1] - 1):
        seen = (logits[:, i] * normal(*logits[:, i].shape)).sum()
        (slope,) = torch.autograd.grad(seen, x, retain_graph=True)
        largest = max(largest, slope[:, i + 1 :].abs().max().item())
    return largest


def arrow_of_time(chance: np.random.Generator, init: float) -> dict[str, float]:
    """A2.7: how far outputs depend on later inputs, through all layers.

    gradient_of_later_targets: of the decoder's outputs in the Transformer.
    gradient_of_later_tokens: of the outputs of one causal stack.
    """
    vocabulary, N, layer = random_shape(chance)
    b, m, n = whole(chance, 1, 2), whole(chance, 1, 5), whole(chance, 2, 5)
    model = redrawn(Transformer(vocabulary, N, layer), init)
    stack = redrawn(SequenceModel(vocabulary, N, layer), init)
    kept: list[Tensor] = []
    embedded(model.target_embedding, kept)
    embedded(stack.embedding, kept)
    logits = model(texts(vocabulary, b, m), texts(vocabulary, b, n))
    of_stack = stack(texts(vocabulary, b, n))
    return {
        "gradient_of_later_targets": gradient_of_later(logits, kept[-2]),
        "gradient_of_later_tokens": gradient_of_later(of_stack, kept[-1]),
    }


def untied(model: Transformer) -> tuple[Transformer, list[Tensor]]:
    """A copy that has each use of the shared matrix as a matrix of its own, and these three."""
    apart = copy.deepcopy(model)
    apart.target_embedding = copy.deepcopy(apart.source_embedding)
    apart.projection = copy.deepcopy(apart.projection)
    embeddings = (apart.source_embedding, apart.target_embedding)
    return apart, [*(each.tokens.weight for each in embeddings), apart.projection.weight]


def one_matrix(chance: np.random.Generator, init: float) -> dict[str, float]:
    """A2.8: one matrix is both embeddings and the last projection.

    is_one_matrix: 1 when it is the same object in the three places. times_counted: as how many
    matrices it counts among the parameters. error_of_shared_gradient: its gradient against the
    sum of those of three equal matrices. scale_of_embedding: by what the embedding of base, with
    d_model = 512, multiplies its weights.
    """
    vocabulary, N, layer = random_shape(chance)
    model = redrawn(Transformer(vocabulary, N, layer), init)
    shared = model.source_embedding.tokens.weight
    places = (model.target_embedding.tokens.weight, model.projection.weight)
    apart, three = untied(model)
    source, target = texts(vocabulary, 2, whole(chance, 1, 5)), texts(vocabulary, 2, 4)
    weighting = normal(2, 4, vocabulary)
    (gradient,) = torch.autograd.grad((model(source, target) * weighting).sum(), shared)
    first, second, third = torch.autograd.grad((apart(source, target) * weighting).sum(), three)
    saved = count(apart) - count(model)
    wide = Embedding(vocabulary, Layer(d_model=D_MODEL_OF_BASE), positions="none").double()
    ratio = wide(torch.arange(vocabulary)[None])[0] / wide.tokens.weight
    return {
        "is_one_matrix": float(all(place is shared for place in places)),
        "times_counted": 3 - saved / shared.numel(),
        "error_of_shared_gradient": relative_error(gradient, first + second + third),
        "scale_of_embedding": ratio.mean().item(),
    }


def watch(model: Transformer) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Lists that fill as the model runs: embeddings, what sub-layers add to x, and their outputs.

    A sub-layer's output is LayerNorm(x + what it adds), so what it adds is taken from what goes
    into the norm: 0 exactly where it is dropped.
    """
    embeddings: list[Tensor] = []
    added: list[Tensor] = []
    outputs: list[Tensor] = []
    sums: list[Tensor] = []
    embedded(model.target_embedding, embeddings)

    def of_sublayer(residual: Residual, given: tuple, out: Tensor) -> None:
        added.append(sums.pop() - given[0])
        outputs.append(out)

    for module in model.modules():
        if isinstance(module, Residual):
            module.norm.register_forward_pre_hook(lambda norm, given: sums.append(given[0]))
            module.register_forward_hook(of_sublayer)
    return embeddings, added, outputs


def as_it_starts(d_model: int, n: int, dropout: float) -> dict[str, float]:
    """A2.15 and A2.16: a model of one layer a side with the weights it starts with, b = 2, m = n.

    share_dropped_of_embeddings, share_dropped_of_sublayers: of embedding + positions, and of what
    sub-layers add, in training. places_without_dropout: of these where nothing is dropped.
    change_in_eval: largest difference of the logits in eval from those of a model without dropout.
    mean_of_sublayers, variance_off_1: largest distance of mean and variance of the d numbers
    that a sub-layer gives at one position from 0 and from 1, in eval.
    """
    layer, vocabulary = Layer(d_model=d_model, d_ff=4 * d_model, h=4, d_k=8, d_v=8), 10
    model = Transformer(vocabulary, 1, replace(layer, dropout=dropout)).double()
    plain = Transformer(vocabulary, 1, layer).double()
    plain.load_state_dict(model.state_dict())
    source, target = (texts(vocabulary, 2, n) for _ in range(2))
    with torch.no_grad():
        wanted = plain(source, target)
        embeddings, added, outputs = watch(model)
        model(source, target)
        dropped = [[(out == 0).double().mean() for out in some] for some in (embeddings, added)]
        outputs.clear()
        change = (model.eval()(source, target) - wanted).abs().max()
    each = torch.stack(outputs)
    return {
        "share_dropped_of_embeddings": torch.stack(dropped[0]).mean().item(),
        "share_dropped_of_sublayers": torch.stack(dropped[1]).mean().item(),
        "places_without_dropout": float(sum(share == 0 for share in dropped[0] + dropped[1])),
        "change_in_eval": change.item(),
        "mean_of_sublayers": each.mean(-1).abs().max().item(),
        "variance_off_1": (each.var(-1, correction=0) - 1).abs().max().item(),
    }
