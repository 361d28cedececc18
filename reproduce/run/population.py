"""R networks that learn one task side by side.

Every tensor carries the replica in its last axis. That axis is padded to a multiple of LANES, with
further random starts that are cut off at the end, so that each replica always falls into a whole
vector of the processor: on one thread its numbers are then the same bits in a population of 1 and
of 100,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from reproduce.network.start import uniform
from reproduce.network.units import Units
from reproduce.rule import squared_error
from reproduce.rule.backpropagation import backpropagate
from reproduce.rule.descent import Descent
from reproduce.run.clock import now
from reproduce.run.schedule import logarithmic, moments
from reproduce.task import RIGHT, Task

LANES = 64
NEVER = torch.iinfo(torch.int64).max
LARGEST = "largest"


@dataclass
class State:
    """All that a run needs to go on from the sweep it has reached.

    sweep: weight-change sweeps made. weights, velocity: (P, r). first: for each milestone the
    sweep after which it first held, NEVER until then, (milestones, r). kept: the weights at the
    moments that are kept. curves: sweep -> one row of numbers of `CURVES`. started: when the run
    began, in UTC. seconds: how long it has been working, over all its processes.
    """

    sweep: int
    weights: Tensor
    velocity: Tensor
    first: Tensor
    kept: dict[str, Tensor] = field(default_factory=dict)
    curves: dict[int, list[float]] = field(default_factory=dict)
    started: str = field(default_factory=now)
    seconds: float = 0.0


CURVES = ("error_low", "error_median", "error_high", "error_replica_0", "right", "finite")
BAND = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Trained:
    """What is left of a run to be measured, on the CPU, without the padding.

    moments: the weights (P, R) after some sweeps, by name; `at_end` is always there. first: for
    each milestone the sweep after which it first held, float64 (R,), nan where it never did.
    """

    units: Units
    task: Task
    targets: Tensor
    sweeps: int
    moments: dict[str, Tensor]
    first: dict[str, Tensor]


class Population:
    """The networks, the task, the rule and the moments to look at.

    where: dtype and device of every tensor. printed: weights (P, 1) to which the random start is
    added, or None.
    """

    def __init__(self, config, units: Units, task: Task, printed: Tensor | None, where: dict):
        self.replicas = config.replicas
        self.lanes = -(-config.replicas // LANES) * LANES
        self.units, self.task, self.run, self.where = units, task, config.run, where
        self.update = config.rule.update
        self.inputs = task.inputs[:, :, None].to(**where)
        self.on = task.on[:, :, None].to(**where)
        self.targets = task.targets(config.task.target_off, config.task.target_on)[:, :, None].to(
            **where
        )
        rule = config.rule
        decay = self._lanes(rule.decay) if rule.decay else None
        self.descent = Descent(self._lanes(rule.epsilon), self._lanes(rule.alpha), decay)
        self.seed, self.init, self.printed = config.seed, config.network.init, printed
        self.tolerances = [RIGHT, *self.run.tolerances]
        self.milestones = [f"within_{tolerance:g}" for tolerance in self.tolerances]
        self.milestones += [LARGEST] if self.run.keep_largest_weight else []
        self.milestones.append("diverged")
        self.log_sweeps = set(logarithmic(self.run.sweeps, self.run.points_per_decade))
        self.keep_sweeps = {*moments(self.run.sweeps), *self.run.keep_sweeps}
        self._tolerances = torch.tensor(self.tolerances, **where)[:, None]

    def _lanes(self, value: float | list[float]) -> Tensor:
        """One value as a tensor (), or one a replica as (r,), padded with the last."""
        if isinstance(value, list):
            value = value + value[-1:] * (self.lanes - len(value))
        return torch.tensor(value, dtype=torch.float64).to(**self.where)

    def start(self) -> State:
        """The random start (weights and biases uniform in -init..init), before any sweep."""
        start = uniform(self.seed, 0, self.lanes, self.units.P).to(**self.where)
        weights = start * self._lanes(self.init)
        if self.printed is not None:
            weights = weights + self.printed.to(**self.where)
        first = torch.full((len(self.milestones), self.lanes), NEVER, device=self.where["device"])
        kept = {LARGEST: weights.clone()} if self.run.keep_largest_weight else {}
        return State(0, weights, torch.zeros_like(weights), first, kept)

    def train(self, state: State) -> Iterator[State]:
        """Look at the nets, then make a sweep; yield the state after each look.

        A state that comes from a checkpoint is looked at once more, which changes nothing in it.
        """
        w = self.units.parts(state.weights)
        gradient = torch.empty_like(state.weights)
        dE_dw = self.units.parts(gradient)
        cases = [slice(None)]
        if self.update == "presentation":
            cases = [slice(case, case + 1) for case in range(self.inputs.shape[1])]
        inputs = [self.inputs[:, case] for case in cases]
        targets = [self.targets[:, case] for case in cases]
        while True:
            y = self.units.activities(w, self.inputs)
            self.look(state, w, self.units.outputs(y))
            yield state
            if state.sweep == self.run.sweeps:
                return
            for presented, d in zip(inputs, targets, strict=True):
                if self.update == "presentation":
                    y = self.units.activities(w, presented)
                dE_dy = squared_error.slope(self.units.outputs(y), d)
                backpropagate(self.units.plan, w, y, self.units.split_outputs(dE_dy), dE_dw)
                self.descent.change(state.weights, state.velocity, gradient)
            state.sweep += 1

    def look(self, state: State, w: dict, outputs: Tensor) -> None:
        """Note which milestones hold for the first time, keep weights, add to the curves.

        w, outputs: the present weights by part, and the outputs (units, c, r) that they give.
        """
        worst = (outputs - self.on).abs().amax((0, 1))
        held = [worst < self._tolerances]
        if self.run.keep_largest_weight:
            link = w[tuple(self.run.keep_link)]
            held.append((link.abs().amax((0, 1)) >= self.run.keep_largest_weight)[None])
        held.append(~state.weights.isfinite().all(0, keepdim=True))
        state.first = torch.where(torch.cat(held), state.first.clamp(max=state.sweep), state.first)
        if self.run.keep_largest_weight:
            now = state.first[self.milestones.index(LARGEST)] == state.sweep
            state.kept[LARGEST] = torch.where(now, state.weights, state.kept[LARGEST])
        if self.where["device"].type == "meta":
            return
        if state.sweep in self.keep_sweeps:
            state.kept[f"after_{state.sweep}"] = state.weights.clone()
        if state.sweep in self.log_sweeps:
            state.curves[state.sweep] = self._curve_row(outputs, worst)

    def _curve_row(self, outputs: Tensor, worst: Tensor) -> list[float]:
        error = squared_error.error(outputs, self.targets)[: self.replicas].double()
        finite = error[error.isfinite()]
        bands = (
            finite.quantile(finite.new_tensor(BAND)).tolist() if len(finite) else [float("nan")] * 3
        )
        right = (worst[: self.replicas] < RIGHT).sum().item()
        return [*bands, error[0].item(), right, len(finite)]

    def trained(self, state: State) -> Trained:
        """The finished run as the measures take it.

        The net at its largest weight is nan where that weight was never reached.
        """
        kept = {moment: weights[:, : self.replicas].cpu() for moment, weights in state.kept.items()}
        first = {
            name: torch.where(sweep == NEVER, torch.nan, sweep.double())
            for name, sweep in zip(
                self.milestones, state.first[:, : self.replicas].cpu(), strict=True
            )
        }
        moments = {f"after_{sweep}": kept[f"after_{sweep}"] for sweep in self.run.keep_sweeps}
        if LARGEST in kept:
            reached = first[LARGEST].isfinite()
            moments["at_largest_weight"] = torch.where(reached, kept[LARGEST], torch.nan)
        moments["at_end"] = state.weights[:, : self.replicas].cpu()
        targets = self.targets.cpu()
        return Trained(self.units, self.task, targets, state.sweep, moments, first)
