"""Where in the error surface the nets stand: slope and curvature, by automatic differentiation."""

import torch
from torch import Tensor

from reproduce.units.measure.learning import right
from reproduce.units.trained import Trained

NEEDS = {"schema": "units", "free": True, "hidden_grid": True}
STEEP = 1e-3  # share of E that is lost over one unit of weight along the gradient
CURVED = 1e-3  # share of the largest curvature that, below zero, leads down
FLAT = 1e-6  # share of the largest curvature that is no curvature
AT_ONCE = 2**25  # numbers that the Hessians of some nets take on their way, about


def measure(trained: Trained) -> dict[str, Tensor]:
    """Slope and curvature of E at the last weights, in double precision.

    gradient_norm: length of dE/dw. smallest_curvature, largest_curvature: eigenvalues of the
    Hessian of E over the weights that the net has.
    An unsolved net has a 1 in one of the next four columns and a 0 in the others; a solved one has
    four times 0. still_moving: one unit of weight along the gradient would lower E by the share
    STEEP or more. The other three are level ground: at_saddle, a curvature is below -CURVED times
    the largest; on_plateau, none is, but one is at most FLAT times it; in_minimum, neither is so.
    stuck: 1 on any of the three kinds of level ground.
    at_minimum [0 or 1], for unsolved nets only: in_minimum or on_plateau, ground from which
    neither slope nor curvature leads down, whatever lies far away. A net that circles round a
    minimum, changing after each case, may not count.
    """
    weights = trained.moments["at_end"].double()
    finite = weights.isfinite().all(0)
    standing = torch.where(finite, weights, 0.0)
    height, steepness, curvature = surface(trained, standing)
    columns = {
        "gradient_norm": steepness,
        "smallest_curvature": curvature[:, 0],
        "largest_curvature": curvature[:, -1],
    }
    columns = {name: torch.where(finite, column, torch.nan) for name, column in columns.items()}
    smallest, largest = curvature[:, 0], curvature[:, -1]
    level = height > steepness / STEEP
    saddle = level & (smallest < -CURVED * largest)
    plateau = level & ~saddle & (smallest <= FLAT * largest)
    unsolved = finite & ~right(trained, weights)
    kinds = {
        "still_moving": ~level,
        "at_saddle": saddle,
        "on_plateau": plateau,
        "in_minimum": level & ~saddle & ~plateau,
        "stuck": level,
    }
    for name, holds in kinds.items():
        columns[name] = torch.where(finite, (unsolved & holds).double(), torch.nan)
    columns["at_minimum"] = torch.where(unsolved, (level & ~saddle).double(), torch.nan)
    return columns


def surface(trained: Trained, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """E and the length of its gradient, (r,), and its least and largest curvature, (r, 2).

    weights: (P, r).
    """
    units, task = trained.units, trained.task

    def error(column: Tensor) -> Tensor:
        y = units.outputs(units.activities(units.parts(column[:, None]), task.inputs[..., None]))
        off_by = (y - trained.targets.double()).square()
        return 0.5 * (off_by if task.asked is None else off_by * task.asked[..., None]).sum()

    present = torch.ones_like(weights) if trained.present is None else trained.present
    gradient = torch.func.grad(error)
    hessian = torch.func.vmap(torch.func.jacrev(gradient), in_dims=1)
    links = units.P * task.on.shape[1] * units.P
    found = []
    at_once = max(1, AT_ONCE // links)
    for part, there in zip(weights.split(at_once, 1), present.split(at_once, 1), strict=True):
        slope = torch.func.vmap(gradient, in_dims=1)(part) * there.T
        second = hessian(part) * there.T[:, :, None] * there.T[:, None]
        beyond = torch.diag_embed((1 - there.T) * (1 + second.abs().sum((1, 2)))[:, None])
        below, above = (torch.linalg.eigvalsh(second + sign * beyond) for sign in (-1, 1))
        ends = torch.stack([above[:, 0], below[:, -1]], 1)
        height = torch.func.vmap(error, in_dims=1)(part)
        found.append((height, slope.norm(dim=1), ends))
    heights, slopes, curvatures = (torch.cat(values) for values in zip(*found, strict=True))
    return heights, slopes, curvatures
