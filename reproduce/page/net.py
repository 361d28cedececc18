"""A network drawn as units and links, or as a Hinton diagram."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle, Rectangle

from reproduce.page.page import NEGATIVE, NEUTRAL, POSITIVE
from reproduce.units.plan import Plan

RADIUS = 0.24
NARROW, WIDE, MANY = 1.35, 2.4, 4  # distance of two units in a row with many and with few
LABEL_AT = (0.30, 0.44)  # how far along a link its number stands, in turn


def levels(plan: Plan) -> dict[str, int]:
    """How many links lie at most between a group and the inputs."""
    level = dict.fromkeys(plan.inputs, 0)
    for group, sources in plan.sources.items():
        below = [level[source] for source in sources if source in level]  # not those of a circle
        level[group] = 1 + max(below, default=0)
    return level


def positions(plan: Plan) -> dict[tuple[str, int], tuple[float, float]]:
    """Where each unit (group, index) stands: inputs in the lowest row, outputs on top."""
    level, places = levels(plan), {}
    for height in sorted(set(level.values())):
        units = [
            (group, index)
            for group in plan.sizes
            if level[group] == height
            for index in range(plan.sizes[group])
        ]
        gap = NARROW if len(units) > MANY else WIDE
        for place, unit in enumerate(units):
            places[unit] = (gap * (place - (len(units) - 1) / 2), 2.3 * height)
    return places


def colour(weight: float) -> str:
    """By sign."""
    return POSITIVE if weight >= 0 else NEGATIVE


def draw_net(axes: Axes, plan: Plan, weights: dict | None, title: str) -> None:
    """Units as circles with their biases inside, links with their weights, wider when larger.

    weights: {group: {"bias": [...], source: rows}} as papers/*.yaml prints them, nan where two
    units are not tied, or None to draw the plan alone.
    """
    places = positions(plan)
    largest = 1.0
    if weights is not None:
        largest = max(
            np.nanmax(np.abs(weights[group][source]))
            for group in plan.sources
            for source in plan.sources[group]
        )
    for group, sources in plan.sources.items():
        for source in sources:
            for j in range(plan.sizes[group]):
                for i in range(plan.sizes[source]):
                    w = None if weights is None else weights[group][source][j][i]
                    if w is not None and np.isnan(w):
                        continue
                    _link(axes, places[source, i], places[group, j], w, largest, LABEL_AT[j % 2])
    for (group, index), (x, y) in places.items():
        axes.add_patch(Circle((x, y), RADIUS, facecolor="white", edgecolor="black", zorder=3))
        if weights is not None and plan.biases and group in plan.sources:
            bias = weights[group]["bias"][index]
            axes.text(x, y, f"{bias:.1f}", ha="center", va="center", fontsize=7, zorder=4)
    xs, ys = zip(*places.values(), strict=True)
    axes.set_xlim(min(xs) - 0.5, max(xs) + 0.5)
    axes.set_ylim(min(ys) - 0.5, max(ys) + 0.5)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(title)


def _link(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    weight: float | None,
    largest: float,
    label_at: float,
) -> None:
    (x0, y0), (x1, y1) = start, end
    if weight is None:
        axes.plot([x0, x1], [y0, y1], color=NEUTRAL, linewidth=0.8, zorder=1)
        return
    width = 0.4 + 3 * abs(weight) / largest
    axes.plot([x0, x1], [y0, y1], color=colour(weight), linewidth=width, alpha=0.55, zorder=1)
    axes.text(
        x0 + label_at * (x1 - x0),
        y0 + label_at * (y1 - y0),
        f"{weight:.1f}",
        fontsize=6.5,
        ha="center",
        va="center",
        zorder=2,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.9},
    )


def draw_hinton(axes: Axes, plan: Plan, weights: dict, title: str) -> None:
    """Each computed unit a row, each sender a column; area is magnitude, colour is sign."""
    senders = [group for group in plan.sizes if any(group in s for s in plan.sources.values())]
    starts = [1, *(1 + end for end in np.cumsum([plan.sizes[group] for group in senders]))]
    columns = dict(zip(senders, starts[:-1], strict=True))
    rows = [(group, j) for group in plan.sources for j in range(plan.sizes[group])]
    width = starts[-1]
    values = np.full((len(rows), width), np.nan)
    for row, (group, j) in enumerate(rows):
        if plan.biases:
            values[row, 0] = weights[group]["bias"][j]
        for source in plan.sources[group]:
            start = columns[source]
            values[row, start : start + plan.sizes[source]] = weights[group][source][j]
    largest = np.nanmax(np.abs(values))
    cells, squares, colours = [], [], []
    for (row, column), value in np.ndenumerate(values):
        cells.append(Rectangle((column - 0.5, row - 0.5), 1, 1))
        if np.isfinite(value) and largest > 0:
            side = 0.92 * np.sqrt(abs(value) / largest)
            squares.append(Rectangle((column - side / 2, row - side / 2), side, side))
            colours.append(colour(value))
    axes.add_collection(PatchCollection(cells, facecolor="#e9e9e9", edgecolor="white"))
    axes.add_collection(PatchCollection(squares, facecolor=colours))
    names = ["bias", *(f"{group} {i + 1}" for group in senders for i in range(plan.sizes[group]))]
    axes.set_xticks(range(width), names, rotation=60, ha="right")
    axes.set_yticks(range(len(rows)), [f"{group} {j + 1}" for group, j in rows])
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(f"{title}\nlargest {largest:.3g}", fontsize=9)
