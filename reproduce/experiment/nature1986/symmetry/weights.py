"""The weights of the symmetry net and what it answers (Nature 1986, p. 533-534, Fig. 1).

Each hidden unit has six weights w_1 ... w_6 from the inputs, top to bottom. How they are ordered is
measured where the net is right on all 64 cases at that moment; the single weights always are.
"""

import torch
from torch import Tensor

from reproduce.units.measure.learning import outputs, right, weights_at, where
from reproduce.units.net import Units
from reproduce.units.trained import Trained

NEEDS = {
    "schema": "units",
    "task": "symmetry",
    "links": [("input", "hidden"), ("hidden", "output")],
    "biases": True,
    "full": True,
    "once": True,
}


def measure(trained: Trained) -> dict[str, Tensor]:
    """The quantities of `structure` and `answers` at every kept moment, and one net in full.

    The single weights are those at the largest weight asked for, or else at the end.
    """
    columns: dict[str, Tensor] = {}
    for moment, weights in trained.moments.items():
        solved = right(trained, weights)
        found = structure(trained.units, weights) | answers(trained, weights)
        columns |= where(solved, found, moment)
    drawn = "at_largest_weight" if "at_largest_weight" in trained.moments else "at_end"
    return columns | weights_at(trained, drawn)


def structure(units: Units, weights: Tensor) -> dict[str, Tensor]:
    """How the weights (P, r) are ordered.

    weight_small, weight_middle, weight_large: the three magnitudes, each the mean over the two
    mirrored inputs and all hidden units, sorted.
    ratio_middle_to_small, ratio_large_to_small: 2 and 4 in a net of 1:2:4.
    departure_from_antisymmetry: largest |w_i + w_(7-i)| over the largest |w|; 0 when exact.
    departure_from_sign_flip: largest |w_i of one unit + w_i of the other| over the largest |w|;
    nan unless there are two hidden units.
    hidden_bias, hidden_to_output: means over the hidden units. output_bias. For these three each
    unit with a positive bias is first turned into the orientation of Fig. 1, off for a symmetric
    pattern: -w, -bias and -v in place of w, bias and v, with v added to the output bias, is the
    same net, since 1 / (1 + e^x) = 1 - 1 / (1 + e^-x). turned_units: how many were turned.
    """
    parts = units.parts(weights.double())
    w = parts["input", "hidden"]  # (h, 6, r)
    bias, to_output = parts["hidden"], parts["hidden", "output"][0]  # (h, r)
    turned = bias > 0
    largest = w.abs().amax((0, 1))
    magnitude = ((w[:, :3].abs() + w[:, 3:].flip(1).abs()) / 2).mean(0).sort(0).values  # (3, r)
    flipped = w[0] + w[1] if len(w) == 2 else torch.full_like(w[0], torch.nan)
    return {
        "weight_small": magnitude[0],
        "weight_middle": magnitude[1],
        "weight_large": magnitude[2],
        "ratio_middle_to_small": magnitude[1] / magnitude[0],
        "ratio_large_to_small": magnitude[2] / magnitude[0],
        "departure_from_antisymmetry": (w + w.flip(1)).abs().amax((0, 1)) / largest,
        "departure_from_sign_flip": flipped.abs().amax(0) / largest,
        "hidden_bias": -bias.abs().mean(0),
        "hidden_to_output": torch.where(turned, -to_output, to_output).mean(0),
        "output_bias": parts["output"][0] + torch.where(turned, to_output, 0).sum(0),
        "turned_units": turned.double().sum(0),
    }


def answers(trained: Trained, weights: Tensor) -> dict[str, Tensor]:
    """What the nets answer: lowest and highest output for the 8 symmetric and the 56 other cases.

    hidden_for_symmetric: the highest activity of a hidden unit over the 8 symmetric cases.
    """
    symmetric = trained.task.on[0]
    y = outputs(trained, weights)[0]  # (c, r)
    inputs = trained.task.inputs[:, :, None]
    parts = trained.units.parts(weights.double())
    hidden = trained.units.activities(parts, inputs)["hidden"]  # (2, c, r)
    return {
        "output_symmetric_low": y[symmetric].amin(0),
        "output_symmetric_high": y[symmetric].amax(0),
        "output_other_low": y[~symmetric].amin(0),
        "output_other_high": y[~symmetric].amax(0),
        "hidden_for_symmetric": hidden[:, symmetric].amax((0, 1)),
    }
