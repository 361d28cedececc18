"""The speed of the ways to train many small nets, drawn from benchmark.csv alone."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from reproduce.page.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page

LOOKS = {  # colour and marker, in the order of the legend
    "usual loop": (NEUTRAL, "o"),
    "scikit-learn MLPClassifier": ("#cc79a7", "v"),
    "engine eager": ("#56b4e9", "s"),
    "engine compiled": (POSITIVE, "D"),
    "JAX jit(vmap(scan))": (PUBLISHED, "^"),
    "JAX tuned": ("#e69f00", "<"),
    "C loop": (NEGATIVE, "x"),
}
RATE = "net_sweeps_per_second"


def draw_benchmark(table: pd.DataFrame) -> Figure:
    """Speed against replicas, cost against sweeps, speed against the size of the net.

    table: the rows of benchmark.csv. Lines are medians over the rounds, bands the range.
    """
    figure, (left, middle, right) = page(11, 4, 3)
    works = table[table["series"] == "works"]
    first = works["work"].iloc[0]
    replicas = table[(table["work"] == first) & table["series"].isin(["works", "replicas"])]
    speeds(left, replicas, "replicas")
    left.set(title=f"{first} by number of nets", xlabel="nets to be trained")
    sweeps = table[table["series"] == "sweeps"]
    costs(middle, sweeps)
    count = sweeps["replicas"].iloc[0]
    middle.set(title=f"{first}: time for {count:,} nets", xlabel="sweeps")
    sizes = table[table["series"] == "sizes"]
    speeds(right, sizes, "weights")
    count = sizes["replicas"].iloc[0]
    right.set(title=f"{count:,} nets by their size", xlabel="weights and biases of a net")
    handles, labels = left.get_legend_handles_labels()
    look = {"loc": "outside lower center", "ncols": len(labels), "frameon": False, "fontsize": 8}
    figure.legend(handles, labels, **look)
    figure.suptitle(conditions(works), fontsize=8)
    return figure


def own_rows(rows: pd.DataFrame, across: str) -> list[tuple[str, pd.DataFrame]]:
    """Each peer with its rows in the order of `across`."""
    found = [(peer, rows[rows["peer"] == peer].sort_values(across)) for peer in LOOKS]
    return [(peer, own) for peer, own in found if len(own)]


def speeds(axes: Axes, rows: pd.DataFrame, across: str) -> None:
    """Net-sweeps per second, a line with its band for each peer."""
    for peer, own in own_rows(rows, across):
        colour, marker = LOOKS[peer]
        axes.plot(own[across], own[RATE], color=colour, marker=marker, markersize=4, label=peer)
        axes.fill_between(own[across], own["low"], own["high"], color=colour, alpha=0.25)
    axes.set_ylabel("net-sweeps per second")
    on_logarithmic_axes(axes, rows[across])


def costs(axes: Axes, rows: pd.DataFrame) -> None:
    """Seconds against sweeps; dotted with the first call, where many nets are trained at once."""
    for peer, own in own_rows(rows, "sweeps"):
        colour, marker = LOOKS[peer]
        net_sweeps = own["replicas"] * own["sweeps"]
        axes.plot(own["sweeps"], net_sweeps / own[RATE], color=colour, marker=marker, markersize=4)
        axes.fill_between(
            own["sweeps"],
            net_sweeps / own["high"],
            net_sweeps / own["low"],
            color=colour,
            alpha=0.25,
        )
        if (own["nets_timed"] > 1).all():
            seconds = net_sweeps / own[RATE] + own["first_call_seconds"]
            axes.plot(own["sweeps"], seconds, color=colour, linestyle=":")
    axes.set_ylabel("seconds (dotted: with compiling)")
    on_logarithmic_axes(axes, rows["sweeps"])


def on_logarithmic_axes(axes: Axes, measured: pd.Series) -> None:
    """Both axes logarithmic, the measured places written out."""
    axes.set(xscale="log", yscale="log")
    places = sorted(measured.unique())
    room = (places[-1] / places[0]) ** 0.1  # of a written number
    nearest = zip(places, [*places[1:], float("inf")], strict=True)
    shown = [place for place, following in nearest if following / place > room]
    axes.set_xticks(shown, [f"{place:,}" for place in shown], fontsize=7.5)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(alpha=0.25, linewidth=0.5)


def conditions(rows: pd.DataFrame) -> str:
    """On what it was measured, in a line."""
    row = rows.iloc[0]
    versions = {"torch": row["torch"], "JAX": row["jax"], "scikit-learn": row["scikit_learn"]}
    named = ", ".join(f"{name} {own}" for name, own in versions.items() if pd.notna(own))
    return (
        f"{row['processor']}, {row['cores']} cores; {named}; {row['compiler']}; "
        f"medians and ranges of {row['rounds']} alternating rounds"
    )
