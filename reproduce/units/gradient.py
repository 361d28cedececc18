"""dE/dw of a population, from the activities of one forward pass."""

from dataclasses import dataclass

import torch
from torch import Tensor

from reproduce.units import squared_error
from reproduce.units.backpropagation import backpropagate
from reproduce.units.net import Units
from reproduce.units.order import Place


def of_what_counts(values: Tensor, lesson: dict[str, Tensor]) -> Tensor:
    """Values (j, c, r) of the outputs, 0 where they are not trained on or not asked."""
    for name in ("trains", "asked"):
        if name in lesson:
            values = values * lesson[name]
    return values


@dataclass(frozen=True)
class Gradient:
    """How the gradient is taken.

    satisfied: distance from 0 or 1 within which an output has no error, or None. output_slope:
    whether dy/dx of the output units is a factor of it (equation 5).
    """

    satisfied: float | None = None
    output_slope: bool = True

    def slope(self, outputs: Tensor, lesson: dict[str, Tensor]) -> Tensor:
        """dE/dy (j, c, r), 0 in the cases that a net does not train on and where nothing is asked.

        lesson: targets, on: (j, c, 1); trains: (c, r), 1 or 0, where some cases are held out;
        asked: (j, c, 1), 1 or 0, where some outputs of some cases have no target.
        """
        dE_dy = squared_error.slope(outputs, lesson["targets"], lesson["on"], self.satisfied)
        return of_what_counts(dE_dy, lesson)

    def __call__(
        self, units: Units, weights: Tensor, y: dict[Place, Tensor], lesson: dict[str, Tensor]
    ) -> Tensor:
        """dE/dw (P, r) at `weights`, whose activities are y.

        lesson: as for `slope`; scale: (P, 1 or r), a factor for each weight, where there is one.
        """
        parts = units.parts
        dE_dy = units.split_outputs(self.slope(units.outputs(y), lesson))
        gradient = torch.empty_like(weights)
        backpropagate(units, parts(weights), y, dE_dy, parts(gradient), self.output_slope)
        return gradient * lesson["scale"] if "scale" in lesson else gradient
