"""The look of every figure, an empty one to draw in, and its bytes as a file."""

import io
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

POSITIVE, NEGATIVE, NEUTRAL, PUBLISHED = "#0072b2", "#d55e00", "#555555", "#009e73"
STYLE: dict[RcKeyType, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "legend.frameon": False,
    "savefig.dpi": 120,
    "figure.dpi": 120,
}


def page(
    width: float, height: float, columns: int = 1, rows: int = 1, **ratios: list[float]
) -> tuple[Figure, list[Axes]]:
    """A figure with rows of axes; sizes in inches. Returns the figure and the list of axes."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=ratios)
    return figure, list(axes.flat)


def png(figure: Figure) -> bytes:
    """The figure as PNG."""
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
