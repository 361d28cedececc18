"""Which kernel the hidden units of the T-C net share in the end (PDP 1986, Fig. 15, p. 350)."""

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from reproduce.file.paper import Paper
from reproduce.page.net import colour
from reproduce.page.page import page
from reproduce.units.measure.learning import right, weights_at, where
from reproduce.units.trained import Trained

NEEDS = {
    "schema": "units",
    "task": "t_c",
    "links": [("retina", "hidden")],
    "kernels": [("retina", "hidden", 9)],
}
ALIKE = 0.8  # cosine from which a kernel counts as one of the printed ones
DIAGONAL: list[list[float]] = [[-1.0, -1, 1], [-1, 2, -1], [1, -1, -1]]
PRINTED: dict[str, list[list[list[float]]]] = {
    # the four of Fig. 15, each with what it becomes when the retina is turned
    "on_centre": [[[-1.0, -1, -1], [-1, 2, -1], [-1, -1, -1]]],
    "bar": [[[-1.0, 1, -1]] * 3, [[-1.0] * 3, [1.0] * 3, [-1.0] * 3]],
    "diagonal": [DIAGONAL, [row[::-1] for row in DIAGONAL]],
    "all_off": [[[-2.0] * 3] * 3],
}
KINDS = (*PRINTED, "other")


def measure(trained: Trained) -> dict[str, Tensor]:
    """Kernel with the last weights; its kind only of nets that answer all patterns rightly then.

    kernel_is_on_centre_at_end, kernel_is_bar_..., kernel_is_diagonal_..., kernel_is_all_off_...,
    kernel_is_other_... [0 or 1]: the printed kernel to which it has the largest cosine, whatever
    its sign, if that is at least .8; else other. The sign is free because hidden units with
    weights and bias of the other sign, and an output weight of the other sign, make the same net.
    kernel_cosine_at_end: that cosine. Also the single weights, as `Link.names` calls them.
    """
    weights = trained.moments["at_end"]
    kernel = trained.units.parts(weights.double())["retina", "hidden"]  # (9, r)
    solved = right(trained, weights)
    return where(solved, kinds(kernel), "at_end") | weights_at(trained, "at_end")


def kinds(kernel: Tensor) -> dict[str, Tensor]:
    """Whether each kernel (9, r) is one of the printed ones, or other; and its cosine."""
    cosines = torch.stack([likeness(kernel, shapes) for shapes in PRINTED.values()])  # (4, r)
    cosine, nearest = cosines.max(0)
    nearest = torch.where(cosine >= ALIKE, nearest, len(PRINTED))
    found = {f"kernel_is_{name}": (nearest == place) for place, name in enumerate(KINDS)}
    return found | {"kernel_cosine": cosine}


def likeness(kernel: Tensor, shapes: list[list[list[float]]]) -> Tensor:
    """The largest magnitude of the cosine between a kernel (9, r) and some shapes: (r,)."""
    printed = torch.tensor(shapes, dtype=kernel.dtype).flatten(1)  # (shapes, 9)
    products = (printed / printed.norm(dim=1, keepdim=True)) @ kernel
    return products.abs().amax(0) / kernel.norm(dim=0)


IN_A_ROW = 4  # kernels of each kind that are drawn


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """A row for each kind: the first few kernels, area as magnitude and colour as sign."""
    figure, axes = page(1.6 * IN_A_ROW + 1, 1.5 * len(KINDS), IN_A_ROW, len(KINDS))
    for place in axes:
        place.set_axis_off()
    for row, kind in enumerate(KINDS):
        found = replicas[replicas[f"kernel_is_{kind}_at_end"] == 1]
        axes[row * IN_A_ROW].set_title(f"{kind.replace('_', ' ')}: {len(found)}", loc="left")
        for column, (replica, one) in enumerate(found.head(IN_A_ROW).iterrows()):
            kernel = [one[f"hidden<retina.window.{place} at_end"] for place in range(1, 10)]
            _squares(axes[row * IN_A_ROW + column], np.reshape(kernel, (3, 3)), f"{replica}")
    solved = int(replicas["kernel_cosine_at_end"].notna().sum())
    figure.suptitle(f"{record['experiment']}: kernels of {solved} solved replicas", fontsize=10)
    return {"kernels": figure}


def _squares(axes: Axes, kernel: np.ndarray, name: str) -> None:
    """One kernel (3, 3)."""
    largest = np.abs(kernel).max()
    for (row, column), value in np.ndenumerate(kernel):
        side = 0.92 * np.sqrt(abs(value) / largest)
        corner = (column - side / 2, row - side / 2)
        axes.add_patch(Rectangle(corner, side, side, facecolor=colour(value)))
    axes.set_xlim(-0.5, 2.5)
    axes.set_ylim(2.5, -0.5)
    axes.set_aspect("equal")
    axes.text(2.6, 0, name, fontsize=6.5)
