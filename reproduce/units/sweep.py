"""What one sweep of a population is: look at the nets, then change their weights.

The same few lines run eagerly, are compiled, and are recorded as a CUDA graph. They work on two
dictionaries of tensors, whose last axis is the replica (r):

nets: what changes. weights, velocity: (P, r). first: for each milestone the sweep after which it
first held, NEVER until then, int32 (milestones, r). largest: the weights when the watched weight
was first as large as `limit`, (P, r); only where a link is watched.
lesson: what stays. inputs, on, targets: (units, c, 1). tolerances: (k, 1). limit: (), only where
a link is watched. epsilon, alpha, decay: (r,); decay only where weights decay, (P, r) where some do
not. And only where there are such: trains: (c, r), 1 where a net trains on a case and 0 where not.
asked: (units, c, 1), 0 where an output has no target. scale: (P, 1 or r), a factor for each
gradient. least, most: (P, 1), what a weight may be. case_errors, total_errors: (k, 1).
replica: (r,), the number of each net, from which the order of its cases is drawn.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from reproduce.units.descent import Descent
from reproduce.units.gradient import Gradient, of_what_counts
from reproduce.units.net import Units
from reproduce.units.order import Place
from reproduce.units.order_of_cases import drawn_order, in_order
from reproduce.units.part import Part

LANES = 64  # of which the number of replicas in a block is a multiple: whole vectors
NEVER = torch.iinfo(torch.int32).max
Tensors = dict[str, Tensor]
Count = int | Tensor  # a tensor () for the compiler, and in a CUDA graph


def python_loop(go_on: Callable, once: Callable, state: tuple) -> tuple:
    """`state = once(*state)` for as long as `go_on(*state)`."""
    while go_on(*state):
        state = once(*state)
    return state


class Sweep(nn.Module):
    """Sweeps of nets of one plan with one kind of update.

    update: `sweep` or `presentation`. link: the link whose largest weight is watched, or None.
    loop: `python_loop`, or torch's while_loop for the compiler, which must not be handed tensors
    that change in place. seed: of the order in which cases are presented, None where it is that
    of the task.
    """

    def __init__(
        self,
        units: Units,
        gradient: Gradient,
        update: str,
        cases: int,
        link: Part | None = None,
        loop: Callable = python_loop,
        seed: int | None = None,
    ):
        super().__init__()
        self.units, self.gradient, self.seed = units, gradient, seed
        self.update, self.cases, self.link, self.loop = update, cases, link, loop

    def with_loop(self, loop: Callable) -> "Sweep":
        """The same sweeps made by another loop."""
        kind = (self.update, self.cases, self.link)
        return Sweep(self.units, self.gradient, *kind, loop, self.seed)

    def forward(self, nets: Tensors, sweep: Count, until: Count, lesson: Tensors) -> Tensors:
        """Go on from `sweep` sweeps to `until`, noting milestones after each but the last."""

        def once(nets: Tensors, sweep: Count) -> tuple:
            nets = self._own(nets)
            self.once(nets, sweep, lesson)
            return nets, sweep + 1

        return self.loop(lambda nets, sweep: sweep < until, once, (nets, sweep))[0]

    def once(self, nets: Tensors, sweep: Count, lesson: Tensors) -> None:
        """Note what holds after `sweep` sweeps, then make one more, in place."""
        w = self.units.parts(nets["weights"])
        y = self.units.activities(w, lesson["inputs"])
        self._note(nets, w, self.units.outputs(y), sweep, lesson)
        if self.update == "sweep":
            self._change(nets, lesson, y)
        else:
            self._present_each(nets, lesson, sweep)

    def _own(self, tensors: Tensors) -> Tensors:
        """Tensors that may be changed in place."""
        if self.loop is python_loop:
            return tensors
        return {name: tensor.clone() for name, tensor in tensors.items()}

    def _note(
        self, nets: Tensors, w: dict[Part, Tensor], outputs: Tensor, sweep: Count, lesson: Tensors
    ) -> None:
        """Note the milestones that hold for the first time: w, outputs belong to `nets`."""
        worst = of_what_counts((outputs - lesson["on"]).abs(), lesson).amax((0, 1))
        held = [worst < lesson["tolerances"]]
        if "case_errors" in lesson or "total_errors" in lesson:
            errors = self.gradient.slope(outputs, lesson).square().sum(0)  # (c, r)
            for name, found in (("case_errors", errors.amax(0)), ("total_errors", errors.sum(0))):
                held += [found < lesson[name]] if name in lesson else []
        if self.link is not None:
            held.append((w[self.link].abs().amax((0, 1)) >= lesson["limit"])[None])
        held.append(~(nets["weights"].abs().amax(0, keepdim=True) < torch.inf))
        first = nets["first"]
        first.copy_(torch.where(torch.cat(held), first.clamp(max=sweep), first))
        if self.link is not None:
            now = first[-2] == sweep
            nets["largest"].copy_(torch.where(now, nets["weights"], nets["largest"]))

    def _change(self, nets: Tensors, lesson: Tensors, y: dict[Place, Tensor]) -> None:
        """One change of the weights, from the activities of the cases of the lesson."""
        gradient = self.gradient(self.units, nets["weights"], y, lesson)
        more = [lesson.get(name) for name in ("decay", "least", "most")]
        descent = Descent(lesson["epsilon"], lesson["alpha"], *more)
        descent.change(nets["weights"], nets["velocity"], gradient)

    def _present_each(self, nets: Tensors, lesson: Tensors, sweep: Count) -> None:
        """One change after each case that a net trains on, in the order of the task or drawn."""
        moving = {name: nets[name] for name in ("weights", "velocity")}
        if self.seed is not None:
            order = drawn_order(self.seed, lesson["replica"], int(sweep), self.cases)
            lesson = lesson | {
                name: in_order(lesson[name], order) for name in self._by_case(lesson)
            }

        def once(nets: Tensors, case: Count) -> tuple:
            before, nets = nets, self._own(nets)
            here = lesson | {name: one_case(lesson[name], case) for name in self._by_case(lesson)}
            if "trains" in lesson and self.loop is python_loop:
                before = {name: tensor.clone() for name, tensor in nets.items()}
            y = self.units.activities(self.units.parts(nets["weights"]), here["inputs"])
            self._change(nets, here, y)
            if "trains" in lesson:
                for name, tensor in nets.items():
                    tensor.copy_(torch.where(here["trains"] > 0, tensor, before[name]))
            return nets, case + 1

        zero = 0 if self.loop is python_loop else nets["first"].new_zeros(())
        moved, _ = self.loop(lambda nets, case: case < self.cases, once, (moving, zero))
        for name, tensor in moved.items():
            nets[name].copy_(tensor)

    @staticmethod
    def _by_case(lesson: Tensors) -> list[str]:
        """What differs from case to case."""
        names = ("inputs", "on", "targets", "trains", "asked")
        return [name for name in names if name in lesson]


def one_case(values: Tensor, case: Count) -> Tensor:
    """The values (..., c, r) of one case, (..., 1, r); case: a number or a tensor ()."""
    axis = values.dim() - 2
    if isinstance(case, int):
        return values.narrow(axis, case, 1)
    return values.index_select(axis, case[None])
