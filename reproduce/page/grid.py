"""Pictures of a grid: how many nets solve the task at each point, and how soon."""

import re

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reproduce.page.page import NEGATIVE, POSITIVE, page
from reproduce.verdict.point import spoken, title_of

MOST_IN_A_ROW = 4


def draw_grid(table: pd.DataFrame, keys: list[str], sweeps: int, title: str) -> dict[str, Figure]:
    """Pictures by name; table: a row a grid point, as grid.csv has it."""
    shown = {
        "grid_solved": (f"solved_by_{sweeps}", f"share of starts right within {sweeps:,} sweeps"),
        "grid_sweeps": ("sweeps_to_solve", "median sweeps until right, unsolved as later"),
    }
    for quantity in table.columns:
        if re.fullmatch(r"solved_by_\d+", quantity) and quantity != f"solved_by_{sweeps}":
            moment = int(quantity.removeprefix("solved_by_"))
            words = f"share of starts right within {moment:,} sweeps"
            shown[f"grid_{quantity}"] = (quantity, words)
    held_out = f"held_out_right_after_{sweeps}"
    if held_out in table:
        shown["grid_held_out"] = (held_out, "held-out cases right at the end, median")
    draw = draw_line if len(keys) == 1 else draw_maps
    return {name: draw(table, keys, *what, title) for name, what in shown.items()}


def draw_line(
    table: pd.DataFrame, keys: list[str], quantity: str, label: str, title: str
) -> Figure:
    """One key: the quantity with its 95% interval against it."""
    table = table.sort_values(keys[0], ignore_index=True)
    figure, (axes,) = page(6, 3.4)
    places = range(len(table))
    axes.vlines(places, table[f"{quantity}_low"], table[f"{quantity}_high"], color=POSITIVE)
    axes.plot(places, table[quantity], "o", color=POSITIVE)
    for place in table.index[table[quantity].isna()]:
        axes.annotate("later", (place, 0.02), xycoords=("data", "axes fraction"), color=NEGATIVE)
    axes.set_xticks(places, [spoken(value) for value in table[keys[0]]])
    axes.set_xlabel(keys[0])
    axes.set_ylabel(label)
    axes.set_ylim(bottom=0)
    axes.set_title(title)
    return figure


def draw_maps(
    table: pd.DataFrame, keys: list[str], quantity: str, label: str, title: str
) -> Figure:
    """The last two keys as a map, one for each combination of the others."""
    *others, down, across = keys
    groups = list(table.groupby(others, sort=False)) if others else [((), table)]
    width, height = table[across].nunique(), table[down].nunique()
    columns = table[others[-1]].nunique() if len(others) > 1 else min(len(groups), MOST_IN_A_ROW)
    rows = -(-len(groups) // columns)
    size = (1.4 + columns * (0.55 * width + 0.6), 0.5 + rows * (1 + 0.4 * height))
    figure, axes = page(*size, columns, rows)
    for unused in axes[len(groups) :]:
        unused.set_axis_off()
    is_share = quantity.startswith("solved")
    highest = 1.0 if is_share else max(table[quantity].max(), 1.0)
    for place, (values, group) in zip(axes, groups, strict=False):
        square = group.pivot(index=down, columns=across, values=quantity)
        numbers = square.to_numpy(float)
        image = place.imshow(square, cmap="viridis", vmin=0, vmax=highest, aspect="auto")
        for row, column in ((r, c) for r in range(height) for c in range(width)):
            found = numbers[row, column]
            dark = found < 0.6 * highest  # not where it is nan
            number = f"{found:.2f}" if is_share else f"{found:,.0f}"
            text = "later" if np.isnan(found) else number
            colour = NEGATIVE if np.isnan(found) else "white" if dark else "black"
            place.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
        place.set_xticks(range(width), [spoken(value) for value in square.columns])
        place.set_yticks(range(height), [spoken(value) for value in square.index])
        place.set_xlabel(across)
        place.set_ylabel(down)
        place.set_title(title_of(dict(zip(others, values, strict=True))), fontsize=8)
    figure.colorbar(image, ax=axes)
    figure.suptitle(f"{title}: {label}", fontsize=10)
    return figure
