"""Paper, ink and the way to the file."""

import io
import re

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

POSITIVE, NEGATIVE, NEUTRAL, PUBLISHED = "#0072b2", "#d55e00", "#555555", "#009e73"
STYLE = {
    "svg.hashsalt": "reproduce",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "legend.frameon": False,
    "savefig.dpi": 120,
    "figure.dpi": 120,
}


def page(width: float, height: float, columns: int = 1, rows: int = 1, **ratios):
    """A figure with rows of axes; sizes in inches. Returns the figure and the list of axes."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=ratios)
    return figure, list(axes.flat)


CLIP = re.compile(rb'<clipPath id="(p[0-9a-f]{10})">')


def _bytes(figure: Figure, form: str, metadata: dict) -> bytes:
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(buffer, format=form, metadata=metadata)
    return buffer.getvalue()


def svg(figure: Figure) -> bytes:
    """The figure as SVG.

    Its clip paths are numbered: matplotlib names them by a hash of their place to the last bit, in
    which processors differ.
    """
    drawn = _bytes(figure, "svg", {"Date": None})
    for number, name in enumerate(CLIP.findall(drawn), 1):
        drawn = drawn.replace(name, b"clip%d" % number)
    return drawn


def png(figure: Figure) -> bytes:
    """The figure as PNG."""
    return _bytes(figure, "png", {"Software": None})
