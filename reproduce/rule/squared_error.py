"""Total squared error (Nature 1986, p. 534, equation 3)."""

from torch import Tensor


def error(y: Tensor, d: Tensor) -> Tensor:
    """E = 1/2 sum_c sum_j (y - d)^2, one value a replica.

    y: actual outputs (j, c, r). d: desired outputs (j, c, 1 or r). A sum over cases, not a mean.
    """
    return 0.5 * (y - d).square().sum((0, 1))


def slope(y: Tensor, d: Tensor) -> Tensor:
    """dE/dy = y - d (equation 4), (j, c, r)."""
    return y - d
