"""How a ring of units shifts a pattern by two places in two steps (PDP 1986, p. 357)."""

import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor

from reproduce.file.paper import Paper
from reproduce.page.page import NEUTRAL, POSITIVE, page
from reproduce.units.measure.learning import right, where
from reproduce.units.trained import Trained

NEEDS = {"schema": "units", "links": [("ring", "ring")], "biases": True, "full": True}


def measure(trained: Trained) -> dict[str, Tensor]:
    """By what weights the ring shifts, only of nets that are right on all patterns at the end.

    The unit to the right is the one whose pattern a unit takes over when all shift one place left.
    units_that_copy_at_end, units_that_invert_at_end [units]: how many have their largest weight,
    in magnitude, from that unit, and above or below 0. shifts_each_step_at_end [0 or 1]: all copy,
    so that the pattern moves one place a step. inverts_each_step_at_end [0 or 1]: all invert, so
    that the pattern is turned over on its way. other_solution_at_end [0 or 1]: neither.
    largest_bias_at_end: the largest of the biases.
    """
    weights = trained.moments["at_end"].double()
    parts = trained.units.parts(weights)
    ring = parts["ring", "ring"]  # (j, i, r)
    units = range(len(ring))
    largest = ring.abs().argmax(1)  # (j, r)
    copies = inverts = torch.zeros_like(largest[0])
    for j in units:
        right_of_j = (j + 1) % len(ring)
        there = largest[j] == right_of_j
        copies = copies + (there & (ring[j, right_of_j] > 0)).long()
        inverts = inverts + (there & (ring[j, right_of_j] < 0)).long()
    found = {
        "units_that_copy": copies,
        "units_that_invert": inverts,
        "shifts_each_step": copies == len(ring),
        "inverts_each_step": inverts == len(ring),
        "other_solution": (copies < len(ring)) & (inverts < len(ring)),
        "largest_bias": parts["ring"].amax(0),
    }
    return where(right(trained, weights), found, "at_end")


SOLUTIONS = {
    "shifts_each_step": "one place a step",
    "inverts_each_step": "turned over at each step",
    "other_solution": "other",
}


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """How many solved replicas shift in which way, and the largest of their biases."""
    figure, (left, right) = page(8, 3, 2)
    solved = replicas[replicas["other_solution_at_end"].notna()]
    counts = [int((solved[f"{name}_at_end"] == 1).sum()) for name in SOLUTIONS]
    left.barh(range(len(counts)), counts, color=POSITIVE)
    left.set_yticks(range(len(counts)), list(SOLUTIONS.values()))
    left.invert_yaxis()
    left.set_xlabel(f"replicas of {len(solved)} that are right at the end")
    right.hist(solved["largest_bias_at_end"], bins=30, color=NEUTRAL)
    right.axvline(0, color="black", linewidth=0.8)
    right.set_xlabel("largest bias at the end")
    right.set_ylabel("replicas")
    figure.suptitle(record["experiment"], fontsize=10)
    return {"solutions": figure}
