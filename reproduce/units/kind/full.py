"""Every unit receives from every unit of another group; of random links some weights stay 0."""

import math
from dataclasses import dataclass

from torch import Tensor

from reproduce.units.link import Link

# axes of (j, b, c, r), by what is shared
SUMMED: dict[str, int | tuple[int, ...]] = {
    "none": 2,
    "receivers": (0, 2),
    "senders": (1, 2),
    "all": (0, 1, 2),
}


def spread(link: Link, w: Tensor) -> Tensor:
    """The weights as (j, b, r), shared ones repeated without a copy."""
    if link.shared == "none":
        return w
    missing = {"receivers": (0,), "senders": (1,), "all": (0, 0)}[link.shared]
    for axis in missing:
        w = w.unsqueeze(axis)
    return w.expand(math.prod(link.receivers), link.each, w.shape[-1])


@dataclass(frozen=True)
class Full:
    """x_j = sum_i w_ji y_i (equation 1)."""

    link: Link

    def forward(self, w: Tensor, y: Tensor) -> Tensor:
        """What the units receive, (j, c, r); y: (i, c, r or 1)."""
        return (spread(self.link, w)[:, :, None] * y).sum(1)  # (j, i, c, r) -> (j, c, r)

    def slope(self, dE_dx: Tensor, y: Tensor) -> tuple[Tensor, int | tuple[int, ...]]:
        """dE/dw_ji = dE/dx_j y_i (equation 6) before the sum, and the axes to sum over."""
        return dE_dx[:, None] * y, SUMMED[self.link.shared]

    def backward(self, w: Tensor, dE_dx: Tensor) -> Tensor:
        """dE/dy_i = sum_j dE/dx_j w_ji (equation 7), (i, c, r)."""
        return (dE_dx[:, None] * spread(self.link, w)[:, :, None]).sum(0)
