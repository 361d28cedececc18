"""The questions on which a net of family trees is not trained (CogSci 1986, p. 8-9)."""

from collections import Counter

import numpy as np
import torch
from torch import Tensor

from reproduce.experiment.cogsci1986.family_trees.trees import ANSWERS, QUESTIONS

HELD_OUT = 4  # cases on which a net is not trained
FIGURE_8 = ("Andrew", "Victoria", "Lucia", "Lucia")
OWN_STREAM = (8,)  # sets these random numbers apart from those of the weights
WORDS_PER_STEP = 4  # Philox-4x64 gives four 64-bit words for each value of its counter


def held_out(kind: str, seed: int, first: int, replicas: int) -> Tensor:
    """Which cases the replicas first, first + 1, ... do not train on: bool (104, replicas).

    kind `random`: any 4 of the 104. kind `figure8`: 4 to which the only answers are those that
    can be read in Fig. 8 of CogSci 1986 (p. 9), one to Andrew, one to Victoria, two to Lucia.
    Every such set is as likely as any other. KeyError for another kind.
    Replica r of a seed has the same set whatever range it is asked for in: each has a fixed
    stretch of one counter-based stream, a number a case, and the lowest numbers are taken.
    """
    cases = np.arange(len(QUESTIONS))
    pools = {"random": [(cases, HELD_OUT)], "figure8": _figure_8_pools()}[kind]
    source = np.random.SeedSequence(seed, spawn_key=OWN_STREAM)
    stream = np.random.Philox(key=source.generate_state(2, np.uint64))
    stream.advance(first * len(cases) // WORDS_PER_STEP)
    number = np.random.Generator(stream).random((replicas, len(cases))).T
    out = np.zeros((len(cases), replicas), dtype=bool)
    for pool, count in pools:
        lowest = number[pool].argsort(0, kind="stable")[:count]  # (count, replicas)
        out[pool[lowest], np.arange(replicas)] = True
    return torch.from_numpy(out)


def _figure_8_pools() -> list[tuple[np.ndarray, int]]:
    """The cases to which one person is the only answer, and how many of them are held out."""
    only = [ANSWERS[question] for question in QUESTIONS]
    return [
        (np.array([case for case, found in enumerate(only) if found == {name}]), count)
        for name, count in Counter(FIGURE_8).items()
    ]
