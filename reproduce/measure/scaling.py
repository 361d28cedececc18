"""Why dot products are divided by sqrt(d_k) (Attention Is All You Need, section 3.2.1)."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from reproduce.network.attention import attention_weights


def jacobian_norm(p: Tensor) -> Tensor:
    """The Frobenius norm of d softmax / d scores = diag(p) - p p^T: p (..., m) -> (...).

    Its square is the sum over i of p_i^2 ((1 - p_i)^2 + the p_j^2 of all other j).
    """
    squares = p.square()
    others = (squares.sum(-1, keepdim=True) - squares).clamp(min=0)  # rounding may go below 0
    return (squares * ((1 - p).square() + others)).sum(-1).sqrt()


def moments(Q: Tensor, K: Tensor) -> dict[str, float]:
    """Mean and variance of q . k over the rows of Q and K, both (N, d_k) (footnote 4).

    Off in standard errors: of the mean sqrt(d_k / N), of the variance over d_k
    sqrt((2 + 6 / d_k) / N), for components of variance 1 from the normal distribution.
    """
    N, d_k = Q.shape
    products = (Q * K).sum(-1)
    ratio = products.var().item() / d_k
    return {
        "variance_over_dk": ratio,
        "variance_off_in_standard_errors": abs(ratio - 1) / math.sqrt((2 + 6 / d_k) / N),
        "mean_off_in_standard_errors": abs(products.mean().item()) / math.sqrt(d_k / N),
    }


def sharpness(Q: Tensor, K: Tensor) -> dict[str, float]:
    """How sharp the softmax of Q (n, d_k) over the keys K (m, d_k) is, scaled and unscaled.

    Mean over the queries of the largest weight, median of the norm of the Jacobian, and of the
    latter unscaled over scaled.
    """
    found = {}
    for kind, queries in (("scaled", Q), ("unscaled", Q * math.sqrt(Q.shape[-1]))):
        weights = attention_weights(queries, K)
        found[f"largest_weight_{kind}"] = weights.amax(-1).mean().item()
        found[f"gradient_norm_{kind}"] = jacobian_norm(weights).median().item()
    ratio = found["gradient_norm_unscaled"] / found["gradient_norm_scaled"]
    return found | {"gradient_norm_unscaled_over_scaled": ratio}


def drawn(chance: np.random.Generator, *shape: int) -> Tensor:
    """Independent components of mean 0 and variance 1, as footnote 4 assumes."""
    return torch.from_numpy(chance.standard_normal(shape))


def measure(network, replicas: int, seed: int) -> Iterator[dict[str, float]]:
    """One row of quantities a replica, each of them with `_dkD` for every width D.

    network: the config section. Each of the `queries` meets a key of its own for the moments of
    q . k, and then `keys` keys that all have in common.
    """
    for replica in range(replicas):
        chance = np.random.default_rng([seed, replica])
        row = {}
        for d_k in network.d_k:
            Q, own = (drawn(chance, network.queries, d_k) for _ in range(2))
            found = moments(Q, own) | sharpness(Q, drawn(chance, network.keys, d_k))
            row |= {f"{name}_dk{d_k}": value for name, value in found.items()}
        yield row
