"""Table 1 counted: multiply-adds, sequential operations and maximum path lengths of its layers.

Axis letters: n positions, d units, k of the kernel of a convolution, r keys of a window.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from reproduce.experiment.attention2017.cost import milliseconds, multiply_adds, parts
from reproduce.experiment.attention2017.path import PATHS, path, paths_and_chains
from reproduce.experiment.attention2017.table_1 import KINDS, exponent, layer_of
from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page
from reproduce.run.config.layers import ComplexityExperiment, ComplexityNetwork
from reproduce.transformer.attention import MultiHeadAttention
from reproduce.transformer.layer import FeedForward, Layer
from reproduce.transformer.mixer import Recurrent, SeparableConvolution

NEEDS = {"schema": "complexity"}
MILLION = 1e6
ROUNDS = 5  # of taking the time
LOOKS = {  # of each kind of layer: name, colour, line
    "self_attention": ("self-attention", POSITIVE, "-"),
    "recurrent": ("recurrent", NEGATIVE, "-"),
    "convolution": ("convolution", PUBLISHED, "-"),
    "dilated": ("convolution, dilated", PUBLISHED, "-"),
    "contiguous": ("convolution, contiguous", PUBLISHED, "--"),
    "restricted": ("restricted", NEUTRAL, "-"),
}


@cache
def counted(kind: str, n: int, d: int, k: int, r: int) -> int:
    """Multiply-adds of a row of Table 1."""
    with torch.device("meta"):
        return multiply_adds(layer_of(kind, d, k, r), torch.empty(1, n, d))


def operations(network: ComplexityNetwork) -> dict[str, float]:
    """The column `Complexity per Layer`.

    exponent_of_n_ROW, exponent_of_d_ROW, exponent_of_k_convolution, exponent_of_r_restricted: of
    the multiply-adds, where only that size changes. convolution_over_recurrent: their ratio.
    """
    n, d, k, r = network.n, network.d_model, network.kernels[0], network.windows[0]
    columns: dict[str, float] = {}
    for kind in KINDS:
        by_n = [counted(kind, length, d, k, r) for length in network.lengths]
        by_d = [counted(kind, n, width, k, r) for width in network.widths]
        columns[f"exponent_of_n_{kind}"] = exponent(network.lengths, by_n)
        columns[f"exponent_of_d_{kind}"] = exponent(network.widths, by_d)
    by_k = [counted("convolution", n, d, kernel, r) for kernel in network.kernels]
    by_r = [counted("restricted", n, d, k, window) for window in network.windows]
    return columns | {
        "exponent_of_k_convolution": exponent(network.kernels, by_k),
        "exponent_of_r_restricted": exponent(network.windows, by_r),
        "convolution_over_recurrent": by_k[0] / counted("recurrent", n, d, k, r),
    }


def attention_layer(n: int, d: int, h: int) -> tuple[int, int]:
    """Multiply-adds of a built multi-head self-attention: of equation 1, of its projections."""
    with torch.device("meta"):
        return parts(MultiHeadAttention(d, h, d // h, d // h, fused=False), n)


def other_layer(layer: type[nn.Module], n: int, d: int, *shape: int | Layer) -> int:
    """Multiply-adds of a layer `layer(*shape)` over n positions of d units."""
    with torch.device("meta"):
        return multiply_adds(layer(*shape), torch.empty(1, n, d))


def beside_recurrent(network: ComplexityNetwork) -> dict[str, float]:
    """A3.2: what Table 1 leaves out of self-attention, beside a recurrent layer.

    multiply_adds_PART [10^6]: at n positions. core_over_recurrent_at_n_d: at n = d.
    lengths_where_PART_is_cheaper: how many of the lengths below d. The whole layer has the four
    projections too; LSTM is torch's, with four times the products of the plain recurrent layer.
    """
    n, d, h = network.n, network.d_model, network.h
    core, projections = attention_layer(n, d, h)
    ffn = other_layer(FeedForward, n, d, Layer(d_model=d, d_ff=network.d_ff))
    cheaper = {"core": 0, "layer": 0, "layer_than_lstm": 0}
    for length in (each for each in network.lengths if each < d):
        inside, outside = attention_layer(length, d, h)
        recurrent = other_layer(Recurrent, length, d, d)
        cheaper["core"] += inside < recurrent
        cheaper["layer"] += inside + outside < recurrent
        cheaper["layer_than_lstm"] += inside + outside < other_layer(nn.LSTM, length, d, d, d)
    at_d = attention_layer(d, d, h)[0] / other_layer(Recurrent, d, d, d)
    return {
        "multiply_adds_core": core / MILLION,
        "multiply_adds_projections": projections / MILLION,
        "multiply_adds_recurrent": other_layer(Recurrent, n, d, d) / MILLION,
        "multiply_adds_feed_forward": ffn / MILLION,
        "core_over_recurrent_at_n_d": at_d,
        **{f"lengths_where_{part}_is_cheaper": float(cheaper[part]) for part in cheaper},
    }


def two_terms(counts: dict[tuple[int, int], int]) -> dict[str, float]:
    """a and b of a n^2 d + b n d^2 by least squares of relative errors, and the largest of these.

    counts: (n, d) -> multiply-adds. Keys: n2d, nd2, left_over.
    """
    terms = np.array([[n * n * d, n * d * d] for n, d in counts]) / [[c] for c in counts.values()]
    (a, b), *_ = np.linalg.lstsq(terms, np.ones(len(terms)))
    largest = np.abs(terms @ [a, b] - 1).max()
    return {"n2d": float(a), "nd2": float(b), "left_over": float(largest)}


def beside_separable(network: ComplexityNetwork) -> dict[str, float]:
    """A3.3: a separable convolution with k = n, and self-attention with a feed-forward net.

    NAME_n2d, NAME_nd2, NAME_left_over: see `two_terms`, over all lengths and widths, d_ff growing
    as d. attention_and_ffn_over_separable: ratio at n and d_model.
    """

    def separable(n: int, d: int) -> int:
        return other_layer(SeparableConvolution, n, d, d, n)

    def attention_and_ffn(n: int, d: int) -> int:
        layer = Layer(d_model=d, d_ff=network.d_ff * d // network.d_model)
        return sum(attention_layer(n, d, network.h)) + other_layer(FeedForward, n, d, layer)

    sizes = list(product(network.lengths, network.widths))
    columns: dict[str, float] = {}
    for name, cost in (("separable", separable), ("attention_and_ffn", attention_and_ffn)):
        fitted = two_terms({size: cost(*size) for size in sizes})
        columns |= {f"{name}_{part}": x for part, x in fitted.items()}
    here = (network.n, network.d_model)
    columns["attention_and_ffn_over_separable"] = attention_and_ffn(*here) / separable(*here)
    return columns


def study(config: ComplexityExperiment) -> Iterator[dict[str, float]]:
    """One row: all of `operations`, `beside_recurrent`, `beside_separable`, `paths_and_chains`."""
    network = config.network
    yield {
        **operations(network),
        **beside_recurrent(network),
        **beside_separable(network),
        **paths_and_chains(network, config.seed),
    }


def example(config: ComplexityExperiment) -> dict:
    """What the pictures show: multiply-adds and measured times against n, paths against n.

    Times are medians of a few rounds in which all layers take turns, float32, one thread; they
    are an illustration, since Table 1 says nothing of them.
    """
    network = config.network
    k, r, d = network.kernels[0], network.windows[0], network.d_model
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        layers = {kind: layer_of(kind, d, k, r) for kind in KINDS}
        inputs = [torch.randn(1, n, d) for n in network.lengths]
        paths = {kind: [path(kind, n, k, r) for n in network.path_lengths] for kind in PATHS}
    taken = [
        [[milliseconds(layers[kind], x) for x in inputs] for kind in KINDS] for _ in range(ROUNDS)
    ]
    return {
        "lengths": network.lengths,
        "multiply_adds": {
            kind: [counted(kind, n, d, k, r) for n in network.lengths] for kind in KINDS
        },
        "milliseconds": dict(zip(KINDS, np.median(taken, axis=0).tolist(), strict=True)),
        "path_lengths": network.path_lengths,
        "paths": paths,
    }


def draw(record: dict, replicas: pd.DataFrame, example: dict, paper: Paper) -> dict[str, Figure]:
    """Multiply-adds and measured times against n beside each other; maximum path lengths."""
    network, title, row = record["config"]["network"], record["experiment"], replicas.iloc[0]
    k, r = network["kernels"][0], network["windows"][0]
    cost, (left, right) = page(9, 4, 2)
    slopes = {kind: f"n^{row[f'exponent_of_n_{kind}']:.2f}" for kind in example["multiply_adds"]}
    lines(left, example["lengths"], example["multiply_adds"], slopes)
    left.set_ylabel("multiply-adds of one layer")
    left.set_title("counted, with the fitted power of n", fontsize=9)
    lines(right, example["lengths"], example["milliseconds"], slopes)
    right.set_ylabel("milliseconds, one thread, float32")
    right.set_title("measured, as an illustration", fontsize=9)
    cost.suptitle(f"{title}: d = {network['d_model']}, k = {k}, r = {r}", fontsize=10)
    cost.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
    paths, (axes,) = page(6.4, 4)
    growth = {kind: f"n^{row[f'path_exponent_{kind}']:.2f}" for kind in example["paths"]}
    growth |= {"dilated": f"log_{k} n", "self_attention": "1"}
    lines(axes, example["path_lengths"], example["paths"], growth)
    axes.set_ylabel("maximum path length, layers or steps")
    axes.set_title(f"{title}: k = {k}, r = {r}")
    paths.legend(loc="outside lower center", ncols=2, fontsize=8)
    return {"complexity": cost, "path_lengths": paths}


def lines(
    axes: Axes, sizes: list[int], found: dict[str, list[float]], growth: dict[str, str]
) -> None:
    """One line a kind of layer against n, both axes logarithmic; growth: words for the legend."""
    for kind, values in found.items():
        name, colour, style = LOOKS[kind]
        label = f"{name}: {growth[kind]}"
        axes.plot(sizes, values, "o", ls=style, ms=3.5, color=colour, label=label)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(sizes, map(str, sizes))
    axes.minorticks_off()
    axes.set_xlabel("positions n")
