"""R networks that learn one task side by side.

Every tensor carries the replica in its last axis. Sweeps are made in blocks of replicas, each
padded to a multiple of LANES: on the CPU a replica always falls into a whole vector of the
processor, and its numbers are the same bits in a population of 1 and of 100,000, in any block.
"""

import time
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor

from reproduce.run.config.grid import points
from reproduce.run.config.parts import beginnings
from reproduce.run.config.units import UPDATES, Run, UnitsExperiment
from reproduce.run.lesson import Lesson, present_weights, stretch, trained_cases
from reproduce.run.ranks import ALONE, Ranks
from reproduce.run.schedule import logarithmic, moments
from reproduce.run.state import LARGEST, State
from reproduce.units import squared_error
from reproduce.units.engine import Block, Engine
from reproduce.units.gradient import Gradient, of_what_counts
from reproduce.units.memory import lanes_at_once
from reproduce.units.net import Units
from reproduce.units.start import start_by_part, uniform, with_equal_units
from reproduce.units.sweep import LANES, NEVER, Sweep, Tensors
from reproduce.units.task import RIGHT, Task
from reproduce.units.trained import Trained

CURVES = ("error_low", "error_median", "error_high", "error_replica_0", "right", "finite")
BAND = (0.05, 0.5, 0.95)
LONGEST_STRETCH = 0.5  # seconds between two looks at the clock, about


class Population:
    """The networks, the task, the rule and the moments to look at.

    where: dtype and device of every tensor. printed: weights (P, 1) to which the random start is
    added, or None. replicas: R, those of all grid points. ranks: the processes that share them.
    """

    def __init__(
        self,
        config: UnitsExperiment,
        units: Units,
        task: Task,
        printed: Tensor | None,
        where: dict,
        ranks: Ranks = ALONE,
    ):
        self.config, self.run = config, config.run
        self.units, self.task, self.printed = units, task, printed
        self.where, self.ranks = where, ranks
        self.points, self.per_point = points(config), config.replicas
        self.replicas = len(self.points) * config.replicas
        self.mine = ranks.part(self.replicas)
        self.lesson = Lesson(config, units, task, where, self.mine)
        self.gradient = Gradient(config.task.satisfied, config.rule.output_slope)
        self.milestones = milestones(self.run)
        self.watches = self.run.keep_largest_weight is not None
        self.milestones += [LARGEST] if self.watches else []
        self.milestones.append("diverged")
        self.log_sweeps = set(logarithmic(self.run.sweeps, self.run.points_per_decade))
        shown = moments(self.run.sweeps) if len(self.points) == 1 else []
        self.keep_sweeps = {*shown, *self.run.keep_sweeps}
        change = min(config.rule.early_sweeps, self.run.sweeps)
        self.looks = sorted({*self.log_sweeps, *self.keep_sweeps, change, self.run.sweeps})
        count = task.on.shape[1]
        self.at_once = {fused: lanes_at_once(units, count, where, fused) for fused in (True, False)}
        link = (self.run.keep_link[0], self.run.keep_link[1]) if self.watches else None
        seed = None if config.rule.order == "fixed" else config.seed
        sweeps = {
            update: Sweep(units, self.gradient, update, count, link, seed=seed)
            for update in UPDATES
            if update in self.lesson.updates
        }
        self.engines = {
            update: Engine(config.engine, each, where["device"]) for update, each in sweeps.items()
        }

    def start(self) -> State:
        """The random start (weights and biases uniform in -init..init), before any sweep.

        Replica r of every grid point has the same random numbers.
        """
        replica = self.lesson.replicas()
        lowest, count = stretch(replica)
        drawn = uniform(self.config.seed, lowest, count, self.units.P)
        drawn = drawn[:, replica - lowest].to(**self.where)
        weights = drawn * self.lesson.init
        start_by_part(self.units, weights, drawn, beginnings(self.config.network))
        if self.config.network.equal_units:
            with_equal_units(self.units, weights)
        if self.printed is not None:
            weights = weights + self.printed.to(**self.where)
        if self.lesson.present is not None:
            weights = weights * self.lesson.present
        shape = (len(self.milestones), len(replica))
        first = torch.full(shape, NEVER, dtype=torch.int32, device=self.where["device"])
        kept = {LARGEST: weights.clone()} if self.watches else {}
        return State(0, weights, torch.zeros_like(weights), first, kept)

    def train(self, state: State) -> Iterator[State]:
        """Sweep from one look to the next; yield the state at each, the last at the end.

        A state that comes from a checkpoint is looked at once more, which changes nothing in it.
        A stretch of sweeps that would last long is yielded in parts.
        """
        longest = self.run.sweeps
        while True:
            self._look(state)
            if state.sweep == self.run.sweeps:
                self.advance(state, state.sweep + 1, change=False)
                yield state
                return
            yield state
            until = min(next(s for s in self.looks if s > state.sweep), state.sweep + longest)
            clock, sweeps = time.monotonic(), until - state.sweep
            self.advance(state, until)
            pace = (time.monotonic() - clock) / sweeps
            longest = self.ranks.share(max(1, int(LONGEST_STRETCH / max(pace, 1e-9))))

    def advance(self, state: State, until: int, change: bool = True) -> None:
        """Sweep all nets that are not settled; without `change` only milestones are noted."""
        unsettled = self._unsettled(state)
        for update, engine in self.engines.items():
            lanes = np.flatnonzero(unsettled & (self.lesson.updates == update))
            if not len(lanes):
                continue
            parts = self._split(lanes, engine)
            engine.prepare(partial(self._block, state, parts[0]))
            blocks = (self._block(state, part) for part in parts)
            for part, nets in zip(parts, engine.advance(blocks, state.sweep, until), strict=True):
                self._put_back(state, part, nets, change)
        if change:
            state.sweep = until

    def _unsettled(self, state: State) -> np.ndarray:
        """Which nets still have to learn, bool (r,): those not settled before the last look.

        Nets leave at looks alone, so that nothing depends on where the clock cuts a stretch.
        """
        if self.run.stop == "end" or self.where["device"].type == "meta":
            return np.ones(len(self.mine), bool)
        reached = state.first < max(look for look in self.looks if look <= state.sweep)
        return ~(reached[:-1].all(0) | reached[-1]).cpu().numpy()

    def _split(self, lanes: np.ndarray, engine: Engine) -> list[Tensor]:
        """The replicas `lanes` in blocks of nearly the same size, as many as keep threads busy."""
        at_once = self.at_once[engine.compiled]
        count = -(-len(lanes) // at_once)
        if len(lanes) > LANES:
            count = -(-count // engine.threads) * engine.threads
        return [torch.from_numpy(part) for part in np.array_split(lanes, count) if len(part)]

    def _block(self, state: State, part: Tensor) -> Block:
        """Copies of what belongs to some replicas, filled up to whole vectors with the last."""
        padding = part[-1:].expand(-len(part) % LANES)
        lanes = torch.cat([part, padding]).to(self.where["device"])
        nets = {"weights": state.weights, "velocity": state.velocity, "first": state.first}
        if self.watches:
            nets["largest"] = state.kept[LARGEST]
        nets = {name: tensor.index_select(1, lanes) for name, tensor in nets.items()}
        return nets, self.lesson.block(lanes, state.sweep)

    def _put_back(self, state: State, part: Tensor, nets: Tensors, change: bool) -> None:
        lanes = part.to(self.where["device"])
        places = {"first": state.first}
        if change:
            places |= {"weights": state.weights, "velocity": state.velocity}
        if self.watches:
            places["largest"] = state.kept[LARGEST]
        for name, place in places.items():
            place.index_copy_(1, lanes, nets[name][:, : len(part)])

    def _look(self, state: State) -> None:
        """Keep the weights and add to the curves, where it is time for that."""
        if self.where["device"].type == "meta":
            return
        if state.sweep in self.keep_sweeps:
            state.kept[f"after_{state.sweep}"] = state.weights.clone()
        if state.sweep in self.log_sweeps:
            error, worst = self._errors(state.weights)
            found = self.ranks.gather(torch.stack([error, worst]), self.replicas)
            if found is not None:
                each = found.cpu().double().reshape(2, len(self.points), self.per_point)
                state.curves[state.sweep] = [curve_row(*one.numpy()) for one in each.unbind(1)]

    def _errors(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        """E of each net, and its largest distance of an output from 0 or 1: each (r,)."""
        found = []
        everywhere = torch.arange(weights.shape[1], device=weights.device)
        for part in everywhere.split(self.at_once[False]):
            lanes = torch.cat([part, part[-1:].expand(-len(part) % LANES)])
            lesson = self.lesson.block(lanes, self.run.sweeps)
            parts = self.units.parts(weights.index_select(1, lanes))
            outputs = self.units.outputs(self.units.activities(parts, lesson["inputs"]))
            error = squared_error.of_slope(self.gradient.slope(outputs, lesson))
            worst = of_what_counts((outputs - lesson["on"]).abs(), lesson).amax((0, 1))
            found.append(torch.stack([error, worst])[:, : len(part)])
        error, worst = torch.cat(found, 1) if found else weights.new_zeros(2, 0)
        return error, worst

    def trained(self, state: State) -> Trained:
        """The finished run of all replicas as the measures take it.

        The net at its largest weight is nan where that weight was never reached.
        """
        kept = {moment: weights.cpu() for moment, weights in state.kept.items()}
        first = {
            name: torch.where(sweep == NEVER, torch.nan, sweep.double())
            for name, sweep in zip(self.milestones, state.first.cpu(), strict=True)
        }
        moments = {f"after_{sweep}": kept[f"after_{sweep}"] for sweep in self.run.keep_sweeps}
        if LARGEST in kept:
            reached = first[LARGEST].isfinite()
            moments["at_largest_weight"] = torch.where(reached, kept[LARGEST], torch.nan)
        if self.run.stop == "end":
            moments["at_end"] = state.weights.cpu()
        trains = trained_cases(self.config, torch.arange(self.replicas) % self.per_point)
        return Trained(
            self.units,
            self.task,
            self.lesson.shared["targets"].cpu(),
            state.sweep,
            moments,
            first,
            self.gradient,
            trains,
            present_weights(self.config, self.units, range(self.replicas)),
        )


def milestones(run: Run) -> list[str]:
    """What is noted of a net when it first holds, but for its largest weight; run: the section."""
    return [
        *(f"within_{tolerance:g}" for tolerance in (RIGHT, *run.tolerances)),
        *(f"case_error_{error:g}" for error in run.case_errors),
        *(f"total_error_{error:g}" for error in run.total_errors),
    ]


def curve_row(error: np.ndarray, worst: np.ndarray) -> list[float]:
    """One row of `CURVES` from E and the largest distance of each net of one grid point."""
    finite = error[np.isfinite(error)]
    bands = np.quantile(finite, BAND).tolist() if len(finite) else [float("nan")] * 3
    return [*bands, float(error[0]), int((worst < RIGHT).sum()), len(finite)]
