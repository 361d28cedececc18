"""The weight change (Nature 1986, p. 535, equations 8 and 9) and weight decay (Fig. 4)."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Descent:
    """The constants of the rule: each of shape () or, one for each replica, (r,).

    epsilon: step. alpha: share of the last change that is added. decay: share of every weight
    that is taken off after each change, None for no decay.
    """

    epsilon: Tensor
    alpha: Tensor
    decay: Tensor | None

    def change(self, weights: Tensor, velocity: Tensor, gradient: Tensor) -> None:
        """One change of all weights, in place; each tensor is (P, r).

        velocity is the last change itself, so that a new epsilon leaves it as it is:
        dw(t) = -epsilon dE/dw(t) + alpha dw(t-1), equation 9; equation 8 is alpha = 0.
        """
        velocity.mul_(self.alpha).sub_(self.epsilon * gradient)
        weights.add_(velocity)
        if self.decay is not None:
            weights.mul_(1 - self.decay)
