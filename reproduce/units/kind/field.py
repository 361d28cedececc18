"""Every unit of a grid receives from a window of another grid (PDP 1986, p. 348-349)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from reproduce.units.kind.full import SUMMED, spread
from reproduce.units.link import Link


@dataclass(frozen=True)
class Field:
    """The windows lie one row or one column further on for each unit; b is a place in one."""

    link: Link

    def _corners(self) -> Iterator[tuple[slice, slice]]:
        """For each place in a window, the units of the sending grid that are there in any."""
        rows, columns = self.link.receivers
        for a, b in product(*map(range, self.link.window)):
            yield slice(a, a + rows), slice(b, b + columns)

    def _windows(self, y: Tensor) -> Tensor:
        """What each unit looks at: (i, c, r) -> (j, b, c, r)."""
        grid = y.reshape(*self.link.senders, *y.shape[1:])
        return torch.stack([grid[at].reshape(-1, *y.shape[1:]) for at in self._corners()], 1)

    def forward(self, w: Tensor, y: Tensor) -> Tensor:
        """What the units receive, (j, c, r); y: (i, c, r or 1)."""
        return (spread(self.link, w)[:, :, None] * self._windows(y)).sum(1)

    def slope(self, dE_dx: Tensor, y: Tensor) -> tuple[Tensor, int | tuple[int, ...]]:
        """dE/dx_j y_i of each place (equation 6) before the sum, and the axes to sum over."""
        return dE_dx[:, None] * self._windows(y), SUMMED[self.link.shared]

    def backward(self, w: Tensor, dE_dx: Tensor) -> Tensor:
        """dE/dy_i (equation 7), (i, c, r): the sum over all windows that a unit is in."""
        slopes = dE_dx[:, None] * spread(self.link, w)[:, :, None]  # (j, b, c, r)
        grid = slopes.new_zeros(*self.link.senders, *slopes.shape[2:])
        for place, at in enumerate(self._corners()):
            grid[at] += slopes[:, place].reshape(*self.link.receivers, *slopes.shape[2:])
        return grid.reshape(-1, *slopes.shape[2:])
