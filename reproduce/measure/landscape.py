"""Where in the error surface the nets stand: slope and curvature, by automatic differentiation."""

import torch
from torch import Tensor

from reproduce.measure.learning import right

STEEP = 1e-3  # share of E that is lost over one unit of weight along the gradient
CURVED = 1e-3  # share of the largest curvature that, below zero, leads down


def measure(trained) -> dict[str, Tensor]:
    """Slope and curvature of E at the last weights, in double precision.

    gradient_norm: length of dE/dw. smallest_curvature, largest_curvature: eigenvalues of the
    Hessian of E. at_minimum [0 or 1], for unsolved nets only: neither slope nor curvature leads
    down. One unit of weight along the gradient would lower E by less than STEEP of it, and no
    curvature is below -CURVED of the largest. Ground that flat counts, whatever lies far away;
    a net that circles round a minimum, changing after each case, may not.
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
    level = torch.func.vmap(error, in_dims=1)(standing) > columns["gradient_norm"] / STEEP
    bowl = columns["smallest_curvature"] > -CURVED * columns["largest_curvature"]
    unsolved = finite & ~right(units, task, weights)
    columns["at_minimum"] = torch.where(unsolved, (level & bowl).double(), torch.nan)
    return columns
