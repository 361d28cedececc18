"""What TensorBoard shows of a finished run: histograms, nets, the card, HParams."""

import contextlib
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pandas as pd
from torch import Tensor

from reproduce.file.claim import TWO_SIDED
from reproduce.file.paper import read_paper
from reproduce.page.grid import draw_grid
from reproduce.page.net import draw_hinton, draw_net
from reproduce.page.page import page
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.grid import has_grid
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.tracking import Tracker
from reproduce.units.net import Units
from reproduce.verdict.rule import judge
from reproduce.verdict.side import asked_of
from reproduce.verdict.statistic import median_replica, summary

LEGIBLE = 200  # weights of a net whose drawing can still be read
REACHED = ["sweeps_to_solve", "right_at_end", "error_at_end", "diverged"]
HYPER_PARAMETERS = (
    *("name", "replicas", "seed", "task.target_off", "task.target_on", "network.init"),
    *("rule.epsilon", "rule.alpha", "rule.decay", "rule.update", "run.sweeps"),
    *("rule.method", "task.satisfied", "task.held_out", "network.function"),
    *("grid.epsilon", "grid.alpha", "grid.decay", "grid.init", "grid.update", "grid.hidden"),
    *("network.N", "network.d_model", "network.h", "network.norm", "network.positions"),
    *("network.mixer", "rule.schedule", "rule.rate", "run.steps", "run.batch"),
    *("grid.N", "grid.mixer", "grid.distance"),
)


def show_population(
    tracker: Tracker, config: UnitsExperiment, table: pd.DataFrame, kept: dict, units: Units
) -> None:
    """Add what is known of a population only at the end; kept: moment -> weights (P, R).

    The replica that is drawn is the median solved one, or replica 0 where none is solved.
    """
    solve, sweeps = table["sweeps_to_solve"].to_numpy(), config.run.sweeps
    tracker.histogram("sweeps to solve (solved replicas only)", solve, sweeps)
    solved = median_replica(table["sweeps_to_solve"])
    replica, which = (0, "unsolved") if solved is None else (solved, "median solved")
    moments = {int(name.removeprefix("after_")): w for name, w in kept.items() if "after_" in name}
    for sweep, weights in moments.items():
        tracker.histogram("weights", weights.numpy(), sweep)
        if not weights[:, replica].isfinite().all():
            continue
        net = nested(units, weights[:, replica])
        title = f"replica {replica} ({which}), sweep {sweep:,}"
        picture(tracker, "weights", draw_hinton, units, net, title, sweep)
        if units.P <= LEGIBLE and sweep in (min(moments), max(moments)):
            picture(tracker, "network", draw_net, units, net, title, sweep)


def show_grid(
    tracker: Tracker, config: UnitsExperiment, grid: pd.DataFrame, keys: list[str]
) -> None:
    """Add the pictures of a grid; grid: a row a grid point, keys: what differs between them."""
    for name, drawn in draw_grid(grid, keys, config.run.sweeps, config.name).items():
        tracker.image(name, drawn, config.run.sweeps)


def picture(
    tracker: Tracker, what: str, draw: Callable, units: Units, net: dict, title: str, sweep: int
) -> None:
    """Add one drawing of one net."""
    figure, (axes,) = page(5, 4)
    draw(axes, units.plan, net, title)
    tracker.image(f"{what} of one replica", figure, sweep)


def show_card(tracker: Tracker, config: Experiment, command: str, table: pd.DataFrame) -> None:
    """Add the text card and the row of the HParams table, which every run has."""
    tracker.card(card(config, command, table))
    hyper: dict[str, Any] = {}
    for name in HYPER_PARAMETERS:
        with contextlib.suppress(AttributeError):
            value = attrgetter(name)(config)
            hyper[name] = value if isinstance(value, int | float | str) else str(value)
    learned = "sweeps_to_solve" in table
    table = table.select_dtypes("number")
    asked = [name for name in REACHED if name in table] if learned else table.columns
    reached = {} if has_grid(config) else {name: summary(name, table[name]) for name in asked}
    metrics = {name: found["median"] for name, found in reached.items() if found["n"]}
    if learned and not has_grid(config):
        metrics["share_solved"] = float(table["sweeps_to_solve"].notna().mean())
    known = {name: value for name, value in metrics.items() if value is not None}
    tracker.hparams(hyper, known, hyper.get("run.sweeps", hyper.get("run.steps", 0)))


def nested(units: Units, weights: Tensor) -> dict[str, dict]:
    """One net's weights (P,) in the layout of papers/*.yaml, shared ones wherever they are used."""
    plan = units.plan
    net: dict[str, dict] = {group: {} for group in plan.sources}
    for part, view in units.parts(weights[:, None]).items():
        values = view.flatten().tolist()
        if isinstance(part, tuple):
            net[part[1]][part[0]] = plan.links[part].laid_out(values)
        else:
            net[part]["bias"] = values * plan.sizes[part] if part in plan.one_bias else values
    return net


def card(config: Experiment, command: str, table: pd.DataFrame) -> str:
    """Citations of what it is held against, command, and the verdicts that this run alone gives.

    As Markdown. The points of a grid have no verdict together.
    """
    paper = read_paper(config.name.split("/")[0])
    checks = [check for claim in paper.claims for check in claim.checks]
    own = [check for check in checks if config.name in check.experiments]
    cited = dict.fromkeys(paper.source(check.source).citation for check in own)
    about = [*(cited or [paper.citation]), f"    {command}"]
    if has_grid(config):
        return "\n\n".join(about)
    lines = ["| claim | published | verdict | decided by |", "|---|---|---|---|"]
    for check in own:
        needed = {*(check.quantities or [check.quantity]), *(check.among or {})}
        if check.rule not in TWO_SIDED and needed <= {*table}:
            verdict = judge(check, asked_of(check, check.quantity, table))
            lines.append(
                f"| {check.id} {check.statement} | {check.published} "
                f"| {verdict.verdict} | {verdict.decided_by} |"
            )
    return "\n\n".join([*about, "\n".join(lines)])
