"""The backward pass (Nature 1986, p. 534, equations 4 to 7), for a whole population at once.

Axis letters as in `reproduce.units.net`: j, i, c, r.
"""

import torch
from torch import Tensor

from reproduce.units.net import Units
from reproduce.units.order import Place
from reproduce.units.part import Part


def backpropagate(
    units: Units,
    w: dict[Part, Tensor],
    y: dict[Place, Tensor],
    dE_dy: dict[Place, Tensor],
    dE_dw: dict[Part, Tensor],
    output_slope: bool = True,
) -> None:
    """Fill in dE/dw of every weight and bias, summed over the cases, and over steps and places.

    units: tells what is computed in which order, and what each kind of link does. w: weights by
    link and biases by group, as `Units.parts` gives them. y: the activities of all groups. dE_dy:
    the derivative of the error for the output groups, each (j, c, r) (equation 4). dE_dw: where
    the result goes, laid out as w; links that share a weight add to the same place. output_slope:
    False leaves dy/dx of the output units out, which is not the gradient of E.

        dE/dx_j  = dE/dy_j  dy_j/dx_j          equation 5, y_j (1 - y_j) for the logistic function
        dE/dw_ji = dE/dx_j  y_i                equation 6, summed over cases
        dE/dy_i  = sum_j dE/dx_j w_ji          equation 7
    """
    plan, dE_dy = units.plan, dict(dE_dy)
    filled: set[Part] = set()
    computed = {one.at for one in plan.passes}

    def add(part: Part, values: Tensor, axes: int | tuple[int, ...]) -> None:
        """Sum over some axes into the place of a part, or add to what is there."""
        if plan.owner(part) in filled:
            dE_dw[part].add_(values.sum(axes))
        else:
            torch.sum(values, axes, out=dE_dw[part])
            filled.add(plan.owner(part))

    for one in reversed(plan.passes):
        if one.at not in dE_dy:  # a last step that nothing hears
            continue
        group, chain = one.group, units.chains.get(one.group)
        back = plan.function_of(group).back
        if group in plan.outputs and not output_slope:
            back = _as_it_is
        if chain is None:
            dE_dx = back(dE_dy[one.at], y[one.at])  # (j, c, r)
        else:
            dE_dx = chain.backward(w[group, group], dE_dy[one.at], y[one.at], back)
            add((group, group), *chain.slope(dE_dx, y[one.at]))
        if plan.biases:
            add(group, dE_dx, (0, 1) if group in plan.one_bias else 1)
        for source, part in one.incoming:
            link = units.links[part]
            add(part, *link.slope(dE_dx, y[source]))
            if source in computed:
                more = link.backward(w[part], dE_dx)  # (i, c, r)
                dE_dy[source] = dE_dy[source] + more if source in dE_dy else more
    for part, place in dE_dw.items():
        if plan.owner(part) not in filled:  # used in no step that leads to an answer
            place.zero_()


def _as_it_is(dE_dy: Tensor, y: Tensor) -> Tensor:
    """dE/dy in place of dE/dx."""
    return dE_dy
