"""Total squared error (Nature 1986, p. 534, equation 3), and what of it is considered to be zero.

Shapes: y, actual outputs, (j, c, r); d, desired outputs, and on, 1 where an output should be on,
(j, c, 1 or r). satisfied: an output nearer than this to the 0 or 1 it should be has no error
(Fig. 4); None where every distance counts. With d at the edge, .2 and .8 for satisfied .2, the
error is the distance from the edge (CogSci 1986, p. 11).
"""

import torch
from torch import Tensor


def slope(y: Tensor, d: Tensor, on: Tensor | None = None, satisfied: float | None = None) -> Tensor:
    """dE/dy = y - d (equation 4), 0 where the output is satisfactory: (j, c, r)."""
    if on is None or satisfied is None:
        return y - d
    return torch.where((y - on).abs() < satisfied, 0.0, y - d)


def error(y: Tensor, d: Tensor) -> Tensor:
    """E = 1/2 sum_c sum_j (y - d)^2, one value a replica. A sum over cases, not a mean."""
    return of_slope(slope(y, d))


def of_slope(dE_dy: Tensor) -> Tensor:
    """E from its slopes (j, c, r): (r,)."""
    return 0.5 * dE_dy.square().sum((0, 1))
