"""The weight change (Nature 1986, p. 535, equations 8 and 9) and weight decay (Fig. 4)."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Descent:
    """The constants of the rule: each of shape () or, one for each replica, (r,).

    epsilon: step. alpha: share of the last change that is added. decay: share of every weight
    that is taken off after each change, None for no decay; also (P, r), where it differs by weight.
    least, most: (P, 1), what weights that keep their sign may be; None where none does.
    """

    epsilon: Tensor
    alpha: Tensor
    decay: Tensor | None
    least: Tensor | None = None
    most: Tensor | None = None

    def change(self, weights: Tensor, velocity: Tensor, gradient: Tensor) -> None:
        """One change of all weights, in place; each tensor is (P, r).

        velocity is the last change itself, so that a new epsilon leaves it as it is:
        dw(t) = -epsilon dE/dw(t) + alpha dw(t-1), equation 9; equation 8 is alpha = 0.
        Where a change would pass `least` or `most`, the weight becomes that bound exactly, and the
        change is what was left to it: that is what the next one adds alpha of.
        """
        velocity.mul_(self.alpha).sub_(self.epsilon * gradient)
        if self.least is None:
            weights.add_(velocity)
        else:
            free = weights + velocity
            bound = free.clamp(self.least, self.most)
            velocity.copy_(torch.where(bound == free, velocity, bound - weights))
            weights.copy_(bound)
        if self.decay is not None:
            weights.mul_(1 - self.decay)
