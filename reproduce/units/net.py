"""A population of networks of semilinear units (Nature 1986, p. 533, equations 1 and 2).

R networks of one plan compute at once. All their weights are one tensor of shape (P, R): a row
for each weight or bias, the replica in the last axis. Axis letters in the shape comments:
j units of the receiving group, i units of the sending group, c cases, r replicas (1 where all
replicas share the values).
"""

import math

import torch
from torch import Tensor

from reproduce.units.kind import computed
from reproduce.units.kind.one import Chain
from reproduce.units.order import Place
from reproduce.units.part import Part
from reproduce.units.plan import Plan


class Units:
    """The computation that a plan describes; it holds no weights of its own.

    P: number of weights and biases of one network. places: of each part that has weights of its
    own, its first row and the shape of one net's weights. shared: parts without, each with the
    part whose weights it has. links: what each link computes, but for those of `chains`, which
    tie each unit of a group to the next.
    """

    def __init__(self, plan: Plan):
        self.plan = plan
        self.places: dict[Part, tuple[int, tuple[int, ...]]] = {}
        self.P = 0
        for part in plan.owned():
            self.places[part] = (self.P, plan.shape(part))
            self.P += math.prod(plan.shape(part))
        self.shared = plan.shares
        own = {part: link for part, link in plan.links.items() if not link.chained}
        self.links = {part: computed(link) for part, link in own.items()}
        self.chains = {link.group: Chain(link) for link in plan.links.values() if link.chained}

    def parts(self, weights: Tensor) -> dict[Part, Tensor]:
        """Views of weights (P, r): w_ji at (source, group), (j, i, r); biases at group, (j, r).

        Of shared weights only those that there are, as `Link.shape` says. Parts that share their
        weights have views of the same rows.
        """
        own = {
            part: weights[start : start + math.prod(shape)].view(*shape, *weights.shape[1:])
            for part, (start, shape) in self.places.items()
        }
        return own | {part: own[other] for part, other in self.shared.items()}

    def names(self) -> list[str]:
        """A name for each of the P rows, as `Plan.names` says."""
        return self.plan.names()

    def activities(self, parts: dict[Part, Tensor], inputs: Tensor) -> dict[Place, Tensor]:
        """The activity of every group: name -> (units, c, r); of a recurrent net (name, step).

        parts: the views of the weights. inputs: (units of all input groups in order, c, r or 1),
        or one such tensor for each step from 0 on, (steps + 1, units, c, r or 1).
        x_j = sum_i y_i w_ji + bias_j (equation 1); y_j = 1 / (1 + exp(-x_j)) (equation 2)
        in output units, and in the others unless the plan names another function.
        """
        y = self._given(inputs)
        for one in self.plan.passes:
            group, value = one.group, self.plan.function_of(one.group).value
            x = self._bias(parts, group)
            for source, part in one.incoming:
                x = x + self.links[part].forward(parts[part], y[source])  # (j, c, r)
            assert isinstance(x, Tensor)  # every group receives from another, or from a step before
            if (chain := self.chains.get(group)) is None:
                y[one.at] = value(x)
            else:
                y[one.at] = chain.forward(parts[group, group], x, value)
        return y

    def _bias(self, parts: dict[Part, Tensor], group: str) -> Tensor | float:
        """The biases of a group, (j, 1, r)."""
        if not self.plan.biases:
            return 0.0
        if group in self.plan.one_bias:
            return parts[group].expand(self.plan.sizes[group], 1, -1)
        return parts[group][:, None]

    def _given(self, inputs: Tensor) -> dict[Place, Tensor]:
        """The activities that are not computed: of the inputs, and those with which units begin."""
        plan = self.plan
        if plan.steps is None:
            return dict(zip(plan.inputs, self._split(inputs, plan.inputs), strict=True))
        y: dict[Place, Tensor] = {}
        for step in range(plan.steps + 1):
            now = inputs[step] if inputs.dim() == 4 else inputs
            for group, values in zip(plan.inputs, self._split(now, plan.inputs), strict=True):
                if step == 0 or group not in plan.sources:
                    y[group, step] = values
        cases = inputs.shape[-2:-1]
        for group, value in plan.begins.items():
            y[group, 0] = inputs.new_full((plan.sizes[group], *cases, 1), value)
        return y

    def outputs(self, activities: dict[Place, Tensor]) -> Tensor:
        """The activities of the output groups, one under the other: (units, c, r).

        Of a recurrent net at each step that is asked, step after step.
        """
        return torch.cat([activities[place] for place in self.plan.answers])

    def split_outputs(self, values: Tensor) -> dict[Place, Tensor]:
        """Undo `outputs`: values (units of all output groups, c, r) by group, or (group, step)."""
        groups = self.plan.outputs * max(1, len(self.plan.asked))
        return dict(zip(self.plan.answers, self._split(values, groups), strict=True))

    def _split(self, values: Tensor, groups: tuple[str, ...]) -> tuple[Tensor, ...]:
        return values.split([self.plan.sizes[group] for group in groups])
