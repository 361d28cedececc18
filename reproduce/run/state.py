"""What a population is at one moment."""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from reproduce.run.clock import now
from reproduce.run.ranks import Ranks

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
