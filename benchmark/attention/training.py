"""The training of whole models: one after the other, or several side by side; and the peers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional

from benchmark.attention.models import TorchSequenceModel, TorchTransformer
from benchmark.attention.threads import threads
from benchmark.attention.work import CopyWork, TrainingWork
from benchmark.peer import Trainer


def error(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross entropy of logits (b, n, vocabulary) against tokens (b, n)."""
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def our_model(work: TrainingWork, replica: int) -> nn.Module:
    """The model of one replica at its start."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(replica)
        return work.model(work.layer)


def torch_model(work: TrainingWork, replica: int) -> nn.Module:
    """The same of torch.nn's layers."""
    kind = TorchTransformer if isinstance(work, CopyWork) else TorchSequenceModel
    return kind(work, our_model(work, replica))


class OneModel:
    """One model in training; all others would follow it and take as long."""

    replicas = 1

    def __init__(self, work: TrainingWork, model: nn.Module, count: int):
        self.model, self.threads = model, count
        self.inputs, self.targets = work.example(0)
        self.optimizer = work.optimizer(model.parameters())

    def sweep(self, count: int) -> None:
        """Make `count` training steps."""
        with threads(self.threads):
            for _ in range(count):
                error(self.model(*self.inputs), self.targets).backward()
                self.optimizer.step()
                self.optimizer.zero_grad()


class SideBySide:
    """Several models under torch.func.vmap, each with texts of its own.

    weights: by name, with a replica axis in front. Attention is written out: vmap has no rule for
    torch's kernel on the CPU, and would call it for one model after the other.
    """

    def __init__(self, work: TrainingWork, replicas: int, count: int):
        self.replicas, self.threads = replicas, count
        starts = [our_model(work, replica) for replica in range(replicas)]
        stacked, _ = stack_module_state(starts)
        self.weights = {name: nn.Parameter(values.detach()) for name, values in stacked.items()}
        self.model = work.model(replace(work.layer, fused=False))
        examples = [work.example(replica) for replica in range(replicas)]
        texts = zip(*(inputs for inputs, _ in examples), strict=True)
        self.inputs = tuple(torch.stack(own) for own in texts)
        self.targets = torch.stack([targets for _, targets in examples])
        self.errors = vmap(self.one_error, randomness="different")
        self.optimizer = work.optimizer(self.weights.values())

    def one_error(self, weights: dict[str, Tensor], inputs: tuple, targets: Tensor) -> Tensor:
        """The error of one model."""
        return error(functional_call(self.model, weights, inputs), targets)

    def sweep(self, count: int) -> None:
        """Make `count` training steps of each model."""
        with threads(self.threads):
            for _ in range(count):
                self.errors(self.weights, self.inputs, self.targets).sum().backward()
                self.optimizer.step()
                self.optimizer.zero_grad()


@dataclass(frozen=True)
class TrainingPeer:
    """A way to train. build: from work, replicas and threads to a trainer."""

    name: str
    build: Callable[[TrainingWork, int, int], Trainer]
    threads: int

    def missing(self, work: TrainingWork) -> str | None:
        """Never."""
        return None

    def prepare(self, work: TrainingWork, replicas: int) -> Trainer:
        """The models before their first step."""
        return self.build(work, replicas, self.threads)


def ours(work: TrainingWork, replicas: int, count: int) -> OneModel:
    """The first of our models."""
    return OneModel(work, our_model(work, 0), count)


def usual(work: TrainingWork, replicas: int, count: int) -> OneModel:
    """The first of those of torch.nn."""
    return OneModel(work, torch_model(work, 0), count)


def training_peers(count: int) -> list[TrainingPeer]:
    """One model, on so many threads."""
    return [TrainingPeer("our model", ours, count), TrainingPeer("torch.nn model", usual, count)]


def population_peers(count: int) -> list[TrainingPeer]:
    """Several models, on so many threads."""
    return [
        TrainingPeer("one after the other", ours, count),
        TrainingPeer("side by side (vmap)", SideBySide, count),
    ]
