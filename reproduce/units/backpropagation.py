"""The backward pass (Nature 1986, p. 534, equations 4 to 7), for a whole population at once.

Axis letters as in `reproduce.units.net`: j, i, c, r.
"""

import torch
from torch import Tensor


def backpropagate(
    plan,
    w: dict,
    y: dict[str, Tensor],
    dE_dy: dict[str, Tensor],
    dE_dw: dict,
    output_slope: bool = True,
):
    """Fill in dE/dw of every weight and bias, summed over the cases.

    plan: tells for each group, in order, which groups send to it. w: weights by link and biases
    by group, as `Units.parts` gives them. y: the activities of all groups. dE_dy: the derivative
    of the error for the output groups, each (j, c, r) (equation 4). dE_dw: where the result goes,
    laid out as w; links that share a weight add to the same place. output_slope: False leaves
    dy/dx of the output units out, which is not the gradient of E.

        dE/dx_j  = dE/dy_j  dy_j/dx_j          equation 5, y_j (1 - y_j) for the logistic function
        dE/dw_ji = dE/dx_j  y_i                equation 6, summed over cases
        dE/dy_i  = sum_j dE/dx_j w_ji          equation 7
    """
    dE_dy, filled = dict(dE_dy), set()
    for group, sources in reversed(plan.sources.items()):
        dE_dx = dE_dy[group]  # (j, c, r)
        if output_slope or group not in plan.outputs:
            dE_dx = plan.function_of(group).back(dE_dx, y[group])
        first = plan.owner(group) not in filled
        filled.add(plan.owner(group))
        if plan.biases:
            _sum(dE_dx, 1, dE_dw[group], first)
        for source in sources:
            # (j, i, c, r) -> (j, i, r)
            _sum(dE_dx[:, None] * y[source], 2, dE_dw[source, group], first)
            if source in plan.sources:
                back = (dE_dx[:, None] * w[source, group][:, :, None]).sum(0)  # -> (i, c, r)
                dE_dy[source] = dE_dy[source] + back if source in dE_dy else back


def _sum(values: Tensor, axis: int, place: Tensor, first: bool) -> None:
    """Put the sum over an axis into its place, or add it to what is there."""
    if first:
        torch.sum(values, axis, out=place)
    else:
        place.add_(values.sum(axis))
