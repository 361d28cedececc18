"""Exclusive-or (PDP 1986, p. 319 and 330-334): answers, failures as in Fig. 5, weights by kind."""

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor

from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, NEUTRAL, page
from reproduce.units.measure.learning import outputs, right, weights_at, where
from reproduce.units.net import Units
from reproduce.units.task import RIGHT
from reproduce.units.trained import Trained

NEEDS = {"schema": "units", "task": "xor", "biases": True, "full": True, "once": True}
AT_HALF = 0.1  # an answer "at 0.5" is nearer than this to one half


def measure(trained: Trained) -> dict[str, Tensor]:
    """Answers at the end, what kind of failure it is, and the magnitudes of the weights.

    answer_00, answer_01, answer_10, answer_11: outputs with the last weights.
    stuck_like_figure_5 [0 or 1], for unsolved nets only: see `like_figure_5`.
    """
    units = trained.units
    end = trained.moments["at_end"]
    y = outputs(trained, end)[0]  # (4, r)
    columns = {f"answer_{case // 2}{case % 2}": y[case] for case in range(4)}
    stuck = like_figure_5(y).double()
    columns["stuck_like_figure_5"] = torch.where(right(trained, end), torch.nan, stuck)
    if {("input", "hidden"), ("input", "output"), ("hidden", "output")} <= set(units.places):
        for moment, weights in trained.moments.items():
            columns |= where(right(trained, weights), magnitudes(units, weights), moment)
    drawn = "at_largest_weight" if "at_largest_weight" in trained.moments else "at_end"
    return columns | weights_at(trained, drawn)


def like_figure_5(y: Tensor) -> Tensor:
    """Whether a net fails as in Fig. 5 (p. 333): bool (r,); y: answers to 00 01 10 11, (4, r).

    In the print 00 and 10 are right while 01 and 11 are at 0.5; with the two inputs exchanged,
    00 and 01 are right while 10 and 11 are at 0.5. Either counts.
    """
    half = (y - 0.5).abs() < AT_HALF
    off, on = (y < RIGHT) & ~half, (y > RIGHT) & ~half
    printed = off[0] & half[1] & on[2] & half[3]
    exchanged = off[0] & on[1] & half[2] & half[3]
    return printed | exchanged


def magnitudes(units: Units, weights: Tensor) -> dict[str, Tensor]:
    """Magnitudes of the net with one hidden unit and direct links, weights (P, r).

    Magnitudes, because the hidden unit may be on where the printed one is off.
    weight_input_to_hidden, weight_input_to_output: means over the two inputs.
    weight_hidden_to_output: the one weight.
    """
    parts = units.parts(weights.double())
    return {
        "weight_input_to_hidden": parts["input", "hidden"].abs().mean((0, 1)),
        "weight_input_to_output": parts["input", "output"].abs().mean((0, 1)),
        "weight_hidden_to_output": parts["hidden", "output"].abs().mean((0, 1)),
    }


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """What each net that is not right at the end answers to the four cases."""
    stuck = replicas[replicas["right_at_end"] == 0]
    if stuck.empty:
        return {}
    cases = ["00", "01", "10", "11"]
    figure, (axes,) = page(5, 3)
    spread = np.linspace(-0.25, 0.25, max(len(stuck), 2))[: len(stuck)]
    for place, case in enumerate(cases):
        axes.scatter(
            place + spread, stuck[f"answer_{case}"], s=6, color=NEGATIVE, alpha=0.6, rasterized=True
        )
    axes.axhline(0.5, color=NEUTRAL, linewidth=0.8)
    axes.set_xticks(
        range(4),
        [f"{case}\n(should be {'on' if case in ('01', '10') else 'off'})" for case in cases],
    )
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("output at the end")
    axes.set_title(
        f"{record['experiment']}: the {len(stuck)} of {len(replicas):,} that are not right"
    )
    return {"answers": figure}
