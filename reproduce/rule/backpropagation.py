"""The backward pass (Nature 1986, p. 534, equations 4 to 7), for a whole population at once.

Axis letters as in `reproduce.network.units`: j, i, c, r.
"""

import torch
from torch import Tensor


def backpropagate(plan, w: dict, y: dict[str, Tensor], dE_dy: dict[str, Tensor], dE_dw: dict):
    """Fill in dE/dw of every weight and bias, summed over the cases.

    plan: tells for each group, in order, which groups send to it. w: weights by link and biases
    by group, as `Units.parts` gives them. y: the activities of all groups. dE_dy: the derivative
    of the error for the output groups, each (j, c, r) (equation 4). dE_dw: where the result goes,
    laid out as w.

        dE/dx_j  = dE/dy_j  y_j (1 - y_j)      equation 5
        dE/dw_ji = dE/dx_j  y_i                equation 6, summed over cases
        dE/dy_i  = sum_j dE/dx_j w_ji          equation 7
    """
    dE_dy = dict(dE_dy)
    for group, sources in reversed(plan.sources.items()):
        dE_dx = dE_dy[group] * y[group] * (1 - y[group])  # (j, c, r)
        torch.sum(dE_dx, 1, out=dE_dw[group])
        for source in sources:
            # (j, i, c, r) -> (j, i, r)
            torch.sum(dE_dx[:, None] * y[source], 2, out=dE_dw[source, group])
            if source in plan.sources:
                back = (dE_dx[:, None] * w[source, group][:, :, None]).sum(0)  # -> (i, c, r)
                dE_dy[source] = dE_dy[source] + back if source in dE_dy else back
