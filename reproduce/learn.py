"""A population that learns: from its config to a row a replica, watched in TensorBoard."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from reproduce.config.schema import UnitsExperiment
from reproduce.measure import MEASURES, learning
from reproduce.network.plan import plan
from reproduce.network.start import printed_weights
from reproduce.network.units import Units
from reproduce.paper import printed
from reproduce.run import checkpoint
from reproduce.run.population import CURVES, Population, State
from reproduce.run.record import origin
from reproduce.run.tracking import Tracker
from reproduce.show import show_card, show_population
from reproduce.statistic import share
from reproduce.task import Task, make_task


@dataclass(frozen=True)
class Learned:
    """A finished population.

    table: a row a replica, a column a quantity. curves: a row a logged sweep. weights: (P, R).
    started: when the first of its processes began. seconds_before: work of all but this process.
    """

    task: Task
    table: pd.DataFrame
    curves: pd.DataFrame
    weights: Tensor
    started: str
    seconds_before: float


def make_population(config: UnitsExperiment, device: torch.device) -> Population:
    """The population of a checked config."""
    network = config.network
    units = Units(plan(network.groups, network.links))
    start = None if network.weights is None else printed_weights(units, printed(network.weights))
    where = {"dtype": getattr(torch, config.dtype), "device": device}
    return Population(config, units, make_task(config.task.name), start, where)


def try_on_meta(config: UnitsExperiment) -> str:
    """Make one sweep without data: the shapes fit and nothing is tied to a device."""
    population = make_population(config, torch.device("meta"))
    population.run.sweeps = min(1, population.run.sweeps)
    for state in population.train(population.start()):
        shape = tuple(state.weights.shape)
    return f"device=meta: weights {shape} (one net, replicas with padding); nothing is written"


def learn(
    config: UnitsExperiment,
    command: str,
    device: torch.device,
    folder: Path,
    tick: Callable[[int], None],
) -> Learned:
    """Train, or go on training, in `folder`; checkpoints at the config's interval."""
    population = make_population(config, device)
    saved, made_by = folder / "checkpoint.pt", origin()
    resumed = resume(saved, made_by, device)
    begun = resumed or population.start()
    tick(begun.sweep)
    tracker = Tracker(folder, None if resumed is None else resumed.sweep)
    first_sweep, worked_before, clock = begun.sweep, begun.seconds, time.monotonic()
    last_save = clock
    for state in population.train(begun):
        state.seconds = worked_before + time.monotonic() - clock
        if state.sweep in population.log_sweeps:
            tracker.curve(curve_row(state, population.replicas, state.sweep))
        if time.monotonic() - last_save > config.run.checkpoint_seconds:
            checkpoint.save(saved, state, made_by)
            last_save = time.monotonic()
        if state.sweep > first_sweep:
            tick(1)
    trained = population.trained(state)
    columns = learning.measure(trained)
    for name in config.measure:
        columns |= MEASURES[name](trained)
    table = pd.DataFrame({name: column.numpy() for name, column in columns.items()})
    kept = {name: weights.cpu().double() for name, weights in state.kept.items()}
    show_population(tracker, config, table, kept, population.units)
    show_card(tracker, config, command, table)
    tracker.close()
    rows = [curve_row(state, population.replicas, sweep) for sweep in sorted(state.curves)]
    end = trained.moments["at_end"].contiguous()
    return Learned(population.task, table, pd.DataFrame(rows), end, state.started, worked_before)


def resume(saved: Path, made_by: dict[str, str], device: torch.device) -> State | None:
    """The state of a killed run; a damaged checkpoint is named and set aside."""
    if not saved.exists():
        return None
    try:
        return checkpoint.load(saved, made_by, device)
    except checkpoint.DamagedCheckpoint as error:
        aside = saved.with_name("checkpoint.damaged.pt")
        saved.rename(aside)
        for events in saved.parent.glob("events.out.tfevents.*"):
            events.unlink()
        print(f"{saved}: {error}; set aside as {aside.name}, the run starts over")
        return None


def curve_row(state: State, replicas: int, sweep: int) -> dict[str, float]:
    """One row of curves.csv: the share that is right, over all replicas, with its interval."""
    row = dict(zip(CURVES, state.curves[sweep], strict=True))
    found, low, high = share(int(row["right"]), replicas)
    names = ("right_share", "right_low", "right_high")
    return {"sweep": sweep, **row} | dict(zip(names, (found, low, high), strict=True))
