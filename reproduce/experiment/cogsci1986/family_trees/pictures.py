"""One family-tree net as its papers show theirs (Nature 1986, Figs. 3-4; CogSci 1986, Figs. 6-8).

A unit is a grey cell with a square in it, whose area is the magnitude: white for activities and
positive weights, black for negative weights. Of the persons, the English stand above the Italian.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reproduce.file.paper import Paper
from reproduce.page.page import NEUTRAL, PUBLISHED, page
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.tracking import Tracker

CELL, GRID = "#9a9a9a", "#b8b8b8"
SMALL, TEXT = 7, 8.5  # points
HALF = 0.5  # an output is right when it is on its side of this
NAMES = 2.6  # height that slanting names take, in cells
PLACES = {  # the left end and the foot of each group, in cells
    "person": (0, 0),
    "relation": (14, 0.5),
    "person_code": (3, 3.2),
    "relation_code": (17, 3.2),
    "central": (7, 5.6),
    "penultimate": (10, 8),
    "answer": (7, 12.4),
}
ROWS = {"person": 2, "answer": 2}
LINKS = (
    ("person", "person_code"),
    ("relation", "relation_code"),
    ("person_code", "central"),
    ("relation_code", "central"),
    ("central", "penultimate"),
    ("penultimate", "answer"),
)


def draw(record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper) -> dict:
    """The pictures of the net that was kept in full, if there is one."""
    return {} if example is None else draw_example(example, record["experiment"])


def show(tracker: Tracker, config: UnitsExperiment, example: dict) -> None:
    """Add the pictures of one net, and the codes of the persons to the projector."""
    for name, drawn in draw_example(example, config.name).items():
        tracker.image(name, drawn, config.run.sweeps)
    replica = f"person codes of replica {example['replica']}"
    tracker.points(replica, example["code_of_each_person"], example["persons"])


def draw_example(example: dict, name: str) -> dict[str, Figure]:
    """The pictures of one net; example: as `example` of this experiment makes it.

    figure3: activities for Colin has-aunt. figure4: weights of the person and relation units.
    figure8: outputs for the held-out cases, if there are any.
    """
    title = (
        f"{name}\nreplica {example['replica']}, chosen as the best of {example['replicas']:,}, "
        f"{example['moment'].replace('_', ' ')}, "
        f"right on {example['trained_right']} of {example['trained_cases']} trained"
    )
    if example["held_out"]:
        title += f" and {example['held_out_right']} of {len(example['held_out'])} held-out cases"
    figures = {"figure3": draw_activities(example, title), "figure4": draw_weights(example, title)}
    if example["held_out"]:
        figures["figure8"] = draw_held_out(example, title)
    return figures


def draw_activities(example: dict, title: str) -> Figure:
    """The layers from the two inputs up to the 24 outputs (Nature Fig. 3)."""
    question = example["colin_has_aunt"]
    y, persons = question["activities"], example["persons"]
    figure, axes = _paper(7.2, 5.4, (-0.3, 26.3), (-1.3, 17.2), title)
    right = [persons.index(name) for name in question["right"]]
    for group, (left, bottom) in PLACES.items():
        values = np.reshape(y[group], (ROWS.get(group, 1), -1))
        _cells(axes, left, bottom, values, 1, right if group == "answer" else ())
    left, bottom = PLACES["answer"]
    _slanting(axes, left, bottom + 2.2, persons[:12])
    _slanting(axes, left, bottom - 0.2, persons[12:], down=True)
    for group, words in (
        ("person", question["person"]),
        ("relation", f"has {question['relation']}"),
    ):
        left, bottom = PLACES[group]
        on = left + int(np.argmax(y[group])) % 12 + 0.5
        axes.text(on, bottom - 0.3, words, ha="center", va="top", fontsize=TEXT)
    for lower, upper in LINKS:
        (x0, y0), (x1, y1) = PLACES[lower], PLACES[upper]
        middles = [len(y[group]) / ROWS.get(group, 1) / 2 for group in (lower, upper)]
        ends = (y0 + ROWS.get(lower, 1), y1 - (NAMES if upper == "answer" else 0))
        across = (x0 + middles[0], x1 + middles[1])
        axes.plot(across, ends, color=NEUTRAL, linewidth=0.8, zorder=0)
    return figure


def draw_weights(example: dict, title: str) -> Figure:
    """What each person unit receives from the persons, and each relation unit from the relations.

    What a unit codes by our test stands over it.
    """
    figure, axes = _paper(8.6, 8.2, (-0.3, 27.3), (-NAMES, 23.6), title)
    sides = (
        (0, "person", example["persons"], 2),
        (15, "relation", example["relations"], 1),
    )
    for left, group, names, rows in sides:
        weights = np.array(example[f"{group}_weights"])  # (6, persons or relations)
        largest = np.abs(weights).max()
        for unit, row in enumerate(weights):
            bottom = 3.4 * (len(weights) - 1 - unit)
            _cells(axes, left, bottom, row.reshape(rows, -1), largest)
            words = f"{unit + 1}  {', '.join(example[f'{group}_codes'][unit])}"
            axes.text(left, bottom + rows + 0.2, words, fontsize=TEXT)
        head = f"{group} units, largest weight {largest:.2f}"
        axes.text(left, 22.8, head, fontsize=TEXT, weight="bold")
        _slanting(axes, left, -0.2, names[-12:], down=True)
        if rows == 2:
            _slanting(axes, left, 3.4 * (len(weights) - 1) + 3.1, names[:12])
    return figure


def draw_held_out(example: dict, title: str) -> Figure:
    """What the net answers to the questions it was not trained on (CogSci Fig. 8)."""
    persons, cases = example["persons"], example["held_out"]
    figure, axes = _paper(7, 1.9 + 0.78 * len(cases), (-9, 14), None, title)
    for number, case in enumerate(cases):
        right = [persons.index(name) for name in case["right"]]
        bottom = 3 * (len(cases) - 1 - number)
        _cells(axes, 0, bottom, np.reshape(case["outputs"], (2, -1)), 1, right)
        wanted = np.isin(np.arange(len(persons)), right)
        off = wanted != (np.array(case["outputs"]) > HALF)
        verdict = "right" if not off.any() else "wrong"
        asked = f"{case['person']} has {case['relation']}: {' and '.join(case['right'])}"
        words = f"{asked}\nanswered {verdict}"
        axes.text(-0.4, bottom + 1, words, ha="right", va="center", fontsize=TEXT)
    _slanting(axes, 0, 3 * len(cases) - 0.8, persons[:12])
    _slanting(axes, 0, -0.2, persons[12:], down=True)
    axes.set_ylim(-NAMES, 3 * len(cases) - 1 + NAMES)
    return figure


def _paper(
    width: float,
    height: float,
    across: tuple[float, float],
    up: tuple[float, float] | None,
    title: str,
) -> tuple[Figure, Axes]:
    """A page with one place to draw in, in units of cells."""
    figure, (axes,) = page(width, height)
    axes.set_xlim(*across)
    if up is not None:
        axes.set_ylim(*up)
    axes.set_aspect("equal")
    axes.set_axis_off()
    figure.suptitle(title, fontsize=TEXT)
    return figure, axes


def _cells(
    axes: Axes,
    left: float,
    bottom: float,
    values: np.ndarray,
    largest: float,
    marked: Sequence[int] = (),
) -> None:
    """Values (rows, columns), the first row on top; `marked` counts along the rows."""
    rows, columns = values.shape
    for index, value in enumerate(values.flat):
        x, y = left + index % columns, bottom + rows - 1 - index // columns
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor=CELL, edgecolor=GRID, linewidth=0.5))
        side = 0.88 * np.sqrt(abs(value) / largest) if largest > 0 else 0
        corner = (x + (1 - side) / 2, y + (1 - side) / 2)
        axes.add_patch(Rectangle(corner, side, side, facecolor="white" if value > 0 else "black"))
    for index in marked:
        x, y = left + index % columns, bottom + rows - 1 - index // columns
        axes.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=PUBLISHED, linewidth=2))


def _slanting(axes: Axes, left: float, height: float, names: list[str], down: bool = False) -> None:
    """A name for each column, above the height or below it."""
    for column, name in enumerate(names):
        axes.text(
            *(left + column + 0.5, height, name),
            rotation=55,
            rotation_mode="anchor",
            ha="right" if down else "left",
            va="center",
            fontsize=SMALL,
        )
