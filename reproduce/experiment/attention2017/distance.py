"""One token to be remembered over a growing distance (Table 1, maximum path length)."""

import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reproduce.file.paper import Paper
from reproduce.page.page import NEUTRAL, page
from reproduce.page.sequence import COLOURS
from reproduce.run.train_sequence import TrainedSequence
from reproduce.transformer.model import SequenceModel
from reproduce.transformer.sequence import TEST, TRAIN, Batch, Key, chance, next_tokens

NEEDS = {"schema": "distance"}
SIZES = (12, 8, 4)  # of the points of kinds of layers, so that none hides another


class Distance:
    """A symbol, noise, a question mark: the symbol is asked for.

    Distance(8, 3, ...): the symbol is one of 0 to 7, the noise out of 8 to 15, 16 the question
    mark, which stands `distance` positions after the symbol. Chance level: 1 / symbols.
    """

    def __init__(self, symbols: int, distance: int, test_cases: int):
        self.symbols, self.distance, self.test_cases = symbols, distance, test_cases
        self.vocabulary, self.longest = 2 * symbols + 1, distance + 1

    def cases(self, random: np.random.Generator, size: int) -> Batch:
        """`size` texts of distance + 1 tokens."""
        symbol = random.integers(self.symbols, size=(size, 1))
        noise = random.integers(self.symbols, 2 * self.symbols, size=(size, self.distance - 1))
        mark = np.full((size, 1), 2 * self.symbols)
        texts = np.concatenate([symbol, noise, mark, symbol], 1)
        return next_tokens(texts, np.arange(self.distance + 1)[None] == self.distance)

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """New texts."""
        return self.cases(chance(TRAIN, *key, step), size)

    def test(self, key: Key, step: int) -> list[Batch]:
        """The same texts at every test."""
        return [self.cases(chance(TEST), self.test_cases)]


def measure(trained: TrainedSequence[Distance, SequenceModel]) -> dict[str, float]:
    """path_length [steps]: the fewest steps from the symbol to the question, whatever N is.

    Of attention 1, of a recurrent net one for each position, of a convolution one for each
    kernel - 1. in_reach [0 or 1]: whether the N layers of the model can make that path.
    """
    network, distance = trained.config.network, trained.task.distance
    lengths = {
        "attention": 1,
        "recurrent": distance,
        "convolution": math.ceil(distance / (network.kernel - 1)),
    }
    path = lengths[network.mixer]
    reach = path <= network.N if network.mixer == "convolution" else True
    return {"path_length": float(path), "in_reach": float(reach)}


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Share right against distance, and against path length, of each kind of layer.

    Open points: the layers have no path so long.
    """
    if not {"mixer", "distance"} <= {*replicas}:
        return {}
    title, symbols = record["experiment"], record["config"]["task"]["symbols"]
    figure, (left, right) = page(9, 3.6, 2)
    kinds = zip(COLOURS, SIZES, replicas.groupby("mixer", sort=False), strict=False)
    for colour, size, (mixer, group) in kinds:
        for axes, across in ((left, "distance"), (right, "path_length")):
            by_place = group.groupby(across)["test_accuracy"]
            axes.plot(by_place.median(), color=colour, linewidth=size / 3, label=mixer)
            reached = group.groupby(across)["in_reach"].min() == 1
            for there, face in ((reached, colour), (~reached, "white")):
                middles = by_place.median()[there]
                axes.plot(middles, "o", color=colour, markerfacecolor=face, markersize=size)
            axes.fill_between(
                by_place.min().index, by_place.min(), by_place.max(), color=colour, alpha=0.2
            )
    for axes, across in ((left, "distance"), (right, "path length (Table 1)")):
        axes.axhline(1 / symbols, color=NEUTRAL, linestyle=":", label="chance")
        axes.set_xscale("log", base=2)
        axes.set(xlabel=f"{across}, positions" if axes is left else across, ylim=(0, 1.04))
    left.set_ylabel("share right (median and range)")
    left.legend(fontsize=7.5)
    count = replicas.groupby(["mixer", "distance"]).size().max()
    title = f"{title}: {count} replicas at each point; open where there is no path so long"
    figure.suptitle(title, fontsize=10)
    return {"distance": figure}


texts = Distance
