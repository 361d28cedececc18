"""Pictures of a whole population: when it was right, how its error fell, what failures answer."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reproduce.page.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page
from reproduce.verdict.statistic import ordered_quantile, values

BINS_PER_DECADE = 16


def draw_distribution(
    replicas: pd.DataFrame, sweeps: int, published: float | None, title: str
) -> Figure:
    """Histogram of sweeps to solve on a log axis, the unsolved as a bar of their own."""
    solve = replicas["sweeps_to_solve"]
    solved = solve.dropna().clip(lower=1)
    figure, (axes,) = page(6.4, 3.6)
    last = max(sweeps, 2)
    edges = [*np.geomspace(1, last, max(2, round(BINS_PER_DECADE * np.log10(last))))]
    lowest = max(solved.min() / 2, 1) if len(solved) else 1
    axes.hist(solved, bins=edges, color=POSITIVE, alpha=0.8, label=f"solved: {len(solved)}")
    unsolved = int(solve.isna().sum())
    axes.bar(
        sweeps * 1.35,
        unsolved,
        width=sweeps * 0.4,
        color=NEGATIVE,
        label=f"not within {sweeps:,} sweeps: {unsolved}",
    )
    if published is not None:
        axes.axvline(published, color=PUBLISHED, linewidth=2, label=f"published: {published:,.0f}")
    median = ordered_quantile(values("sweeps_to_solve", solve), 0.5)
    if np.isfinite(median):
        label = f"our median, unsolved as later: {median:,.0f}"
        axes.axvline(median, color="black", linestyle=":", label=label)
    axes.set_xscale("log")
    axes.set_xlim(lowest, sweeps * 1.8)
    axes.set_xlabel("sweeps until all cases are right")
    axes.set_ylabel(f"replicas of {len(solve):,}")
    axes.set_title(title)
    figure.legend(loc="outside lower center", ncols=2, fontsize=7.5)
    return figure


def draw_curves(curves: pd.DataFrame, title: str) -> Figure:
    """Error and share of replicas that are right against sweeps."""
    figure, (left, right) = page(8, 3, 2)
    sweeps = curves["sweep"].clip(lower=0.7)
    left.fill_between(sweeps, curves["error_low"], curves["error_high"], color=POSITIVE, alpha=0.25)
    left.plot(sweeps, curves["error_median"], color=POSITIVE, label="median and central 90%")
    left.plot(sweeps, curves["error_replica_0"], color=NEUTRAL, linewidth=0.8, label="replica 0")
    left.set_ylabel("error E (equation 3)")
    left.set_ylim(bottom=0)
    left.legend(fontsize=7.5)
    right.fill_between(
        sweeps, curves["right_low"], curves["right_high"], color=POSITIVE, alpha=0.25
    )
    right.plot(sweeps, curves["right_share"], color=POSITIVE, label="share and 95% interval")
    right.set_ylabel("share of replicas right on all cases")
    right.set_ylim(0, 1.02)
    right.legend(fontsize=7.5, loc="upper left")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xlabel("sweeps")
    figure.suptitle(title, fontsize=10)
    return figure
