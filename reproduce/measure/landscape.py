"""Where in the error surface the nets stand: slope and curvature, by automatic differentiation."""

import torch
from torch import Tensor

from reproduce.measure.learning import right

STEEP = 1e-3  # a gradient longer than this is still going somewhere
CURVED = 1e-3  # a curvature below minus this leads down


def measure(trained) -> dict[str, Tensor]:
    """Slope and curvature of E at the last weights, in double precision.

    gradient_norm: length of dE/dw. smallest_curvature, largest_curvature: eigenvalues of the
    Hessian of E. at_minimum [0 or 1], for unsolved nets only: the gradient is not steep and no
    curvature leads down; this is a minimum, or ground so flat that it cannot be told from one.
    """
    units, task = trained.units, trained.task
    weights = trained.moments["at_end"].double()
    finite = weights.isfinite().all(0)

    def error(column: Tensor) -> Tensor:
        y = units.outputs(units.activities(units.parts(column[:, None]), task.inputs[:, :, None]))
        return 0.5 * (y - trained.targets.double()).square().sum()

    standing = torch.where(finite, weights, 0.0)
    gradient = torch.func.grad(error)
    slope = torch.func.vmap(gradient, in_dims=1)(standing)
    hessian = torch.func.vmap(torch.func.jacrev(gradient), in_dims=1)(standing)
    curvature = torch.linalg.eigvalsh(hessian)  # ascending, (r, P)
    columns = {
        "gradient_norm": slope.norm(dim=1),
        "smallest_curvature": curvature[:, 0],
        "largest_curvature": curvature[:, -1],
    }
    columns = {name: torch.where(finite, column, torch.nan) for name, column in columns.items()}
    resting = (columns["gradient_norm"] < STEEP) & (columns["smallest_curvature"] > -CURVED)
    unsolved = finite & ~right(units, task, weights)
    columns["at_minimum"] = torch.where(unsolved, resting.double(), torch.nan)
    return columns
