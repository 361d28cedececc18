"""Pictures of what layers cost: multiply-adds, measured times, and path lengths."""

import numpy as np
import pandas as pd

from reproduce.figure.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page
from reproduce.paper import Paper
from reproduce.statistic import central

LOOKS = {  # of each kind of layer: name, colour, line
    "self_attention": ("self-attention", POSITIVE, "-"),
    "recurrent": ("recurrent", NEGATIVE, "-"),
    "convolution": ("convolution", PUBLISHED, "-"),
    "dilated": ("convolution, dilated", PUBLISHED, "-"),
    "contiguous": ("convolution, contiguous", PUBLISHED, "--"),
    "restricted": ("restricted", NEUTRAL, "-"),
}


def draw_heads_cost(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict:
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


def draw_complexity(record: dict, replicas: pd.DataFrame, example: dict, paper: Paper) -> dict:
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


def lines(axes, sizes: list[int], found: dict[str, list[float]], growth: dict[str, str]) -> None:
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
