"""What many heads cost beside one of full width, and what they compute (section 3.2.2).

Axis letters: b batch, n positions, d = d_model, h heads of width d / h.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor

from reproduce.experiment.attention2017.block import unequal_widths
from reproduce.experiment.attention2017.cost import milliseconds, multiply_adds
from reproduce.experiment.attention2017.identity import chance_of, normal, relative_error, whole
from reproduce.file.paper import Paper
from reproduce.page.page import POSITIVE, PUBLISHED, page
from reproduce.run.config.layers import HeadsCostExperiment, HeadsNetwork
from reproduce.transformer.attention import MultiHeadAttention, attention
from reproduce.verdict.statistic import central

NEEDS = {"schema": "heads_cost"}
MILLION = 1e6


def equal_layers(d: int, heads: list[int]) -> dict[int, MultiHeadAttention]:
    """By number of heads: multi-head attention of h heads of width d / h, written out."""
    return {h: MultiHeadAttention(d, h, d // h, d // h, fused=False) for h in heads}


def counts(network: HeadsNetwork) -> dict[str, float]:
    """How many multiply-adds a layer of self-attention takes, by its number of heads H.

    multiply_adds_hH [millions]: with H heads. multiply_adds_spread [multiply-adds]: the most less
    the fewest. The projections are counted, the softmax (h n^2 exponentials) is not.
    """
    with torch.device("meta"):
        x = torch.empty(1, network.n, network.d_model)
        layers = equal_layers(network.d_model, network.heads)
    counted = {h: multiply_adds(layer, x, x) for h, layer in layers.items()}
    return {
        **{f"multiply_adds_h{h}": number / MILLION for h, number in counted.items()},
        "multiply_adds_spread": float(max(counted.values()) - min(counted.values())),
    }


def head(layer: MultiHeadAttention, i: int, queries: Tensor, memory: Tensor) -> Tensor:
    """attention(Q W_i^Q, K W_i^K, V W_i^V) with the matrices of head i cut out: (b, n, v)."""
    projected = []
    for projection, x in ((layer.W_Q, queries), (layer.W_K, memory), (layer.W_V, memory)):
        W, bias = projection.weight.chunk(layer.h)[i], projection.bias.chunk(layer.h)[i]
        projected.append(x @ W.T + bias)
    return attention(*projected, fused=False)


def heads_apart(chance: np.random.Generator) -> dict[str, float]:
    """A2.5: a layer of random shape against heads with matrices of their own.

    error_of_heads_apart: of the heads that are concatenated and go through W^O.
    error_of_sum_over_heads: of the sum of head_i W_i^O.
    """
    h, b, n, m, d = (whole(chance, 1, most) for most in (4, 3, 6, 6, 12))
    d_k, d_v = unequal_widths(chance)
    layer = MultiHeadAttention(d, h, d_k, d_v).double()
    queries, memory = normal(b, n, d), normal(b, m, d)
    with torch.no_grad():
        found = layer(queries, memory)
        heads = [head(layer, i, queries, memory) for i in range(h)]
        parts = zip(heads, layer.W_O.weight.chunk(h, 1), strict=True)
        summed = sum(each @ W.T for each, W in parts) + layer.W_O.bias
        return {
            "error_of_heads_apart": relative_error(found, layer.W_O(torch.cat(heads, -1))),
            "error_of_sum_over_heads": relative_error(found, summed),
        }


def study(config: HeadsCostExperiment) -> Iterator[dict[str, float]]:
    """One row a replica: a random shape for the identities, and a round of time taking.

    error_*: see `heads_apart`. multiply_adds_*: see `counts`, the same in every row.
    milliseconds_hH: one pass with H heads, float32 on one thread; in each round all numbers of
    heads take turns, in an order of its own. time_h8_over_h1: of these.
    """
    network, counted = config.network, counts(config.network)
    with chance_of(config.seed, config.replicas):  # the replicas have the numbers before this one
        layers = equal_layers(network.d_model, network.heads)
        x = torch.randn(1, network.n, network.d_model)
    for replica in range(config.replicas):
        with chance_of(config.seed, replica) as chance:
            errors, order = heads_apart(chance), chance.permutation(network.heads).tolist()
        times = {h: milliseconds(layers[h], x, x) for h in order}
        yield {
            **errors,
            **counted,
            **{f"milliseconds_h{h}": times[h] for h in network.heads},
            "time_h8_over_h1": times[8] / times[1],
        }


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Multiply-adds and measured time against the number of heads."""
    network = record["config"]["network"]
    heads = sorted(network["heads"])
    figure, (left, right) = page(8, 3.2, 2)
    counts = [replicas[f"multiply_adds_h{h}"].iloc[0] for h in heads]
    left.plot(heads, counts, "o-", color=POSITIVE)
    left.set_ylabel("multiply-adds, millions")
    left.set_ylim(0, 1.2 * max(counts))
    left.set_title("counted", fontsize=9)
    times = [replicas[f"milliseconds_h{h}"].to_numpy(float) for h in heads]
    middle, (low, high) = np.median(times, axis=1), np.transpose([central(each) for each in times])
    right.vlines(heads, low, high, color=POSITIVE)
    right.plot(heads, middle, "o-", color=POSITIVE, label="median and central 95% of rounds")
    right.axhspan(middle[0] / 1.5, middle[0] * 1.5, color=PUBLISHED, alpha=0.15)
    right.plot([], [], color=PUBLISHED, alpha=0.3, lw=8, label="within 1.5 times one head")
    right.set_ylabel("milliseconds, one thread, float32")
    right.set_ylim(0, 1.2 * max(high.max(), 1.5 * middle[0]))
    right.set_title(f"measured in {len(replicas)} rounds", fontsize=9)
    right.legend(fontsize=7.5, loc="lower right")
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(heads, map(str, heads))
        axes.set_xlabel("heads h, each $d_{model}/h$ wide")
    size = f"n = {network['n']}, d_model = {network['d_model']}"
    figure.suptitle(f"{record['experiment']}: {size}", fontsize=10)
    return {"heads_cost": figure}
