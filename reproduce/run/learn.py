"""A population that learns: from its config to a row a replica, watched in TensorBoard."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from reproduce.file.found import given
from reproduce.file.paper import printed
from reproduce.run import checkpoint
from reproduce.run.config.check_units import plan_of
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.point_table import by_point, with_settings
from reproduce.run.population import CURVES, Population
from reproduce.run.ranks import ALONE, Ranks
from reproduce.run.record import origin
from reproduce.run.show import show_card, show_grid, show_population
from reproduce.run.state import State
from reproduce.run.task import task_of
from reproduce.run.tracking import Tracker
from reproduce.units.measure import learning
from reproduce.units.net import Units
from reproduce.units.start import printed_weights
from reproduce.units.trained import in_blocks
from reproduce.verdict.statistic import share

MEASURED_AT_ONCE = 4096  # replicas, which bounds what measures take in memory


@dataclass(frozen=True)
class Learned:
    """A finished population.

    table: a row a replica, a column a quantity; in a grid the settings are its first columns.
    curves: a row a logged sweep and grid point. grid: a row a grid point, or None. example: one
    replica in full, where a measure has that. weights: (P, R), or None where they are kept already.
    started: when the first of its processes began. seconds_before: work of all but this process.
    """

    data_sha256: str
    table: pd.DataFrame
    curves: pd.DataFrame
    grid: pd.DataFrame | None
    example: dict | None
    weights: Tensor | None
    started: str
    seconds_before: float


def make_population(
    config: UnitsExperiment, device: torch.device, ranks: Ranks = ALONE
) -> Population:
    """The population of a checked config; of a part of it where there are several ranks."""
    network = config.network
    units = Units(plan_of(network))
    start = None if network.weights is None else printed_weights(units, printed(network.weights))
    where = {"dtype": getattr(torch, config.dtype), "device": device}
    return Population(config, units, task_of(config.task.name), start, where, ranks)


def try_on_meta(config: UnitsExperiment) -> str:
    """Make one sweep without data: the shapes fit and nothing is tied to a device."""
    config.run.sweeps = min(1, config.run.sweeps)
    population = make_population(config, torch.device("meta"))
    for state in population.train(population.start()):
        shape = tuple(state.weights.shape)
    return f"device=meta: weights {shape} (one net, replicas); nothing is written"


def learn(
    config: UnitsExperiment,
    command: str,
    device: torch.device,
    ranks: Ranks,
    folder: Path,
    tick: Callable[[int], object],
) -> Learned | None:
    """Train, or go on training, in `folder`; checkpoints at the config's interval.

    Every rank trains its part of the replicas; what was learned is returned on rank 0 alone,
    which is the only one that looks into the folder.
    """
    population = make_population(config, device, ranks)
    saved, made_by = folder / "checkpoint.pt", origin(config)
    asked = {field.name for field in fields(State)}
    found = checkpoint.resume(saved, made_by, asked) if ranks.first else None
    resumed = ranks.share(None if found is None else State(**found))
    begun = population.start() if resumed is None else resumed.part(ranks, device)
    tick(begun.sweep)
    tracker = Tracker(folder) if ranks.first else None
    if tracker and len(population.points) == 1:
        for sweep in sorted(sweep for sweep in begun.curves if sweep < begun.sweep):
            tracker.curve(*curve_rows(begun, population, sweep))
    worked_before, clock, done = begun.seconds, time.monotonic(), begun.sweep
    last_save = clock
    for state in population.train(begun):
        state.seconds = worked_before + time.monotonic() - clock
        if tracker and len(population.points) == 1 and state.sweep in population.log_sweeps:
            tracker.curve(*curve_rows(state, population, state.sweep))
        if ranks.share(time.monotonic() - last_save > config.run.checkpoint_seconds):
            whole = state.gathered(ranks, population.replicas)
            if whole is not None:
                checkpoint.save(saved, vars(whole), made_by)
            last_save = time.monotonic()
        tick(state.sweep - done)
        done = state.sweep
    whole = state.gathered(ranks, population.replicas)
    if whole is None or tracker is None:
        return None
    trained = population.trained(whole)
    columns: dict[str, Tensor] = {}
    for measure in (learning.measure, *(given(name, "measure") for name in config.measure)):
        columns |= in_blocks(measure, trained, MEASURED_AT_ONCE)
    table = pd.DataFrame({name: column.numpy() for name, column in columns.items()})
    table = with_settings(table, population.points)
    keys = list(population.points[0])
    grid = by_point(table, keys) if keys else None
    example = None
    if grid is None:
        for name in config.measure:
            in_full = given(name, "example")
            example = in_full(trained) if in_full else example
            if example is not None:
                given(name, "show")(tracker, config, example)
        kept = {name: weights.cpu().double() for name, weights in whole.kept.items()}
        show_population(tracker, config, table, kept, population.units)
    else:
        show_grid(tracker, config, grid, keys)
    show_card(tracker, config, command, table)
    tracker.close()
    rows = [row for s in sorted(whole.curves) for row in curve_rows(whole, population, s)]
    end = whole.weights.cpu().contiguous()
    curves, data = pd.DataFrame(rows), population.task.sha256()
    return Learned(data, table, curves, grid, example, end, whole.started, worked_before)


def curve_rows(state: State, population: Population, sweep: int) -> list[dict]:
    """Rows of curves.csv, one a grid point: the share that is right is that of all replicas."""
    rows = []
    for point, numbers in zip(population.points, state.curves[sweep], strict=True):
        row = dict(zip(CURVES, numbers, strict=True))
        found = share(int(row["right"]), population.per_point)
        names = ("right_share", "right_low", "right_high")
        rows.append(point | {"sweep": sweep, **row} | dict(zip(names, found, strict=True)))
    return rows
