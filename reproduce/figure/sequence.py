"""Pictures of sequence models that learned: curves, attention maps, what each experiment asks."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reproduce.figure.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page
from reproduce.paper import Paper

COLOURS = (POSITIVE, NEGATIVE, PUBLISHED, "#cc79a7", "#e69f00", "#56b4e9")
SIZES = (12, 8, 4)  # of the points of kinds of layers, so that none hides another


def draw_sequence(
    record: dict,
    replicas: pd.DataFrame,
    curves: pd.DataFrame,
    example: dict | None,
    paper: Paper,
) -> dict[str, Figure]:
    """All pictures of one run by name."""
    name, config = record["experiment"], record["config"]
    keys = [key for key, values in config["grid"].items() if values]
    figures = {}
    if example is not None:
        figures["attention"] = draw_maps(example, f"{name}, replica 0 at the end")
    if {"mixer", "distance"} <= {*keys}:
        return figures | {"distance": draw_distance(replicas, config["task"]["symbols"], name)}
    figures["curves"] = draw_learning(curves, keys, published_curve(paper, name), name)
    if "head_roles" in config["measure"]:
        figures["roles"] = draw_roles(replicas, name)
    if "induction" in config["measure"]:
        figures["induction"] = draw_induction(replicas, name)
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


def draw_distance(replicas: pd.DataFrame, symbols: int, title: str) -> Figure:
    """Share right against distance, and against path length, of each kind of layer.

    Open points: the layers have no path so long.
    """
    figure, (left, right) = page(9, 3.6, 2)
    kinds = zip(COLOURS, SIZES, replicas.groupby("mixer", sort=False), strict=False)
    for colour, size, (mixer, group) in kinds:
        for axes, across in ((left, "distance"), (right, "path_length")):
            by_place = group.groupby(across)["test_accuracy"]
            axes.plot(by_place.median(), color=colour, linewidth=size / 3, label=mixer)
            reached = group.groupby(across)["in_reach"].min() == 1
            for there, face in ((reached, colour), (~reached, "white")):
                middles = by_place.median()[there]
                axes.plot(middles, "o", color=colour, markerfacecolor=face, markersize=size)
            axes.fill_between(
                by_place.min().index, by_place.min(), by_place.max(), color=colour, alpha=0.2
            )
    for axes, across in ((left, "distance"), (right, "path length (Table 1)")):
        axes.axhline(1 / symbols, color=NEUTRAL, linestyle=":", label="chance")
        axes.set_xscale("log", base=2)
        axes.set(xlabel=f"{across}, positions" if axes is left else across, ylim=(0, 1.04))
    left.set_ylabel("share right (median and range)")
    left.legend(fontsize=7.5)
    count = replicas.groupby(["mixer", "distance"]).size().max()
    title = f"{title}: {count} replicas at each point; open where there is no path so long"
    figure.suptitle(title, fontsize=10)
    return figure


def draw_roles(replicas: pd.DataFrame, title: str) -> Figure:
    """For each replica and head: how often it attends to each related word; its silence's cost."""
    relations = ("agreement", "bracket", "copy")
    heads = [c.removeprefix("copy ") for c in replicas if c.startswith("copy layer")]
    figure, axes = page(2.6 * 4, 0.35 * len(replicas) + 2.2, 4)
    for panel, relation in zip(axes, relations, strict=False):
        shares = replicas[[f"{relation} {head}" for head in heads]].to_numpy()
        image = panel.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        offset = replicas[f"{relation}_offset"].iloc[0]
        panel.set_title(f"{relation}\n(best fixed offset {offset:.2f})", fontsize=8.5)
    figure.colorbar(image, ax=axes[2], label="share of questions")
    cost = replicas[[f"loss_without {head}" for head in heads]].sub(replicas["test_loss"], axis=0)
    image = axes[3].imshow(cost.to_numpy(), cmap="Oranges", aspect="auto", vmin=0)
    figure.colorbar(image, ax=axes[3], label="nats")
    axes[3].set_title("loss added when\nthe head is silent", fontsize=8.5)
    labels = [head.replace("layer ", "").replace(" head ", ".") for head in heads]
    for panel in axes:
        panel.set_xticks(range(len(heads)), labels, fontsize=7)
        panel.set_yticks(range(len(replicas)))
        panel.set_xlabel("layer.head")
    axes[0].set_ylabel("replica")
    figure.suptitle(title, fontsize=10)
    return figure


def draw_induction(replicas: pd.DataFrame, title: str) -> Figure:
    """Share right with all heads, without the best and without the others of its layer."""
    kinds = {
        "test_accuracy": "share right",
        "prefix_matching": "weight on the token after\nthe first occurrence",
        "carrier_matching": "weight on the best place\nafter the first occurrence",
        "accuracy_without_best_head": "right without that head",
        "accuracy_without_another_head": "right without the other\nof its layer",
    }
    figure, (axes,) = page(7.2, 3.8)
    groups = list(replicas.groupby("N")) if "N" in replicas else [("", replicas)]
    for colour, (N, group) in zip(cycle(COLOURS), groups, strict=False):
        for place, column in enumerate(kinds):
            shift = 0.12 * (1 if colour == COLOURS[0] else -1)
            label = f"{N} layer{'s' if N != 1 else ''}" if place == 0 else None
            y = np.full(len(group), place + shift)
            axes.scatter(group[column], y, color=colour, alpha=0.7, s=18, label=label)
    axes.set_yticks(range(len(kinds)), kinds.values())
    axes.set_xlim(-0.02, 1.02)
    axes.invert_yaxis()
    axes.set_title(f"{title}: one point a replica")
    figure.legend(loc="outside lower center", ncols=2, fontsize=7.5)
    return figure
