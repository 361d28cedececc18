"""A population of sequence models that learns: to a row a replica, watched in TensorBoard."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import save as to_safetensors
from torch import nn

from reproduce.config.grid import points
from reproduce.config.sequence import SequenceExperiment
from reproduce.figure.sequence import draw_maps
from reproduce.learn import Learned, resume
from reproduce.measure import OF_A_SEQUENCE_MODEL
from reproduce.place import write_whole
from reproduce.run import checkpoint
from reproduce.run.clock import now
from reproduce.run.record import origin
from reproduce.run.schedule import moments
from reproduce.run.table import by_point, with_settings
from reproduce.run.tracking import Tracker
from reproduce.run.training import (
    Training,
    at_point,
    begin,
    change,
    make_sequence_task,
    train,
)
from reproduce.show import show_card
from reproduce.show_sequences import bands, curve, show_curve, show_tests
from reproduce.task.sequence import Batch, Key, SequenceTask, sha256

LEGIBLE = 64  # positions of a text whose attention can still be seen


@dataclass(frozen=True)
class TrainedSequence:
    """One trained replica as the measures take it, in evaluation mode.

    tests: a row (step, loss, share right, learning rate) for each test.
    """

    config: SequenceExperiment
    task: SequenceTask
    model: nn.Module
    key: Key
    tests: list[list[float]]
    device: torch.device

    def tests_of_task(self) -> list[Batch]:
        """The test cases after the last step."""
        return [b.to(self.device) for b in self.task.test(self.key, self.config.run.steps)]


def try_sequences_on_meta(config: SequenceExperiment) -> str:
    """Make one step without data: the shapes fit and nothing is tied to a device."""
    device = torch.device("meta")
    config = at_point(config, points(config)[0])
    task = make_sequence_task(config)
    training = begin(config, task, (config.seed, 0), device)
    change(training, config, task.batch((config.seed, 0), 1, 2).to(device), (config.seed, 0), 0.1)
    count = sum(parameter.numel() for parameter in training.model.parameters())
    return f"device=meta: {count} weights of one model; nothing is written"


class SequencePopulation:
    """All replicas of all grid points, one after the other, and what is known of them so far.

    rows: a row of quantities for each finished replica. tests: its tests. maps: attention weights
    of the first replica, or None.
    """

    def __init__(self, config: SequenceExperiment, device: torch.device, folder: Path):
        self.config, self.device, self.folder = config, device, folder
        self.points = points(config)
        self.members = [(p, r) for p in self.points for r in range(config.replicas)]
        self.rows: list[dict[str, float]] = []
        self.tests: list[list[list[float]]] = []
        self.maps: dict | None = None
        self.started, self.seconds = now(), 0.0
        self.saved, self.made_by = folder / "checkpoint.pt", origin()

    def save(self, training: Training | None, seconds: float) -> None:
        """Write a checkpoint; training: of the replica on its way, if there is one."""
        whole = {"rows": self.rows, "tests": self.tests, "maps": self.maps}
        whole |= {"started": self.started, "seconds": seconds}
        whole["current"] = None if training is None else training.state()
        checkpoint.save(self.saved, whole, self.made_by)

    def restore(self) -> dict | None:
        """Go on from a checkpoint, if there is one; returns the state of the replica on its way."""
        found = resume(self.saved, self.made_by)
        if found is None:
            return None
        current = found.pop("current")
        for name, value in found.items():
            setattr(self, name, value)
        return current


def learn_sequences(
    config: SequenceExperiment,
    command: str,
    device: torch.device,
    folder: Path,
    tick: Callable[[int], None],
) -> Learned:
    """Train every replica, or go on, in `folder`; weights of each in weights/."""
    population = SequencePopulation(config, device, folder)
    current = population.restore()
    clock, before = time.monotonic(), population.seconds
    for events in folder.glob("events.out.tfevents.*"):
        events.unlink()  # all that they showed is shown again
    tracker = Tracker(folder, bands=bands(population.points))
    for place, tests in enumerate(population.tests):
        show_tests(tracker, *population.members[place], tests, place == 0)
    tick(len(population.rows) * config.run.steps)
    for place in range(len(population.rows), len(population.members)):
        train_member(population, place, current, tracker, tick, clock, before)
        current = None
    table = with_settings(pd.DataFrame(population.rows), population.points)
    curves = []
    for number, point in enumerate(population.points):
        first = number * config.replicas
        curves.append(curve(point, population.tests[first : first + config.replicas]))
        show_curve(tracker, point, curves[-1])
    show_card(tracker, config, command, table)
    tracker.close()
    keys = list(population.points[0])
    task = make_sequence_task(at_point(config, population.points[0]))
    return Learned(
        sha256(task.test((config.seed, 0), config.run.steps)),
        table,
        pd.concat(curves),
        by_point(table, keys) if keys else None,
        population.maps,
        None,
        population.started,
        before,
    )


def train_member(population, place, current, tracker, tick, clock, before) -> None:
    """Train one replica to its end and measure it; its row is safe on the disk afterwards."""
    point, replica = population.members[place]
    config, device = at_point(population.config, point), population.device
    key, task = (config.seed, replica), make_sequence_task(config)
    training = begin(config, task, key, device)
    if current is not None:
        training.restore(current)
        tick(training.step)
        show_tests(tracker, point, replica, training.tests, place == 0)
    watched = place == 0 and config.network.mixer == "attention"
    looks = {*moments(config.run.steps)} if watched else set()
    saved, tested = time.monotonic(), len(training.tests)
    for step in train(training, config, task, key, device, looks):
        tick(1)
        if step in looks:
            population.maps = attention_maps(training.model, task, key, device)
            figure = draw_maps(population.maps, f"{config.name}, step {step:,}")
            tracker.image("attention of replica 0", figure, step)
        if len(training.tests) > tested:
            show_tests(tracker, point, replica, training.tests[tested:], place == 0)
            tested = len(training.tests)
        if time.monotonic() - saved > config.run.checkpoint_seconds:
            population.save(training, before + time.monotonic() - clock)
            saved = time.monotonic()
    tick(config.run.steps - training.step)
    trained = TrainedSequence(config, task, training.model, key, training.tests, device)
    population.rows.append(quantities(trained, training))
    population.tests.append(training.tests)
    tensors = {name: tensor.contiguous().cpu() for name, tensor in weights_of(training.model)}
    name = f"{'_'.join(map(str, (*point.values(), replica)))}.safetensors"
    write_whole(population.folder / "weights" / name, to_safetensors(tensors))
    population.save(None, before + time.monotonic() - clock)


def weights_of(model: nn.Module):
    """The parameters by name; one that is used in several places comes once."""
    return ((name, parameter.detach()) for name, parameter in model.named_parameters())


def quantities(trained: TrainedSequence, training: Training) -> dict[str, float]:
    """The row of one replica.

    steps [steps]: that it made. test_loss [nats], test_accuracy: at its last test.
    steps_to_stop [steps]: when first the share right was as large as asked for. parameters: their
    number. Then the columns of the measures.
    """
    _, loss, right, _ = training.tests[-1]
    row = {"steps": float(training.step), "test_loss": loss, "test_accuracy": right}
    row["parameters"] = float(sum(p.numel() for p in training.model.parameters()))
    if trained.config.run.stop_at is not None:
        row["steps_to_stop"] = float(training.step) if training.stopped else float("nan")
    for name in trained.config.measure:
        row |= OF_A_SEQUENCE_MODEL[name](trained)
    return row


@torch.no_grad()
def attention_maps(model: nn.Module, task: SequenceTask, key: Key, device) -> dict | None:
    """The first test text, and what each head attends to in it: h maps a layer, 3 digits."""
    batch = task.test(key, 0)[0].to(device)
    first = Batch(*(None if t is None else t[:1] for t in vars(batch).values()))
    watched = []
    given = (first.inputs,) if first.source is None else (first.source, first.inputs)
    model(*given, watched=watched)
    maps = [layer[0, :, :LEGIBLE, :LEGIBLE].double().cpu().round(decimals=3) for layer in watched]
    return {
        "tokens": first.inputs[0, :LEGIBLE].tolist(),
        "source": None if first.source is None else first.source[0, :LEGIBLE].tolist(),
        "maps": [layer.tolist() for layer in maps],
    }
