"""One sequence model learning its task, from the random start to the last step.

A replica trains alone, with generators keyed by seed, replica and step: its history is the same
whatever other replicas there are, and wherever the run was interrupted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import AdamW

from reproduce.file.found import given
from reproduce.run.config.grid import Point
from reproduce.run.config.sequence import (
    SequenceExperiment,
)
from reproduce.transformer import learning_rate
from reproduce.transformer.adam import adam, set_rate
from reproduce.transformer.initial import restart
from reproduce.transformer.layer import Layer
from reproduce.transformer.model import SequenceModel, Transformer
from reproduce.transformer.sequence import IGNORED, Batch, Key, SequenceTask, score
from reproduce.transformer.smoothing import cross_entropy

START, DROPOUT = 10, 11  # purposes of chance, beside those of the tasks


def at_point(config: SequenceExperiment, point: Point) -> SequenceExperiment:
    """The config with the settings of one grid point."""
    network: dict[str, Any] = {key: point[key] for key in ("N", "mixer") if key in point}
    task: dict[str, Any] = {key: point[key] for key in ("distance",) if key in point}
    own: Any = config.task  # each task has a section of its own kind
    return replace(config, network=replace(config.network, **network), task=replace(own, **task))


def make_sequence_task(config: SequenceExperiment) -> SequenceTask:
    """The task of a checked config."""
    own: Any = config.task
    return given(own.module, "texts")(**vars(own))


def make_model(config: SequenceExperiment, task: SequenceTask) -> nn.Module:
    """The model of a checked config, its weights from torch's generator."""
    network = config.network
    chosen = vars(network)
    layer = Layer(**{key.name: chosen[key.name] for key in fields(Layer) if key.name in chosen})
    model: Transformer | SequenceModel
    if config.task.decodes:
        model = Transformer(task.vocabulary, network.N, layer, network.tied)
    else:
        model = SequenceModel(
            *(task.vocabulary, network.N, layer),
            positions=network.positions,
            longest=task.longest,
            scaled=network.scaled,
            tied=network.tied,
        )
    restart(model, network.init)
    return model


@contextmanager
def seeded(*numbers: int) -> Iterator[None]:
    """Let torch's own generator, which its modules use, belong to these numbers for a while."""
    seed = np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]
    with torch.random.fork_rng():
        torch.manual_seed(int(seed))
        yield


@dataclass
class Training:
    """A replica on its way.

    tests: a row (step, loss, share right, learning rate) for each test. stopped: whether it
    reached the share at which it stops.
    """

    model: nn.Module
    optimizer: AdamW
    step: int = 0
    tests: list[list[float]] = field(default_factory=list)
    stopped: bool = False

    def state(self) -> dict:
        """What a checkpoint needs."""
        parts = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        return parts | {"step": self.step, "tests": self.tests, "stopped": self.stopped}

    def restore(self, state: dict) -> None:
        """Go on from a checkpoint."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.tests, self.stopped = state["step"], state["tests"], state["stopped"]


def begin(
    config: SequenceExperiment, task: SequenceTask, key: Key, device: torch.device
) -> Training:
    """A replica at its start, which is drawn on the CPU and is the same on every device."""
    with seeded(START, *key), torch.device("meta" if device.type == "meta" else "cpu"):
        model = make_model(config, task)
    model.to(device=device, dtype=getattr(torch, config.dtype))
    rule = config.rule
    constants = {"beta_1": rule.beta_1, "beta_2": rule.beta_2, "epsilon": rule.adam_epsilon}
    return Training(model, adam(model.parameters(), **constants, decay=rule.decay))


def rate_at(config: SequenceExperiment, step: int) -> float:
    """The learning rate of a step, from 1 up."""
    rule = config.rule
    if rule.schedule == "transformer":
        return learning_rate.transformer(step, config.network.d_model, rule.warmup, rule.rate)
    if rule.schedule == "cosine":
        steps = (rule.warmup, config.run.steps)
        return learning_rate.cosine(step, rule.rate, rule.last_rate, *steps)
    return learning_rate.constant(step, rule.rate)


def train(
    training: Training,
    config: SequenceExperiment,
    task: SequenceTask,
    key: Key,
    device: torch.device,
    looks: set[int],
) -> Iterator[int]:
    """Make steps to the end, or to the share at which a replica stops; yields after each.

    It is tested at every `run.test_every` steps and at the end. looks: further steps at which the
    caller wants to look; the model is then in evaluation mode, as it is at the end.
    """
    run = config.run
    while training.step < run.steps and not training.stopped:
        training.step += 1
        rate = rate_at(config, training.step)
        change(training, config, task.batch(key, training.step, run.batch).to(device), key, rate)
        if training.step % run.test_every == 0 or training.step == run.steps:
            training.model.eval()
            tests = [batch.to(device) for batch in task.test(key, training.step)]
            loss, right = score(training.model, tests)
            training.tests.append([training.step, loss, right, rate])
            training.stopped = run.stop_at is not None and right >= run.stop_at
        if training.step in looks:
            training.model.eval()
        yield training.step
    training.model.eval()


def change(
    training: Training, config: SequenceExperiment, batch: Batch, key: Key, rate: float
) -> None:
    """One step of Adam on the mean cross-entropy of the targets that are asked for."""
    model, optimizer = training.model, training.optimizer
    model.train()
    with seeded(DROPOUT, *key, training.step):
        logits = batch.logits(model)
    optimizer.zero_grad()
    cross_entropy(logits, batch.targets, config.rule.smoothing, ignored=IGNORED).backward()
    if config.rule.clip is not None:
        nn.utils.clip_grad_norm_(model.parameters(), config.rule.clip)
    set_rate(optimizer, rate)
    optimizer.step()
