"""Unit to unit: from one group to another, or from each unit of a group to the next one.

The hidden units of the net of PDP 1986, Fig. 11 (p. 344), are chained in this way.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from reproduce.units.link import Link


def _summed(link: Link) -> int | tuple[int, ...]:
    """Over which axes of (j, c, r) the slopes are summed."""
    return (0, 1) if link.shared == "all" else 1


@dataclass(frozen=True)
class One:
    """x_j = w_j y_j; w: (j, r), or (r,) where one weight is shared by all."""

    link: Link

    def forward(self, w: Tensor, y: Tensor) -> Tensor:
        """What the units receive, (j, c, r); y: (j, c, r or 1)."""
        return w.unsqueeze(-2) * y

    def slope(self, dE_dx: Tensor, y: Tensor) -> tuple[Tensor, int | tuple[int, ...]]:
        """dE/dx_j y_j (equation 6) before the sum, and the axes to sum over."""
        return dE_dx * y, _summed(self.link)

    def backward(self, w: Tensor, dE_dx: Tensor) -> Tensor:
        """dE/dy_j = dE/dx_j w_j (equation 7), (j, c, r)."""
        return dE_dx * w.unsqueeze(-2)


@dataclass(frozen=True)
class Chain:
    """x_(j+1) = ... + w_j y_j within one group and one step: its units are computed in turn."""

    link: Link

    def _weight(self, w: Tensor, j: int) -> Tensor:
        """The weight from unit j to the next, (r,)."""
        return w if self.link.shared == "all" else w[j]

    def forward(self, w: Tensor, x: Tensor, value: Callable) -> Tensor:
        """The activities (j, c, r); x: all else that the units receive, (j, c, r)."""
        y = [value(x[0])]
        for j in range(1, len(x)):
            y.append(value(x[j] + self._weight(w, j - 1) * y[-1]))
        return torch.stack(y)

    def slope(self, dE_dx: Tensor, y: Tensor) -> tuple[Tensor, int | tuple[int, ...]]:
        """dE/dx_(j+1) y_j (equation 6) before the sum, and the axes to sum over."""
        return dE_dx[1:] * y[:-1], _summed(self.link)

    def backward(self, w: Tensor, dE_dy: Tensor, y: Tensor, back: Callable) -> Tensor:
        """dE/dx (j, c, r), from the last unit to the first; dE_dy: from all other groups."""
        slopes = [back(dE_dy[-1], y[-1])]
        for j in range(len(y) - 2, -1, -1):
            slopes.append(back(dE_dy[j] + slopes[-1] * self._weight(w, j), y[j]))
        return torch.stack(slopes[::-1])
