"""The figures of attention as a table: rows, columns, and how they are printed."""

import pandas as pd

from benchmark.attention.work import BlockWork, TrainingWork
from benchmark.measure import Entry, ratio, spread
from benchmark.table import ranged, short

COLUMNS = [
    "series",  # which question the row answers: attention, layer, training or population
    "work",
    "batch",
    "n",  # positions of a text
    "peer",
    "threads",
    "replicas",  # models that are to be worked on
    "replicas_timed",  # 1 where they are taken one after the other
    "rounds",
    "seconds",  # of a call or a training step, for each model: median over the rounds
    "seconds_low",
    "seconds_high",
    "time_to_ours",  # median, lowest and highest of the ratio within each round
    "time_to_ours_low",
    "time_to_ours_high",
    "tokens_per_second",  # positions, or in training predicted tokens, of all models
    "tokens_low",
    "tokens_high",
    "peak_bytes",  # held at once in a call, beside what was there before
    "cores",
    "processor",
    "torch",
    "x_transformers",
]


def rows(
    series: str,
    work: BlockWork | TrainingWork,
    replicas: int,
    entries: list[Entry],
    peaks: list[int],
    conditions: dict,
) -> list[dict]:
    """A row of COLUMNS for each entry that was timed, the first of which is ours."""
    table = []
    for entry, peak in zip(entries, peaks, strict=True):
        seconds = spread([1 / rate for rate in entry.rates])
        tokens = spread([work.tokens * rate for rate in entry.rates])
        row = {"series": series, "work": work.name, "batch": work.batch, "n": work.n}
        row |= {"peer": entry.peer.name, "threads": entry.peer.threads, "replicas": replicas}
        row |= {"replicas_timed": entry.trainer.replicas, "rounds": len(entry.rates)}
        row |= dict(zip(("seconds", "seconds_low", "seconds_high"), seconds, strict=True))
        slower = ratio(entries[0], entry)
        for end, value in zip(("", "_low", "_high"), slower, strict=True):
            row[f"time_to_ours{end}"] = value
        names = ("tokens_per_second", "tokens_low", "tokens_high")
        row |= dict(zip(names, tokens, strict=True))
        table.append(row | {"peak_bytes": peak} | conditions)
    return table


def printed(table: pd.DataFrame) -> str:
    """Time relative to ours and memory by length, then the training steps."""
    parts = []
    for (series, work), own in table[table["series"].isin(["attention", "layer"])].groupby(
        ["series", "work"], sort=False
    ):
        relative = ranged(own, "time_to_ours", "time_to_ours_low", "time_to_ours_high")
        times = by_length(own.assign(shown=relative))
        parts.append(f"{series}, {work}: time relative to ours by n\n\n{times}")
        peaks = by_length(own.assign(shown=[short(peak / 2**20) for peak in own["peak_bytes"]]))
        parts.append(f"{series}, {work}: MiB at the peak by n\n\n{peaks}")
    trained = table[table["series"].isin(["training", "population"])]
    full = trained[["work", "replicas", "threads", "peer"]].copy()
    full["tokens per second"] = ranged(trained, "tokens_per_second", "tokens_low", "tokens_high")
    full["time"] = ranged(trained, "time_to_ours", "time_to_ours_low", "time_to_ours_high")
    parts.append(f"training steps\n\n{full.to_markdown(index=False)}")
    return "\n\n".join(parts)


def by_length(own: pd.DataFrame) -> str:
    """A row a peer, a column for each n, of what is `shown`."""
    wide = own.pivot(index="peer", columns="n", values="shown").reindex(own["peer"].unique())
    alignment = ["left", *["right"] * wide.shape[1]]
    return wide.fillna("–").to_markdown(disable_numparse=True, colalign=alignment)
