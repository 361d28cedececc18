"""Which pictures belong to a run."""

import re

import pandas as pd
from matplotlib.figure import Figure

from reproduce.figure.family_trees import draw_family_trees
from reproduce.figure.formula import (
    draw_positions,
    draw_scaling,
    draw_schedule,
    draw_smoothing,
    draw_training_cost,
)
from reproduce.figure.grid import draw_grid
from reproduce.figure.layers import draw_complexity, draw_heads_cost
from reproduce.figure.net import draw_net
from reproduce.figure.page import NEGATIVE, POSITIVE, PUBLISHED, page
from reproduce.figure.population import draw_answers, draw_curves, draw_distribution
from reproduce.figure.sequence import draw_sequence
from reproduce.network.plan import Plan, plan
from reproduce.paper import Paper
from reproduce.statistic import median_replica

SINGLE_WEIGHT = re.compile(r"^(bias \w+\.\d+|\w+\.\d+<\w+\.\d+) at_\w+$")


def draw(
    record: dict,
    replicas: pd.DataFrame,
    curves: pd.DataFrame | None,
    grid: pd.DataFrame | None,
    example: dict | None,
    paper: Paper,
) -> dict[str, Figure]:
    """All pictures of one run by name, from what its folder keeps.

    grid: a row a grid point. example: one replica in full.
    """
    measures, name = record["config"]["measure"], record["experiment"]
    for measure in STUDY_FIGURES.keys() & {*measures}:
        return STUDY_FIGURES[measure](record, replicas, example, paper)
    if "test_every" in record["config"].get("run", {}):
        return draw_sequence(record, replicas, curves, example, paper)
    if grid is not None:
        sweeps = record["config"]["run"]["sweeps"]
        keys = [key for key, values in record["config"]["grid"].items() if values]
        return draw_grid(grid, keys, sweeps, name)
    figures = {}
    network = record["config"]["network"]
    drawn = plan(*(network[key] for key in ("groups", "links", "like", "biases", "function")))
    panels = printed_nets(drawn, paper)
    if record["config"]["run"]["sweeps"]:
        panels |= our_nets(drawn, replicas)
    if panels:
        figures["net"] = draw_beside(drawn, panels)
    if record["config"]["run"]["sweeps"]:
        sweeps = record["config"]["run"]["sweeps"]
        published = published_sweeps(paper, name)
        figures["sweeps_to_solve"] = draw_distribution(replicas, sweeps, published, name)
        figures["curves"] = draw_curves(curves, name)
    if "xor" in measures and (replicas["right_at_end"] == 0).any():
        figures["answers"] = draw_answers(replicas, name)
    if example is not None:
        figures |= draw_family_trees(example, name)
    return figures


def draw_minimized(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict:
    """When each start was solved."""
    sweeps, name = record["config"]["run"]["sweeps"], record["experiment"]
    return {"sweeps_to_solve": draw_distribution(replicas, sweeps, None, name)}


def published_sweeps(paper: Paper, experiment: str) -> float | None:
    """The printed number of sweeps that this experiment is held against, if there is one."""
    for claim in paper.claims:
        for check in claim.checks:
            asked = check.quantity == "sweeps_to_solve" and check.rule == "within"
            if asked and experiment in check.experiments:
                return check.published
    return None


def printed_nets(drawn: Plan, paper: Paper) -> dict[str, dict]:
    """The printed weight sets that fit the plan, by title."""
    fitting = [item for item in paper.weights.items() if drawn.fits(item[1])]
    return {f"printed:\n{name.replace('figure', 'Fig. ')}": net for name, net in fitting}


def our_nets(drawn: Plan, replicas: pd.DataFrame) -> dict[str, dict]:
    """Of the replicas whose single weights are kept: one stuck as in print, the median solved."""
    columns = [column for column in replicas if SINGLE_WEIGHT.match(column)]
    if not columns:
        return {}
    moment, panels = columns[0].rsplit(" ", 1)[1].replace("_", " "), {}
    there = replicas[replicas[columns].notna().all(axis=1)]
    if "stuck_like_figure_5" in replicas and (there["stuck_like_figure_5"] == 1).any():
        stuck = int((there["stuck_like_figure_5"] == 1).idxmax())
        title = f"ours, {moment}:\nreplica {stuck}, stuck like Fig. 5"
        panels[title] = net_of(drawn, replicas, stuck)
    solved = median_replica(there["sweeps_to_solve"])
    if solved is not None:
        kind = "median solved" if moment == "at end" else "median of those that reach it"
        panels[f"ours, {moment}:\nreplica {solved}, {kind}"] = net_of(drawn, replicas, solved)
    return panels


def net_of(drawn: Plan, replicas: pd.DataFrame, replica: int) -> dict:
    """The weights of one replica in the layout of papers/*.yaml."""
    row = replicas.loc[replica]
    names = {column.rsplit(" ", 1)[0]: column for column in replicas if SINGLE_WEIGHT.match(column)}
    return {
        group: {
            "bias": [row[names[f"bias {group}.{j + 1}"]] for j in range(drawn.sizes[group])],
            **{
                source: [
                    [
                        row[names[f"{group}.{j + 1}<{source}.{i + 1}"]]
                        for i in range(drawn.sizes[source])
                    ]
                    for j in range(drawn.sizes[group])
                ]
                for source in sources
            },
        }
        for group, sources in drawn.sources.items()
    }


def draw_beside(drawn: Plan, panels: dict[str, dict]) -> Figure:
    """Nets of one plan side by side; panels: title -> weights as in papers/*.yaml."""
    figure, axes = page(4.8 * len(panels), 4.2, len(panels))
    for place, (title, weights) in zip(axes, panels.items(), strict=True):
        draw_net(place, drawn, weights, title)
    return figure


def draw_errors(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict[str, Figure]:
    """Relative differences between the derivations, one point a random net."""
    title = record["experiment"]
    names = [column for column in replicas if column.startswith("error")]
    figure, (axes,) = page(7, 2.6)
    for place, name in enumerate(names):
        values = replicas[name].clip(lower=1e-18)
        spread = (values.rank(method="first") / len(values) - 0.5) * 0.6
        axes.scatter(values, place + spread, s=4, color=POSITIVE, alpha=0.6, rasterized=True)
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_xlabel("largest relative difference (float64)")
    axes.set_title(f"{title}: {len(replicas)} random nets")
    return {"errors": figure}


def draw_parameters(record: dict, replicas: pd.DataFrame, example, paper: Paper) -> dict:
    """Counted minus printed parameters for every printed figure of Table 3."""
    title = record["experiment"]
    rows = {
        check.quantity: float(check.published)
        for claim in paper.claims
        for check in claim.checks
        if check.quantity.startswith("parameters_") and title in check.experiments
    }
    names = [name for name in rows if name in replicas]
    off = [replicas[name].iloc[0] - rows[name] for name in names]
    figure, (axes,) = page(7, 3.7)
    agree = [abs(round(replicas[name].iloc[0]) - rows[name]) == 0 for name in names]
    colours = [POSITIVE if same else NEGATIVE for same in agree]
    axes.axvspan(-0.5, 0.5, color=PUBLISHED, alpha=0.15, label="rounds to the printed figure")
    axes.scatter(off, range(len(names)), color=colours, zorder=3)
    labels = [f"{name.removeprefix('parameters_')}  (printed {rows[name]:g})" for name in names]
    axes.set_yticks(range(len(names)), labels)
    axes.invert_yaxis()
    axes.set_xlabel("counted minus printed, millions of parameters")
    axes.set_title(f"{title}: {sum(agree)} of {len(names)} agree")
    figure.legend(loc="outside lower center", fontsize=7.5)
    return {"parameters": figure}


STUDY_FIGURES = {  # by measure: from the record, the replicas, the example and the paper
    "equations": draw_errors,
    "iterated": draw_errors,
    "minimizer": draw_minimized,
    "parameters": draw_parameters,
    "block": draw_errors,
    "heads_cost": draw_heads_cost,
    "complexity": draw_complexity,
    "scaling": draw_scaling,
    "positions": draw_positions,
    "schedule": draw_schedule,
    "smoothing": draw_smoothing,
    "training_cost": draw_training_cost,
}
