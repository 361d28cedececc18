"""The speed and the memory of attention, drawn from benchmark_attention.csv alone."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from reproduce.page.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page

OTHER = "#56b4e9"
LOOKS = {  # colour, marker and line of the blocks, in the order of the legend
    "ours": (POSITIVE, "D", "-"),
    "ours, written out": (OTHER, "s", "-"),
    "bare kernel and projections": (NEGATIVE, "x", "-"),
    "nn.MultiheadAttention": (PUBLISHED, "^", "-"),
    "nn.MultiheadAttention with weights": ("#cc79a7", "v", "-"),
    "nn.MultiheadAttention in eval mode": (NEUTRAL, "o", "-"),
    "x-transformers Attention": ("#e69f00", "<", "-"),
    "our EncoderLayer": (POSITIVE, "D", "--"),
    "nn.TransformerEncoderLayer": ("black", "+", "--"),
}
BARS = {  # colour of the ways to train
    "our model": POSITIVE,
    "torch.nn model": PUBLISHED,
    "one after the other": POSITIVE,
    "side by side (vmap)": OTHER,
}
WORKS = ("forward", "forward and backward", "causal forward and backward")
PASS = WORKS[1]  # of which the memory is shown
NUMBER = FuncFormatter(lambda value, _: f"{value:,g}")


def draw_attention(table: pd.DataFrame) -> Figure:
    """Time relative to ours and memory against n, tokens per second of training.

    table: the rows of benchmark_attention.csv. Lines and bars are medians over the rounds, bands
    and whiskers the range.
    """
    figure, axes = page(11, 7, 3, 2)
    blocks = table[table["series"].isin(["attention", "layer"])]
    for place, work in zip(axes, WORKS, strict=False):
        times(place, blocks[blocks["work"] == work])
        place.set_title(work)
    attention = blocks[(blocks["series"] == "attention") & (blocks["work"] == PASS)]
    memory(axes[3], attention)
    axes[3].set_title(f"memory, {PASS}")
    steps(axes[4], table[table["series"] == "training"])
    axes[4].set_title("training one model")
    several = table[table["series"] == "population"]
    steps(axes[5], several)
    axes[5].set_title(f"training {several['replicas'].iloc[0]} models")
    handles = {label: handle for place in axes[:4] for handle, label in labelled(place)}
    handles = {label: handles[label] for label in LOOKS if label in handles}
    look = {"loc": "outside lower center", "ncols": 5, "frameon": False, "fontsize": 8}
    figure.legend(handles.values(), handles.keys(), **look)
    figure.suptitle(conditions(table), fontsize=8)
    return figure


def labelled(axes: Axes) -> list[tuple]:
    """The handles of some axes with their labels."""
    return list(zip(*axes.get_legend_handles_labels(), strict=True))


def own_rows(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Each block with its rows in the order of n."""
    found = [(peer, rows[rows["peer"] == peer].sort_values("n")) for peer in LOOKS]
    return [(peer, own) for peer, own in found if len(own)]


def line(axes: Axes, peer: str, n: pd.Series, values: pd.Series) -> str:
    """A block's values against n in its look; returns the colour."""
    colour, marker, style = LOOKS[peer]
    axes.plot(n, values, style, color=colour, marker=marker, markersize=4, label=peer)
    return colour


def times(axes: Axes, rows: pd.DataFrame) -> None:
    """Time relative to ours, a line with its band for each other block."""
    for peer, own in own_rows(rows):
        colour = line(axes, peer, own["n"], own["time_to_ours"])
        band = own["time_to_ours_low"], own["time_to_ours_high"]
        axes.fill_between(own["n"], *band, color=colour, alpha=0.12, linewidth=0)
    axes.set_ylabel("time relative to ours")
    on_logarithmic_axes(axes, rows["n"])


def memory(axes: Axes, rows: pd.DataFrame) -> None:
    """MiB held at the peak, a line for each block."""
    for peer, own in own_rows(rows):
        line(axes, peer, own["n"], own["peak_bytes"] / 2**20)
    axes.set_ylabel("MiB at the peak")
    on_logarithmic_axes(axes, rows["n"])


def on_logarithmic_axes(axes: Axes, lengths: pd.Series) -> None:
    """Every measured n below, powers of 2 beside."""
    axes.set(xlabel="n", xscale="log", yscale="log")
    axes.yaxis.set_major_locator(LogLocator(2))
    axes.yaxis.set_major_formatter(NUMBER)
    axes.yaxis.set_minor_locator(NullLocator())
    places = sorted(lengths.unique())
    axes.set_xticks(places, [f"{place:,}" for place in places])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(alpha=0.25, linewidth=0.5)


def steps(axes: Axes, rows: pd.DataFrame) -> None:
    """Tokens per second, a bar for each work, number of threads and way to train."""
    places, names = [], []
    for (work, threads), own in rows.groupby(["work", "threads"], sort=False):
        what = work.replace(", ", "\n")
        names.append(f"{what}\n{threads} thread{'s' * (threads > 1)}")
        places.append(len(places))
        for shift, (_, row) in enumerate(own.iterrows()):
            median = row["tokens_per_second"]
            whiskers = [[median - row["tokens_low"]], [row["tokens_high"] - median]]
            label = row["peer"] if len(places) == 1 else None
            words = {"color": BARS[row["peer"]], "label": label, "yerr": whiskers}
            bar = axes.bar(places[-1] + 0.4 * shift - 0.2, median, 0.36, **words)
            axes.bar_label(bar, [f"{median:,.0f}"], fontsize=6, padding=2)
    axes.set_xticks(places, names, fontsize=7)
    axes.set_ylabel("tokens per second")
    axes.yaxis.set_major_formatter(NUMBER)
    axes.legend(fontsize=8, loc="upper left", frameon=False)


def conditions(table: pd.DataFrame) -> str:
    """On what it was measured, in a line."""
    row = table.iloc[0]
    other = "" if pd.isna(row["x_transformers"]) else f", x-transformers {row['x_transformers']}"
    return (
        f"{row['processor']}, {row['cores']} cores; torch {row['torch']}{other}; "
        f"blocks: batch {row['batch']}, {row['threads']} threads; "
        f"medians and ranges of {row['rounds']} alternating rounds"
    )
