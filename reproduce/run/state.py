"""What a population is at one moment, and what is left of it in the end."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from reproduce.run.clock import now
from reproduce.run.ranks import Ranks
from reproduce.units import squared_error
from reproduce.units.gradient import Gradient
from reproduce.units.net import Units
from reproduce.units.task import Task

LARGEST = "largest"


@dataclass
class State:
    """All that a run needs to go on from the sweep it has reached; r replicas of R.

    sweep: weight-change sweeps made. weights, velocity: (P, r). first: for each milestone the
    sweep after which it first held, NEVER until then, int32 (milestones, r). kept: the weights at
    the moments that are kept, and at the largest weight. curves: sweep -> for each grid point one
    row of numbers of `CURVES`. started: when the run began, in UTC. seconds: how long it has been
    working, over all its processes.
    """

    sweep: int
    weights: Tensor
    velocity: Tensor
    first: Tensor
    kept: dict[str, Tensor] = field(default_factory=dict)
    curves: dict[int, list[list[float]]] = field(default_factory=dict)
    started: str = field(default_factory=now)
    seconds: float = 0.0

    def gathered(self, ranks: Ranks, replicas: int) -> "State | None":
        """The state of all replicas on rank 0, made of the parts of the ranks; else None."""
        if ranks.size == 1:
            return self
        tensors = [self.weights, self.velocity, self.first, *self.kept.values()]
        gathered = [ranks.gather(tensor, replicas) for tensor in tensors]
        whole = [tensor for tensor in gathered if tensor is not None]
        if not ranks.first:
            return None
        weights, velocity, first, *others = whole
        kept = dict(zip(self.kept, others, strict=True))
        return self._with(weights, velocity, first, kept)

    def part(self, ranks: Ranks, device: torch.device) -> "State":
        """The replicas of this rank on its device, out of the state of all of them."""
        mine = ranks.part(self.weights.shape[-1])
        cut = slice(mine.start, mine.stop)

        def own(whole: Tensor) -> Tensor:
            return whole[:, cut].clone().to(device)

        kept = {name: own(tensor) for name, tensor in self.kept.items()}
        return self._with(own(self.weights), own(self.velocity), own(self.first), kept)

    def _with(
        self, weights: Tensor, velocity: Tensor, first: Tensor, kept: dict[str, Tensor]
    ) -> "State":
        """The same moment of more replicas, or of fewer."""
        return replace(self, weights=weights, velocity=velocity, first=first, kept=kept)


@dataclass(frozen=True)
class Trained:
    """What is left of a run to be measured, on the CPU.

    targets: (units, c, 1). moments: the weights (P, R) after some sweeps, by name; `at_end` is
    there unless nets left when they were settled. first: for each milestone the sweep after which
    it first held, float64 (R,), nan where it never did. gradient: tells what counts as an error.
    trains: on which cases each net trained, bool (c, R), None where on all. present: which
    weights each net has, 1 or 0, (P, R), None where all have all.
    """

    units: Units
    task: Task
    targets: Tensor
    sweeps: int
    moments: dict[str, Tensor]
    first: dict[str, Tensor]
    gradient: Gradient = field(default_factory=Gradient)
    trains: Tensor | None = None
    present: Tensor | None = None

    def slope(self, outputs: Tensor) -> Tensor:
        """dE/dy of outputs (units, c, r) of the nets: (units, c, r), float64."""
        lesson = {"targets": self.targets.double(), "on": self.task.on[:, :, None].double()}
        if self.trains is not None:
            lesson["trains"] = self.trains.double()
        if self.task.asked is not None:
            lesson["asked"] = self.task.asked[:, :, None].double()
        return self.gradient.slope(outputs, lesson)

    def error(self, outputs: Tensor) -> Tensor:
        """E of outputs (units, c, r): (r,)."""
        return squared_error.of_slope(self.slope(outputs))

    def replicas(self, start: int, end: int) -> "Trained":
        """Some of the replicas."""
        moments = {name: weights[:, start:end] for name, weights in self.moments.items()}
        first = {name: sweep[start:end] for name, sweep in self.first.items()}
        trains = None if self.trains is None else self.trains[:, start:end]
        present = None if self.present is None else self.present[:, start:end]
        return replace(self, moments=moments, first=first, trains=trains, present=present)

    @property
    def size(self) -> int:
        """How many replicas there are."""
        return len(next(iter(self.first.values())))


def in_blocks(
    measure: Callable[[Trained], dict[str, Tensor]], trained: Trained, block: int
) -> dict[str, Tensor]:
    """The columns of a measure, made of at most `block` replicas at a time."""
    found = [
        measure(trained.replicas(start, start + block)) for start in range(0, trained.size, block)
    ]
    return {name: torch.cat([columns[name] for columns in found]) for name in found[0]}
