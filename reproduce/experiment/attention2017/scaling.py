"""Why dot products are divided by sqrt(d_k) (Attention Is All You Need, section 3.2.1)."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, POSITIVE, PUBLISHED, page
from reproduce.run.config.formula import ScalingExperiment, ScalingNetwork
from reproduce.transformer.attention import attention_weights
from reproduce.verdict.statistic import central

NEEDS = {"schema": "scaling"}


def jacobian_norm(p: Tensor) -> Tensor:
    """The Frobenius norm of d softmax / d scores = diag(p) - p p^T: p (..., m) -> (...).

    Its square is the sum over i of p_i^2 ((1 - p_i)^2 + the p_j^2 of all other j).
    """
    squares = p.square()
    others = (squares.sum(-1, keepdim=True) - squares).clamp(min=0)  # rounding may go below 0
    return (squares * ((1 - p).square() + others)).sum(-1).sqrt()


def moments(Q: Tensor, K: Tensor) -> dict[str, float]:
    """How near q . k comes to mean 0 and variance d_k (footnote 4), over rows of Q, K (N, d_k).

    variance_over_dk: 1 by the footnote. The two others say how many standard errors the mean and
    that ratio are away from 0 and 1; for normal components of variance 1 the standard errors are
    sqrt(d_k / N) and sqrt((2 + 6 / d_k) / N).
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


def measure(network: ScalingNetwork, replicas: int, seed: int) -> Iterator[dict[str, float]]:
    """One row of quantities a replica, each of them with `_dkD` for every width D.

    network: the config section. Each of the `queries` meets a key of its own for the moments of
    q . k, and then `keys` keys that all have in common.
    """
    for replica in range(replicas):
        chance = np.random.default_rng([seed, replica])
        row: dict[str, float] = {}
        for d_k in network.d_k:
            Q, own = (drawn(chance, network.queries, d_k) for _ in range(2))
            found = moments(Q, own) | sharpness(Q, drawn(chance, network.keys, d_k))
            row |= {f"{name}_dk{d_k}": value for name, value in found.items()}
        yield row


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Against d_k: variance of q . k, largest weight of the softmax, size of its gradient."""
    widths, count = record["config"]["network"]["d_k"], len(replicas)
    figure, (variance, largest, gradient) = page(10, 3.4, 3)
    banded(variance, widths, replicas, "variance_over_dk", POSITIVE)
    variance.axhline(1, color=PUBLISHED, zorder=0, label="footnote 4")
    variance.set_ylabel("variance of q · k over $d_k$")
    variance.legend(fontsize=7.5, frameon=False)
    for kind, colour in (("scaled", POSITIVE), ("unscaled", NEGATIVE)):
        banded(largest, widths, replicas, f"largest_weight_{kind}", colour, kind)
        banded(gradient, widths, replicas, f"gradient_norm_{kind}", colour, kind)
    largest.set_ylabel("largest weight of a query, mean")
    largest.set_ylim(0, 1)
    gradient.set_ylabel("norm of the softmax's Jacobian, median")
    gradient.set_yscale("log")
    for axes in (largest, gradient):
        axes.legend(fontsize=7.5, frameon=False)
    figure.suptitle(
        f"{record['experiment']}: median and central 95% of {count} draws, "
        f"{record['config']['network']['keys']} keys",
        fontsize=10,
    )
    return {"scaling": figure}


def banded(
    axes: Axes,
    widths: list[int],
    replicas: pd.DataFrame,
    name: str,
    colour: str,
    label: str | None = None,
) -> None:
    """Median and central 95% of a quantity against the width of a head."""
    columns = [replicas[f"{name}_dk{width}"].to_numpy(float) for width in widths]
    low, high = np.transpose([central(column) for column in columns])
    axes.fill_between(widths, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(widths, np.median(columns, axis=1), "o-", color=colour, markersize=4, label=label)
    axes.set_xscale("log", base=2)
    axes.set_xticks(widths, map(str, widths), fontsize=7.5)
    axes.minorticks_off()
    axes.set_xlabel("$d_k$")


def study(config: ScalingExperiment) -> Iterator[dict[str, float]]:
    """One row a replica."""
    return measure(config.network, config.replicas, config.seed)
