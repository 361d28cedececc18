"""What TensorBoard shows of a finished population: histograms, nets, the card, HParams."""

from operator import attrgetter

import pandas as pd
from torch import Tensor

from reproduce.compare.rule import judge
from reproduce.config.schema import UnitsExperiment
from reproduce.figure.net import draw_hinton, draw_net
from reproduce.figure.page import page
from reproduce.network.units import Units
from reproduce.paper import read_paper
from reproduce.run.tracking import Tracker
from reproduce.statistic import median_replica, summary

SHOWN = ("sweeps_to_solve", "right_at_end", "error_at_end", "diverged")
HYPER_PARAMETERS = (
    *("name", "replicas", "seed", "task.target_off", "task.target_on", "network.init"),
    *("rule.epsilon", "rule.alpha", "rule.decay", "rule.update", "run.sweeps"),
)


def show_end(
    tracker: Tracker,
    config: UnitsExperiment,
    command: str,
    table: pd.DataFrame,
    kept: dict[str, Tensor],
    units: Units,
) -> None:
    """Add all that is known only at the end; kept: moment -> weights (P, lanes)."""
    sweeps = config.run.sweeps
    tracker.histogram("sweeps to solve", table["sweeps_to_solve"].to_numpy(), sweeps)
    figure, (axes,) = page(5, 4)
    draw_net(axes, units.plan, None, f"{config.name}: the network")
    tracker.image("network", figure, 0)
    solved = median_replica(table["sweeps_to_solve"])
    replica, which = (0, "unsolved") if solved is None else (solved, "median solved")
    for moment, weights in kept.items():
        if not moment.startswith("after_"):
            continue
        sweep = int(moment.removeprefix("after_"))
        tracker.histogram("weights", weights[:, : len(table)].numpy(), sweep)
        figure, (axes,) = page(5, 3)
        title = f"replica {replica} ({which}), sweep {sweep:,}"
        draw_hinton(axes, units.plan, nested(units, weights[:, replica]), title)
        tracker.image("weights of one replica", figure, sweep)
    tracker.card(card(config, command, table))
    reached = {name: summary(name, table[name])["median"] for name in SHOWN}
    reached["share_solved"] = float(table["sweeps_to_solve"].notna().mean())
    chosen = {name: attrgetter(name)(config) for name in HYPER_PARAMETERS}
    hyper = {
        name: str(value) if isinstance(value, list) else value for name, value in chosen.items()
    }
    tracker.hparams(hyper, {k: v for k, v in reached.items() if v is not None}, sweeps)


def nested(units: Units, weights: Tensor) -> dict[str, dict]:
    """One net's weights (P,) in the layout of papers/*.yaml."""
    net = {group: {} for group in units.plan.sources}
    for part, view in units.parts(weights[:, None]).items():
        group, source = (part, "bias") if isinstance(part, str) else (part[1], part[0])
        net[group][source] = view[..., 0].tolist()
    return net


def card(config: UnitsExperiment, command: str, table: pd.DataFrame) -> str:
    """Citation, command and the verdicts that this run alone gives, as Markdown."""
    paper = read_paper(config.name.split("/")[0])
    lines = [paper.citation, "", f"    {command}", "", "| claim | published | verdict | reason |"]
    lines.append("|---|---|---|---|")
    for claim in paper.claims:
        for check in claim.checks:
            if config.name in check.experiments and check.quantity in table:
                verdict = judge(check, table[check.quantity])
                lines.append(
                    f"| {claim.id} {check.statement} | {check.published} "
                    f"| {verdict.verdict} | {verdict.reason} |"
                )
    return "\n".join(lines)
