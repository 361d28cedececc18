"""What is left of a population in the end, to be measured."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from reproduce.units import squared_error
from reproduce.units.gradient import Gradient
from reproduce.units.net import Units
from reproduce.units.task import Task


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
