"""Pictures of the studies of formulas of Attention Is All You Need."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reproduce.figure.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page
from reproduce.paper import Check, Paper
from reproduce.statistic import central

LINES = {"all": "-", "others": "--", "without_pad": ":"}
PROBABILITIES = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
WORDS = {
    "all": "eps / V on every token",
    "others": "eps / (V - 1) on the wrong ones",
    "without_pad": "eps / (V - 2), none on padding",
}


def draw_scaling(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict[str, Figure]:
    """Against d_k: variance of q . k, largest weight of the softmax, size of its gradient."""
    widths, count = record["config"]["network"]["d_k"], len(replicas)
    figure, (variance, largest, gradient) = page(10, 3.4, 3)
    banded(variance, widths, replicas, "variance_over_dk", POSITIVE)
    variance.axhline(1, color=PUBLISHED, zorder=0, label="footnote 4")
    variance.set_ylabel("variance of q · k over $d_k$")
    variance.legend(fontsize=7.5, frameon=False)
    for kind, colour in (("scaled", POSITIVE), ("unscaled", NEGATIVE)):
        banded(largest, widths, replicas, f"largest_weight_{kind}", colour, kind)
        banded(gradient, widths, replicas, f"gradient_norm_{kind}", colour, kind)
    largest.set_ylabel("largest weight of a query, mean")
    largest.set_ylim(0, 1)
    gradient.set_ylabel("norm of the softmax's Jacobian, median")
    gradient.set_yscale("log")
    for axes in (largest, gradient):
        axes.legend(fontsize=7.5, frameon=False)
    figure.suptitle(
        f"{record['experiment']}: median and central 95% of {count} draws, "
        f"{record['config']['network']['keys']} keys",
        fontsize=10,
    )
    return {"scaling": figure}


def banded(axes, widths: list[int], replicas: pd.DataFrame, name: str, colour: str, label=None):
    """Median and central 95% of a quantity against the width of a head."""
    columns = [replicas[f"{name}_dk{width}"].to_numpy(float) for width in widths]
    low, high = np.transpose([central(column) for column in columns])
    axes.fill_between(widths, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(widths, np.median(columns, axis=1), "o-", color=colour, markersize=4, label=label)
    axes.set_xscale("log", base=2)
    axes.set_xticks(widths, map(str, widths), fontsize=7.5)
    axes.minorticks_off()
    axes.set_xlabel("$d_k$")


def draw_positions(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict:
    """The encoding as a map, and how alike two positions are by their distance."""
    encoding = np.array(example["encoding"])
    figure, (table, alike) = page(9, 3.6, 2)
    image = table.imshow(encoding, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    bar = figure.colorbar(image, ax=table)
    bar.ax.tick_params(labelsize=8)
    bar.set_label("PE(pos, dimension)", fontsize=9)
    table.set_xlabel("dimension (even: sine, odd: cosine)")
    table.set_ylabel("position")
    table.set_title(f"d_model = {encoding.shape[1]}")
    alike.plot(example["similarity"], color=POSITIVE)
    for k in record["config"]["network"]["offsets"]:
        value = replicas[f"similarity_{k}"].iloc[0]
        alike.plot(k, value, "o", color=NEGATIVE, markersize=4)
        words = {"xytext": (6, 4), "textcoords": "offset points", "fontsize": 8}
        alike.annotate(f"{value:.3f} at {k}", (k, value), **words)
    alike.set_xlabel("distance of the two positions")
    alike.set_ylabel("dot product over $d_{model}/2$")
    alike.set_ylim(0, 1.05)
    alike.set_title(f"d_model = {record['config']['network']['d_model'][0]}")
    figure.suptitle(record["experiment"], fontsize=10)
    return {"positions": figure}


def draw_schedule(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict:
    """The learning rate of equation 3 for every width, with its peak."""
    figure, (axes,) = page(7, 3.6)
    colours = (POSITIVE, NEGATIVE, NEUTRAL, PUBLISHED)
    for (width, rates), colour in zip(example["rate"].items(), cycle(colours), strict=False):
        step, peak = (replicas[f"peak_{what}_d{width}"].iloc[0] for what in ("step", "rate"))
        label = f"d_model = {width}: {peak:.3e} at step {step:,.0f}"
        axes.plot(example["step"], rates, color=colour)
        axes.plot(step, peak, "o", color=colour, markersize=5, label=label)
    axes.set_xlabel("step")
    axes.set_ylabel("learning rate")
    axes.set_xlim(0, example["step"][-1])
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend(fontsize=8, frameon=False, title="highest rate", title_fontsize=8)
    axes.set_title(f"{record['experiment']}: equation 3")
    return {"schedule": figure}


def draw_smoothing(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict:
    """The smoothed loss against the probability of the right token, and its floors."""
    probability, smoothing = example["probability"], record["config"]["rule"]["smoothing"][0]
    figure, panels = page(9, 4.6, len(example["loss"]))
    for axes, (vocabulary, losses) in zip(panels, example["loss"].items(), strict=True):
        axes.plot(probability, -np.log(probability), color=NEUTRAL, label="without smoothing")
        for (name, line), colour in zip(
            LINES.items(), (POSITIVE, NEGATIVE, PUBLISHED), strict=True
        ):
            least = replicas[f"floor_{name}_V{vocabulary}_{smoothing:g}"].iloc[0]
            label = f"{WORDS[name]}: at least {least:.3f}"
            axes.plot(probability, losses[name], line, color=colour, label=label)
            axes.axhline(least, linestyle=line, color=colour, linewidth=0.7)
        axes.set_xscale("logit")
        axes.set_xlabel("probability of the right token")
        axes.set_ylabel("loss in nats")
        axes.set_ylim(0, 4)
        axes.set_xticks(PROBABILITIES, map(str, PROBABILITIES))
        axes.minorticks_off()
        axes.set_title(f"V = {int(vocabulary):,}, eps = {smoothing:g}")
        axes.legend(fontsize=7, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.17))
    figure.suptitle(record["experiment"], fontsize=10)
    return {"smoothing": figure}


def draw_training_cost(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict:
    """Computed over printed, beside the range that rounds to what is printed."""
    checks = exact_checks(paper, record["experiment"])
    figure, (axes,) = page(7.5, 3)
    for place, check in enumerate(checks):
        found, printed = replicas[check.quantity].iloc[0], float(check.published)
        half = 0.5 * 10**-check.decimals / printed
        agrees = round(found, check.decimals) == printed
        axes.plot([1 - half, 1 + half], [place, place], color=PUBLISHED, linewidth=9, alpha=0.3)
        axes.plot(found / printed, place, "o", color=POSITIVE if agrees else NEGATIVE)
        axes.annotate(
            f"{found:.4g}",
            (found / printed, place),
            (0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    labels = [f"{check.statement}\nprinted {check.published:g} {check.unit}" for check in checks]
    axes.set_yticks(range(len(checks)), labels, fontsize=7)
    axes.set_ylim(len(checks) - 0.4, -0.8)
    axes.set_xlabel("computed over printed (band: rounds to what is printed)")
    axes.set_title(record["experiment"])
    return {"training_cost": figure}


def exact_checks(paper: Paper, experiment: str) -> list[Check]:
    """The checks of rule exact that ask something of the experiment."""
    checks = [check for claim in paper.claims for check in claim.checks]
    return [c for c in checks if c.rule == "exact" and experiment in c.experiments]
