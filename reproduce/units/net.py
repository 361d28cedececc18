"""A population of networks of semilinear units (Nature 1986, p. 533, equations 1 and 2).

R networks of one plan compute at once. All their weights are one tensor of shape (P, R): a row
for each weight or bias, the replica in the last axis. Axis letters in the shape comments:
j units of the receiving group, i units of the sending group, c cases, r replicas (1 where all
replicas share the values).
"""

import math

import torch
from torch import Tensor

from reproduce.units.plan import Plan


class Units:
    """The computation that a plan describes; it holds no weights of its own.

    P: number of weights and biases of one network.
    """

    def __init__(self, plan: Plan):
        self.plan = plan
        self.places: dict[str | tuple[str, str], tuple[int, tuple[int, ...]]] = {}
        self.P = 0
        for group, sources in plan.sources.items():
            if group in plan.like:
                continue
            for source in sources:
                self._place((source, group), (plan.sizes[group], plan.sizes[source]))
            if plan.biases:
                self._place(group, (plan.sizes[group],))
        self.shared: dict[str | tuple[str, str], str | tuple[str, str]] = {}
        for group, other in plan.like.items():
            for source, others in zip(plan.sources[group], plan.sources[other], strict=True):
                self.shared[source, group] = (others, other)
            if plan.biases:
                self.shared[group] = other

    def _place(self, part: str | tuple[str, str], shape: tuple[int, ...]) -> None:
        self.places[part] = (self.P, shape)
        self.P += math.prod(shape)

    def parts(self, weights: Tensor) -> dict[str | tuple[str, str], Tensor]:
        """Views of weights (P, r): w_ji at (source, group), (j, i, r); biases at group, (j, r).

        Groups that share their weights have views of the same rows.
        """
        own = {
            part: weights[start : start + math.prod(shape)].view(*shape, *weights.shape[1:])
            for part, (start, shape) in self.places.items()
        }
        return own | {part: own[other] for part, other in self.shared.items()}

    def names(self) -> list[str]:
        """A name for each of the P rows, units counted from 1: hidden.1<input.3, bias hidden.1."""
        names = []
        for part, (_, shape) in self.places.items():
            if isinstance(part, str):
                names += [f"bias {part}.{j + 1}" for j in range(shape[0])]
            else:
                source, group = part
                names += [
                    f"{group}.{j + 1}<{source}.{i + 1}"
                    for j in range(shape[0])
                    for i in range(shape[1])
                ]
        return names

    def activities(self, parts: dict, inputs: Tensor) -> dict[str, Tensor]:
        """The activity of every group: name -> (units, c, r).

        parts: the views of the weights. inputs: (units of all input groups in order, c, r or 1).
        x_j = sum_i y_i w_ji + bias_j (equation 1); y_j = 1 / (1 + exp(-x_j)) (equation 2)
        in output units, and in the others unless the plan names another function.
        """
        y = dict(zip(self.plan.inputs, self._split(inputs, self.plan.inputs), strict=True))
        for group, sources in self.plan.sources.items():
            x = parts[group][:, None] if self.plan.biases else 0.0  # (j, 1, r)
            for source in sources:
                w = parts[source, group]
                x = x + (w[:, :, None] * y[source]).sum(1)  # (j, i, c, r) -> (j, c, r)
            y[group] = self.plan.function_of(group).value(x)
        return y

    def outputs(self, activities: dict[str, Tensor]) -> Tensor:
        """The activities of the output groups, one under the other: (units, c, r)."""
        return torch.cat([activities[group] for group in self.plan.outputs])

    def split_outputs(self, values: Tensor) -> dict[str, Tensor]:
        """Undo `outputs`: values (units of all output groups, c, r) by group."""
        return dict(zip(self.plan.outputs, self._split(values, self.plan.outputs), strict=True))

    def _split(self, values: Tensor, groups: tuple[str, ...]) -> tuple[Tensor, ...]:
        return values.split([self.plan.sizes[group] for group in groups])
