"""Pictures of sequence models that learned: curves, attention maps, what each experiment asks."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, POSITIVE, PUBLISHED, page

COLOURS = (POSITIVE, NEGATIVE, PUBLISHED, "#cc79a7", "#e69f00", "#56b4e9")


def draw_sequence(
    record: dict, curves: pd.DataFrame | None, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """What every population of sequence models shows: attention maps and learning curves."""
    name, grid = record["experiment"], record["config"]["grid"]
    keys = [key for key, values in grid.items() if values]
    figures = {}
    if example is not None:
        figures["attention"] = draw_maps(example, f"{name}, replica 0 at the end")
    if curves is not None and not {"mixer", "distance"} <= {*keys}:
        figures["curves"] = draw_learning(curves, keys, published_curve(paper, name), name)
    return figures


def published_curve(paper: Paper, experiment: str) -> dict[int, float]:
    """The printed loss of each test, by its number, that this experiment is held against."""
    found = {}
    for claim in paper.claims:
        for check in claim.checks:
            at_test = check.quantity.removeprefix("loss_at_test_")
            if at_test.isdigit() and experiment in check.experiments:
                found[int(at_test)] = float(check.published)
    return found


def draw_learning(
    curves: pd.DataFrame, keys: list[str], published: dict[int, float], title: str
) -> Figure:
    """Loss and share right of the tests against steps: median and range over the replicas.

    published: the printed loss of each test; left out where there were more tests or fewer.
    """
    figure, (left, right) = page(8.5, 3.4, 2)
    groups = curves.groupby(keys, sort=False) if keys else [((), curves)]
    for colour, (values, group) in zip(cycle(COLOURS), groups, strict=False):
        of_point = ", ".join(f"{k} = {v}" for k, v in zip(keys, values, strict=True))
        label = of_point or "median and range"
        for axes, what in ((left, "loss"), (right, "accuracy")):
            low, high = group[f"{what}_low"], group[f"{what}_high"]
            axes.fill_between(group["step"], low, high, color=colour, alpha=0.25)
            axes.plot(group["step"], group[f"{what}_median"], color=colour, label=label, marker=".")
    steps = sorted(curves["step"].unique())
    if published and len(steps) == len(published):
        places = [steps[number - 1] for number in published]
        left.plot(places, [*published.values()], color="black", marker="x", label="published run")
    left.set_ylabel("cross-entropy in tests, nats")
    left.set_ylim(bottom=0)
    right.set_ylabel("share of asked tokens right in tests")
    right.set_ylim(0, 1.02)
    for axes in (left, right):
        axes.set_xlabel("steps")
    left.legend(fontsize=7.5)
    leave = "" if curves["replicas"].nunique() == 1 else "; those that stopped are left out later"
    figure.suptitle(f"{title}: {curves['replicas'].max()} replicas{leave}", fontsize=10)
    return figure


def layer_names(example: dict) -> list[str]:
    """What each layer of maps is: of an encoder and a decoder, or of one stack."""
    count = len(example["maps"])
    if example["source"] is None:
        return [f"layer {i + 1}" for i in range(count)]
    N = count // 3
    decoder = [f"decoder {i + 1}, {kind}" for i in range(N) for kind in ("self", "source")]
    return [f"encoder {i + 1}" for i in range(N)] + decoder


def draw_maps(example: dict, title: str) -> Figure:
    """A map of weights for every head; rows are layers, a query a row of its map."""
    maps = example["maps"]
    heads = max(len(layer) for layer in maps)
    figure, axes = page(max(1.15 * heads + 1, 4), 1.2 * len(maps) + 0.6, heads, len(maps))
    for place, (name, layer) in enumerate(zip(layer_names(example), maps, strict=True)):
        for head in range(heads):
            panel = axes[place * heads + head]
            panel.set(xticks=[], yticks=[])
            if head < len(layer):
                weights = np.array(layer[head])
                panel.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
            if place == 0:
                panel.set_title(f"head {head + 1}", fontsize=8)
        axes[place * heads].set_ylabel(name.replace(", ", ",\n"), fontsize=7.5)
    figure.suptitle(f"{title}\nwhite 0, dark 1; queries down, keys across", fontsize=9)
    return figure
