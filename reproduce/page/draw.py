"""Which pictures belong to a run."""

import pandas as pd
from matplotlib.figure import Figure

from reproduce.file.found import given
from reproduce.file.paper import Paper
from reproduce.page.grid import draw_grid
from reproduce.page.net import draw_net
from reproduce.page.page import page
from reproduce.page.population import draw_curves, draw_distribution
from reproduce.page.sequence import draw_sequence
from reproduce.units.plan import Plan, read_plan
from reproduce.verdict.statistic import median_replica

MOMENTS = ("at_largest_weight", "at_end")  # of which a run may keep every single weight


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
    config, name = record["config"], record["experiment"]
    figures: dict[str, Figure] = {}
    if "test_every" in config.get("run", {}):
        figures |= draw_sequence(record, curves, example, paper)
    elif grid is not None:
        keys = [key for key, values in config["grid"].items() if values]
        return draw_grid(grid, keys, config["run"]["sweeps"], name)
    elif "tolerances" in config.get("run", {}):
        figures |= draw_population(record, replicas, curves, paper)
    for measure in config["measure"]:
        own = given(measure, "draw")
        if own is not None:
            figures |= own(record, replicas, example, paper)
    return figures


def draw_population(
    record: dict, replicas: pd.DataFrame, curves: pd.DataFrame | None, paper: Paper
) -> dict[str, Figure]:
    """What every population of nets of 1986 shows: nets beside the print, solving, curves."""
    name, network = record["experiment"], record["config"]["network"]
    sweeps, figures = record["config"]["run"]["sweeps"], {}
    drawn = read_plan(network)
    panels = printed_nets(drawn, paper)
    if sweeps and drawn.is_dense:
        panels |= our_nets(drawn, replicas)
    if sweeps:
        published = published_sweeps(paper, name)
        figures["sweeps_to_solve"] = draw_distribution(replicas, sweeps, published, name)
    if sweeps and curves is not None:
        figures["curves"] = draw_curves(curves, name)
    if panels:
        figures["net"] = draw_beside(drawn, panels)
    return figures


def published_sweeps(paper: Paper, experiment: str) -> float | None:
    """The printed number of sweeps that this experiment is held against, if there is one."""
    for claim in paper.claims:
        for check in claim.checks:
            asked = check.quantity == "sweeps_to_solve" and check.rule == "within"
            if asked and experiment in check.experiments:
                return float(check.published)
    return None


def printed_nets(drawn: Plan, paper: Paper) -> dict[str, dict]:
    """The printed weight sets that fit the plan, by title."""
    fitting = [item for item in paper.weights.items() if drawn.fits(item[1])]
    return {f"printed:\n{name.replace('figure', 'Fig. ')}": net for name, net in fitting}


def our_nets(drawn: Plan, replicas: pd.DataFrame) -> dict[str, dict]:
    """Of the replicas whose single weights are kept: one stuck as in print, the median solved."""
    kept = {when: [f"{name} {when}" for name in drawn.names()] for when in MOMENTS}
    when = next((when for when, columns in kept.items() if {*columns} <= {*replicas}), None)
    if when is None:
        return {}
    columns, moment, panels = kept[when], when.replace("_", " "), {}
    there = replicas[replicas[columns].notna().all(axis=1)]
    if "stuck_like_figure_5" in replicas and (there["stuck_like_figure_5"] == 1).any():
        stuck = int(there.index[there["stuck_like_figure_5"] == 1][0])
        title = f"ours, {moment}:\nreplica {stuck}, stuck like Fig. 5"
        panels[title] = net_of(drawn, replicas, stuck, when)
    solved = median_replica(there["sweeps_to_solve"])
    if solved is not None:
        kind = "median solved" if moment == "at end" else "median of those that reach it"
        title = f"ours, {moment}:\nreplica {solved}, {kind}"
        panels[title] = net_of(drawn, replicas, solved, when)
    return panels


def net_of(drawn: Plan, replicas: pd.DataFrame, replica: int, when: str) -> dict:
    """The weights of one replica, at the moment `when`, in the layout of papers/*.yaml."""

    def at(name: str) -> float:
        return float(replicas[f"{name} {when}"][replica])

    return {
        group: {
            "bias": [at(f"bias {group}.{j + 1}") for j in range(drawn.sizes[group])],
            **{
                source: [
                    [at(f"{group}.{j + 1}<{source}.{i + 1}") for i in range(drawn.sizes[source])]
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
