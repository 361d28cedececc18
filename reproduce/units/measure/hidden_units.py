"""Whether the hidden units of a net are still alike."""

from functools import reduce

import torch
from torch import Tensor

from reproduce.units.trained import Trained

NEEDS = {"schema": "units", "links": [("input", "hidden")], "full": True, "once": True}


def measure(trained: Trained) -> dict[str, Tensor]:
    """hidden_units_apart_at_end: the largest difference between two hidden units of a weight.

    Over their links in, their biases and their links out; 0 when the units are copies.
    """
    apart = []
    for part, view in trained.units.parts(trained.moments["at_end"].double()).items():
        names = (part,) if isinstance(part, str) else (part[1], part[0])
        for axis in (axis for axis, name in enumerate(names) if name == "hidden"):
            apart.append((view.amax(axis) - view.amin(axis)).reshape(-1, view.shape[-1]).amax(0))
    return {"hidden_units_apart_at_end": reduce(torch.maximum, apart)}
