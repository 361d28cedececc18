"""The codes that the hidden units take for the eight patterns (PDP 1986, Table 5, p. 337)."""

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor

from reproduce.file.paper import Paper
from reproduce.page.page import page
from reproduce.units.measure.learning import right, where
from reproduce.units.trained import Trained
from reproduce.verdict.statistic import median_replica

NEEDS = {
    "schema": "units",
    "task": "encoder",
    "links": [("input", "hidden")],
    "full": True,
    "once": True,
}
OFF, ON = 0.2, 0.8  # where "off" ends and "on" begins; between them a value is intermediate


def measure(trained: Trained) -> dict[str, Tensor]:
    """Codes with the last weights, only of nets that answer all patterns rightly then.

    code_P_U_at_end: activity of hidden unit U for pattern P, both counted from 1.
    distinct_codes_at_end [patterns]: how many of the codes differ when each value is rounded to
    off, intermediate or on, as Table 5 prints them. intermediate_values_at_end: how many of the
    values are neither above .8 nor below .2; Table 5 has 4 among its 24.
    """
    weights = trained.moments["at_end"].double()
    parts, inputs = trained.units.parts(weights), trained.task.inputs[..., None]
    hidden = trained.units.activities(parts, inputs)["hidden"]  # (u, c, r)
    level = (hidden > OFF).long() + (hidden > ON).long()  # 0 off, 1 intermediate, 2 on
    names = (3 ** torch.arange(len(level)))[:, None, None]
    in_turn = (level * names).sum(0).sort(0).values  # (c, r)
    found = {
        f"code_{pattern + 1}_{unit + 1}": hidden[unit, pattern]
        for pattern in range(hidden.shape[1])
        for unit in range(len(hidden))
    }
    found["distinct_codes"] = 1 + (in_turn.diff(dim=0) != 0).sum(0)
    found["intermediate_values"] = (level == 1).sum((0, 1))
    return where(right(trained, weights), found, "at_end")


TABLE_5 = [  # hidden units 1 to 3 for each of the eight patterns
    *([0.5, 0, 0], [0, 1, 0], [1, 1, 0], [1, 1, 1]),
    *([0, 1, 1], [0.5, 0, 1], [1, 0, 0.5], [0, 0, 0.5]),
]


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Activities of the hidden units for each pattern, printed and of the median solved replica."""
    solved = median_replica(replicas["sweeps_to_solve"])
    panels = {"printed: Table 5": np.array(TABLE_5)}
    if solved is not None:
        row = replicas.loc[solved]
        ours = [[row[f"code_{p}_{u}_at_end"] for u in (1, 2, 3)] for p in range(1, 9)]
        panels[f"ours: replica {solved}, median solved"] = np.array(ours)
    figure, axes = page(3.2 * len(panels), 4, len(panels))
    for place, (name, codes) in zip(axes, panels.items(), strict=True):
        place.imshow(codes, cmap="Greys", vmin=0, vmax=1, aspect="auto")
        for (pattern, unit), value in np.ndenumerate(codes):
            ink = "white" if value > 0.6 else "black"
            place.text(unit, pattern, f"{value:.2g}", ha="center", va="center", color=ink)
        place.set_xticks(range(3), ["1", "2", "3"])
        place.set_yticks(range(8), [str(pattern) for pattern in range(1, 9)])
        place.set_xlabel("hidden unit")
        place.set_ylabel("pattern")
        place.set_title(name, fontsize=9)
    figure.suptitle(record["experiment"], fontsize=10)
    return {"codes": figure}
