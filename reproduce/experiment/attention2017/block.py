"""The parts of the Transformer against other derivations (section 3); a replica is one shape.

Axis letters: b batch, h heads, n queries, m keys, k = d_k, v = d_v, d = d_model.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from reproduce.experiment.attention2017 import whole_model
from reproduce.experiment.attention2017.identity import (
    chance_of,
    normal,
    redrawn,
    relative_error,
    whole,
)
from reproduce.page.errors import draw_errors
from reproduce.run.config.layers import BlockExperiment
from reproduce.transformer.attention import attention, attention_weights
from reproduce.transformer.layer import FeedForward, Layer

NEEDS = {"schema": "block"}


def looped(Q: Tensor, K: Tensor, V: Tensor, mask: Tensor) -> Tensor:
    """Equation 1 for one head in loops over queries, keys and units: (n, k), (m, k), (m, v)."""
    rows = []
    for i, q in enumerate(Q.tolist()):
        weights = []
        for j, k in enumerate(K.tolist()):
            score = sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(len(q))
            weights.append(math.exp(score) if mask[i, j] else 0.0)
        total = sum(weights) or 1.0  # a query that may attend to nothing gets 0
        values = V.T.tolist()
        rows.append([sum(w * y for w, y in zip(weights, x, strict=True)) / total for x in values])
    return torch.tensor(rows, dtype=torch.float64)


def unequal_widths(chance: np.random.Generator) -> tuple[int, int]:
    """d_k from 1 to 6, and a d_v that differs."""
    d_k = whole(chance, 1, 6)
    return d_k, (d_k + whole(chance, 0, 4)) % 6 + 1


def equation_1(chance: np.random.Generator) -> dict[str, float]:
    """A2.1: both ways to take attention against loops, and what follows from the equation.

    Three keys of ten are hidden. Adding one vector to all keys adds a constant to each row of
    scores. A permutation of the keys changes nothing, one of the queries permutes the output.
    """
    b, h, n, m = (whole(chance, 1, most) for most in (3, 4, 6, 6))
    d_k, d_v = unequal_widths(chance)
    Q, K, V = normal(b, h, n, d_k), normal(b, h, m, d_k), normal(b, h, m, d_v)
    mask = torch.rand(b, h, n, m) < 0.7
    mask[..., 0, 0] = True
    each = [t.flatten(0, 1) for t in (Q, K, V, mask)]
    truth = torch.stack([looped(*one) for one in zip(*each, strict=True)]).unflatten(0, (b, h))
    found = attention(Q, K, V, mask, fused=False)
    sums = attention_weights(Q, K, mask).sum(-1)[mask.any(-1)]
    queries, keys = torch.randperm(n), torch.randperm(m)
    permuted = attention(
        *(Q[..., queries, :], K[..., keys, :], V[..., keys, :], mask[..., queries, :][..., keys]),
        fused=False,
    )
    shifted = attention(Q, K + normal(d_k), V, mask, fused=False)
    return {
        "error_of_attention_written_out": relative_error(found, truth),
        "error_of_attention_fused": relative_error(attention(Q, K, V, mask), truth),
        "error_of_sums_of_weights": relative_error(sums, torch.ones_like(sums)),
        "error_of_shifted_scores": relative_error(shifted, found),
        "error_of_permuted_positions": relative_error(permuted, found[..., queries, :]),
    }


def equation_2(chance: np.random.Generator, init: float) -> dict[str, float]:
    """A2.6: the feed-forward net against two convolutions of kernel 1 with the same weights."""
    b, n, d, d_ff = (whole(chance, 1, most) for most in (3, 6, 12, 24))
    net, x = redrawn(FeedForward(Layer(d_model=d, d_ff=d_ff)), init), normal(b, n, d)
    linear = [module for module in net if isinstance(module, nn.Linear)]
    first, second = nn.Conv1d(d, d_ff, 1).double(), nn.Conv1d(d_ff, d, 1).double()
    with torch.no_grad():
        for convolution, ours in zip((first, second), linear, strict=True):
            convolution.load_state_dict({"weight": ours.weight[..., None], "bias": ours.bias})
        truth = second(first(x.mT).clamp(min=0)).mT
        return {"error_of_feed_forward": relative_error(net(x), truth)}


def study(config: BlockExperiment) -> Iterator[dict[str, float]]:
    """One row of quantities for each replica.

    error_*: largest differences relative to the largest magnitude (see `equation_1`,
    `equation_2`, `whole_model.one_matrix`). The others: see `whole_model`.
    """
    network = config.network
    for replica in range(config.replicas):
        with chance_of(config.seed, replica) as chance:
            yield {
                **equation_1(chance),
                **equation_2(chance, network.init),
                **whole_model.arrow_of_time(chance, network.init),
                **whole_model.one_matrix(chance, network.init),
                **whole_model.as_it_starts(network.d_model, network.n, network.dropout),
            }


draw = draw_errors
