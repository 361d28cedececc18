"""One replica of a population of sequence models, from its start or checkpoint to its row."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import torch
from safetensors.torch import save as to_safetensors
from torch import Tensor, nn

from reproduce.file.found import given
from reproduce.file.place import write_whole
from reproduce.run import checkpoint
from reproduce.run.config.grid import Point, points
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.schedule import moments
from reproduce.run.training import Training, at_point, begin, make_sequence_task, train
from reproduce.transformer.sequence import Batch, Key, SequenceTask

STATE = {"row", "seen", "tests", "started", "seconds", "training"}  # of a replica in a checkpoint
LEGIBLE = 64  # positions of a text whose attention can still be seen

AnyTask = TypeVar("AnyTask", bound=SequenceTask)
AnyModel = TypeVar("AnyModel", bound=nn.Module)


@dataclass(frozen=True)
class TrainedSequence(Generic[AnyTask, AnyModel]):
    """One trained replica of a kind of task and model, as measures take it, in evaluation mode.

    tests: a row (step, loss, share right, learning rate) for each test.
    """

    config: SequenceExperiment
    task: AnyTask
    model: AnyModel
    key: Key
    tests: list[list[float]]
    device: torch.device

    def tests_of_task(self) -> list[Batch]:
        """The test cases after the last step."""
        return [b.to(self.device) for b in self.task.test(self.key, self.config.run.steps)]


@dataclass(frozen=True)
class Members:
    """All replicas of all grid points, each with a checkpoint of its own in the run's folder.

    made_by: the program, as it was when this process began. started: when the first process of the
    run began. clock: `time.monotonic` at which it would have begun, had it worked without a break.
    """

    config: SequenceExperiment
    device: torch.device
    folder: Path
    made_by: dict[str, str]
    started: str = ""
    clock: float = 0.0

    @property
    def all(self) -> list[tuple[Point, int]]:
        """Grid point and replica of each; a member's place in this list is its number."""
        return [(p, r) for p in points(self.config) for r in range(self.config.replicas)]

    @property
    def numbers(self) -> range:
        """The number of each."""
        return range(len(self.all))

    def name(self, member: int) -> str:
        """What its files are called after."""
        point, replica = self.all[member]
        return "_".join(map(str, (*point.values(), replica)))

    def saved(self, member: int) -> Path:
        """Where its checkpoint is."""
        return self.folder / f"checkpoint_{self.name(member)}.pt"

    def found(self, member: int) -> dict | None:
        """Its state on the disk, if it is there whole."""
        return checkpoint.resume(self.saved(member), self.made_by, STATE)

    def save(self, member: int, training: Training, seen: list, row: dict | None) -> None:
        """Write its state. row: its quantities once it is finished, without the training then."""
        state: dict = {"row": row, "seen": seen, "tests": training.tests, "started": self.started}
        state["seconds"] = time.monotonic() - self.clock
        state["training"] = training.state() if row is None else None
        checkpoint.save(self.saved(member), state, self.made_by)


@dataclass(frozen=True)
class News:
    """What a member tells on its way: what is new since it told last.

    steps: that it made, or found made. tests: their rows. seen: steps and attention maps at them.
    """

    steps: int
    tests: list[list[float]] = field(default_factory=list)
    seen: list[tuple[int, dict]] = field(default_factory=list)


def train_member(members: Members, member: int, tell: Callable[[News], None]) -> None:
    """Train one replica to its end and measure it; its row is safe on the disk afterwards."""
    point, replica = members.all[member]
    config, device = at_point(members.config, point), members.device
    key, task = (config.seed, replica), make_sequence_task(config)
    training, seen = begin(config, task, key, device), []
    found = members.found(member)
    if found is not None:
        training.restore(found["training"])
        seen = found["seen"]
        tell(News(training.step, [*training.tests], [*seen]))
    watched = member == 0 and config.network.mixer == "attention"
    looks = {*moments(config.run.steps)} if watched else set()
    saved, told, shown = time.monotonic(), len(training.tests), len(seen)
    for step in train(training, config, task, key, device, looks):
        if step in looks:
            seen.append((step, attention_maps(training.model, task, key, device)))
        tell(News(1, training.tests[told:], seen[shown:]))
        told, shown = len(training.tests), len(seen)
        if time.monotonic() - saved > config.run.checkpoint_seconds:
            members.save(member, training, seen, None)
            saved = time.monotonic()
    row = quantities(TrainedSequence(config, task, training.model, key, training.tests, device))
    tensors = {
        name: parameter.detach().contiguous().cpu()
        for name, parameter in training.model.named_parameters()
    }
    weights = members.folder / "weights" / f"{members.name(member)}.safetensors"
    write_whole(weights, to_safetensors(tensors))
    members.save(member, training, seen, row)
    tell(News(config.run.steps - training.step))


def quantities(trained: TrainedSequence) -> dict[str, float]:
    """The row of one replica.

    steps [steps]: that it made. test_loss [nats], test_accuracy: at its last test.
    steps_to_stop [steps]: when first the share right was as large as asked for. parameters: their
    number. Then the columns of the measures.
    """
    step, loss, right, _ = trained.tests[-1]
    row = {"steps": float(step), "test_loss": loss, "test_accuracy": right}
    row["parameters"] = float(sum(p.numel() for p in trained.model.parameters()))
    asked = trained.config.run.stop_at
    if asked is not None:
        row["steps_to_stop"] = float(step) if right >= asked else float("nan")
    for name in trained.config.measure:
        row |= given(name, "measure")(trained)
    return row


@torch.no_grad()
def attention_maps(model: nn.Module, task: SequenceTask, key: Key, device: torch.device) -> dict:
    """The first test text, and what each head attends to in it: h maps a layer, 3 digits."""
    batch = task.test(key, 0)[0].to(device)
    source = None if batch.source is None else batch.source[:1]
    first = Batch(batch.inputs[:1], batch.targets[:1], source)
    watched: list[Tensor] = []
    texts = [first.inputs] if source is None else [source, first.inputs]
    model(*texts, watched=watched)
    maps = [layer[0, :, :LEGIBLE, :LEGIBLE].double().cpu().round(decimals=3) for layer in watched]
    return {
        "tokens": first.inputs[0, :LEGIBLE].tolist(),
        "source": None if source is None else source[0, :LEGIBLE].tolist(),
        "maps": [layer.tolist() for layer in maps],
    }
