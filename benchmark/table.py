"""The figures as a table: rows, columns, and how they are printed."""

import pandas as pd

from benchmark.measure import Entry, ratio, spread
from benchmark.work import Work
from reproduce.units.net import Units

AGAINST = {
    "usual": "usual loop",
    "jax": "JAX jit(vmap(scan))",
    "jax_tuned": "JAX tuned",
    "c": "C loop",
}
RATIOS = [f"ratio_to_{name}{end}" for name in AGAINST for end in ("", "_low", "_high")]
COLUMNS = [
    "series",  # which question the row answers: works, replicas, sweeps or sizes
    "work",
    "weights",  # weights and biases of one net
    "peer",
    "replicas",
    "nets_timed",  # 1 where nets are trained one after the other
    "sweeps",  # of one call
    "threads",  # that the peer may use
    "rounds",
    "net_sweeps_per_second",  # median over the rounds
    "low",
    "high",
    *RATIOS,  # median, lowest and highest of the ratio within each round
    "first_call_seconds",  # preparation, compilation and the first sweep
    "cores",
    "processor",
    "torch",
    "jax",
    "scikit_learn",
    "compiler",
]


def rows(
    series: str, work: Work, replicas: int, entries: list[Entry], conditions: dict
) -> list[dict]:
    """A row of COLUMNS for each entry that was timed."""
    others = {entry.peer.name: entry for entry in entries}
    table = []
    for entry in entries:
        median, low, high = spread(entry.rates)
        row = {"series": series, "work": work.name, "weights": Units(work.plan).P}
        row |= {"peer": entry.peer.name, "replicas": replicas, "sweeps": entry.sweeps}
        row |= {"nets_timed": entry.trainer.replicas, "threads": entry.peer.threads}
        row |= {"rounds": len(entry.rates), "net_sweeps_per_second": median}
        row |= {"low": low, "high": high, "first_call_seconds": entry.first_call}
        for name, other in AGAINST.items():
            if other in others:
                values = ratio(entry, others[other])
                for end, value in zip(("", "_low", "_high"), values, strict=True):
                    row[f"ratio_to_{name}{end}"] = value
        table.append(row | conditions)
    return table


def short(value: float) -> str:
    """Three digits: 0.0123, 4.56, 789, 1,230,000; a dash for no number."""
    if pd.isna(value):
        return "–"
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:.3g}"


def factor(value: float) -> str:
    """How many times as fast: 4.56, or 1/789 of something faster."""
    return f"1/{short(1 / value)}" if value < 0.1 else short(value)


def ranged(frame: pd.DataFrame, median: str, low: str, high: str, form=short) -> list[str]:
    """median (low to high), or the one number that all three are, or a dash."""
    values = zip(frame[median], frame[low], frame[high], strict=True)
    return [
        f"{form(middle)} ({form(least)} to {form(most)})" if least < most else form(middle)
        for middle, least, most in values
    ]


def printed(table: pd.DataFrame) -> str:
    """The three works in full, then the series in brief."""
    works = table[table["series"] == "works"]
    full = works[["work", "peer", "threads"]].copy()
    full["net-sweeps per second"] = ranged(works, "net_sweeps_per_second", "low", "high")
    for name, other in AGAINST.items():
        columns = [f"ratio_to_{name}{end}" for end in ("", "_low", "_high")]
        full[f"times {other}"] = ranged(works, *columns, form=factor)
    replicas = works["replicas"].iloc[0]
    parts = [f"{replicas:,} replicas\n\n{full.to_markdown(index=False)}"]
    rate = "net_sweeps_per_second"
    symmetry = works["work"].iloc[0]
    many = table[(table["work"] == symmetry) & table["series"].isin(["works", "replicas"])]
    parts.append(
        f"{symmetry}: net-sweeps per second by replicas\n\n{brief(many, 'replicas', rate)}"
    )
    sizes = table[table["series"] == "sizes"]
    parts.append(
        f"{sizes['replicas'].iloc[0]:,} replicas: net-sweeps per second by network\n\n"
        f"{brief(sizes, 'work', rate)}"
    )
    parts.append(
        f"{symmetry}, {replicas:,} replicas: seconds by sweeps after the first call\n\n"
        f"{brief(cost(table), 'sweeps', 'seconds')}"
    )
    return "\n\n".join(parts)


def cost(table: pd.DataFrame) -> pd.DataFrame:
    """The rows about the number of sweeps, with the `seconds` that all nets take.

    For nets one after the other that is what one takes, times their number.
    """
    sweeps = table[table["series"] == "sweeps"]
    net_sweeps = sweeps["replicas"] * sweeps["sweeps"]
    return sweeps.assign(seconds=net_sweeps / sweeps["net_sweeps_per_second"])


def brief(frame: pd.DataFrame, across: str, value: str) -> str:
    """A row a peer, a column for each value of `across`, medians only."""
    wide = frame.pivot(index="peer", columns=across, values=value)
    wide = wide.reindex(index=frame["peer"].unique(), columns=sorted_as_given(frame[across]))
    wide.columns = [f"{name:,}" if across != "work" else name for name in wide.columns]
    wide = wide.map(short)
    if across == "sweeps":
        wide.insert(0, "first call", frame.groupby("peer")["first_call_seconds"].first().map(short))
    alignment = ["left", *["right"] * wide.shape[1]]
    return wide.to_markdown(disable_numparse=True, colalign=alignment)


def sorted_as_given(values: pd.Series) -> list:
    """Numbers in order, names as they come."""
    found = values.unique()
    return sorted(found) if values.dtype.kind in "iu" else list(found)
