"""What one sweep of a population is: look at the nets, then change their weights.

The same few lines run eagerly, are compiled, and are recorded as a CUDA graph. They work on two
dictionaries of tensors, whose last axis is the replica (r):

nets: what changes. weights, velocity: (P, r). first: for each milestone the sweep after which it
first held, NEVER until then, int32 (milestones, r). largest: the weights when the watched weight
was first as large as `limit`, (P, r); only where a link is watched.
lesson: what stays. inputs, on, targets: (units, c, 1). tolerances: (k, 1). limit: (), only where
a link is watched. epsilon, alpha, decay: (r,); decay only where weights decay.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from reproduce.network.units import Units
from reproduce.rule import squared_error
from reproduce.rule.backpropagation import backpropagate
from reproduce.rule.descent import Descent

LANES = 64  # of which the number of replicas in a block is a multiple: whole vectors
NEVER = torch.iinfo(torch.int32).max
Tensors = dict[str, Tensor]


def python_loop(go_on: Callable, once: Callable, state: tuple) -> tuple:
    """`state = once(*state)` for as long as `go_on(*state)`."""
    while go_on(*state):
        state = once(*state)
    return state


class Sweep(nn.Module):
    """Sweeps of nets of one plan with one kind of update.

    update: `sweep` or `presentation`. link: the link whose largest weight is watched, or None.
    loop: `python_loop`, or torch's while_loop for the compiler, which must not be handed tensors
    that change in place.
    """

    def __init__(self, units: Units, update: str, cases: int, link=None, loop=python_loop):
        super().__init__()
        self.units, self.update, self.cases = units, update, cases
        self.link, self.loop = link, loop

    def forward(self, nets: Tensors, sweep, until, lesson: Tensors) -> Tensors:
        """Go on from `sweep` sweeps to `until`, noting milestones after each but the last."""

        def once(nets: Tensors, sweep) -> tuple:
            nets = self._own(nets)
            self.once(nets, sweep, lesson)
            return nets, sweep + 1

        return self.loop(lambda nets, sweep: sweep < until, once, (nets, sweep))[0]

    def once(self, nets: Tensors, sweep, lesson: Tensors) -> None:
        """Note what holds after `sweep` sweeps, then make one more, in place."""
        w = self.units.parts(nets["weights"])
        y = self.units.activities(w, lesson["inputs"])
        self._note(nets, w, self.units.outputs(y), sweep, lesson)
        if self.update == "sweep":
            self._change(nets, lesson, y, lesson["targets"])
        else:
            self._present_each(nets, lesson)

    def _own(self, tensors: Tensors) -> Tensors:
        """Tensors that may be changed in place."""
        if self.loop is python_loop:
            return tensors
        return {name: tensor.clone() for name, tensor in tensors.items()}

    def _note(self, nets: Tensors, w: dict, outputs: Tensor, sweep, lesson: Tensors) -> None:
        """Note the milestones that hold for the first time: w, outputs belong to `nets`."""
        worst = (outputs - lesson["on"]).abs().amax((0, 1))
        held = [worst < lesson["tolerances"]]
        if self.link is not None:
            held.append((w[self.link].abs().amax((0, 1)) >= lesson["limit"])[None])
        held.append(~(nets["weights"].abs().amax(0, keepdim=True) < torch.inf))
        first = nets["first"]
        first.copy_(torch.where(torch.cat(held), first.clamp(max=sweep), first))
        if self.link is not None:
            now = first[-2] == sweep
            nets["largest"].copy_(torch.where(now, nets["weights"], nets["largest"]))

    def _change(self, nets: Tensors, lesson: Tensors, y: dict[str, Tensor], d: Tensor) -> None:
        """One change of the weights, from activities and desired outputs of the same cases."""
        w = self.units.parts(nets["weights"])
        gradient = torch.empty_like(nets["weights"])
        dE_dy = self.units.split_outputs(squared_error.slope(self.units.outputs(y), d))
        backpropagate(self.units.plan, w, y, dE_dy, self.units.parts(gradient))
        descent = Descent(lesson["epsilon"], lesson["alpha"], lesson.get("decay"))
        descent.change(nets["weights"], nets["velocity"], gradient)

    def _present_each(self, nets: Tensors, lesson: Tensors) -> None:
        """One change after each case, in the order of the task."""
        moving = {name: nets[name] for name in ("weights", "velocity")}

        def once(nets: Tensors, case) -> tuple:
            nets = self._own(nets)
            inputs, d = (one_case(lesson[name], case) for name in ("inputs", "targets"))
            y = self.units.activities(self.units.parts(nets["weights"]), inputs)
            self._change(nets, lesson, y, d)
            return nets, case + 1

        zero = 0 if self.loop is python_loop else nets["first"].new_zeros(())
        moved, _ = self.loop(lambda nets, case: case < self.cases, once, (moving, zero))
        for name, tensor in moved.items():
            nets[name].copy_(tensor)


def one_case(values: Tensor, case) -> Tensor:
    """The values (units, c, 1) of one case, (units, 1, 1); case: a number or a tensor ()."""
    if isinstance(case, int):
        return values[:, case : case + 1]
    return values.index_select(1, case[None])
