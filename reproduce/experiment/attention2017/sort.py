"""Sorting as a text, the demonstration of minGPT (demo.ipynb): whole texts decoded in order."""

import itertools

import numpy as np
import torch

from reproduce.run.train_sequence import TrainedSequence
from reproduce.transformer.decoding import greedy_continuation
from reproduce.transformer.model import SequenceModel
from reproduce.transformer.sequence import SPLIT, TRAIN, Batch, Key, chance, next_tokens

NEEDS = {"schema": "sort"}
TEST_SHARE = 4  # every fourth input is for the test
AT_ONCE = 1000  # test cases


class Sorting:
    """Digits, then the same in order; only the digits in order are asked for.

    Sorting(3, 6): 0 0 2 1 0 1 | 0 0 0 1 1 2. All inputs are told apart by one fixed permutation:
    a quarter of them is for the test, no replica trains on it. minGPT splits by a hash that
    differs from process to process.
    """

    def __init__(self, vocabulary: int, length: int):
        self.vocabulary, self.length, self.longest = vocabulary, length, 2 * length - 1
        every = np.array(list(itertools.product(range(vocabulary), repeat=length)))
        order = chance(SPLIT).permutation(len(every))
        held_out = len(every) // TEST_SHARE
        self.test_inputs, self.train_inputs = every[order[:held_out]], every[order[held_out:]]

    def cases(self, inputs: np.ndarray) -> Batch:
        """inputs: (b, length) -> texts of twice that, all but the last token."""
        texts = np.concatenate([inputs, np.sort(inputs, 1)], 1)
        return next_tokens(texts, np.arange(self.longest)[None] >= self.length - 1)

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """Inputs drawn from those for training."""
        chosen = chance(TRAIN, *key, step).integers(len(self.train_inputs), size=size)
        return self.cases(self.train_inputs[chosen])

    def test(self, key: Key, step: int) -> list[Batch]:
        """All inputs that are for the test."""
        inputs = self.test_inputs
        return [self.cases(inputs[i : i + AT_ONCE]) for i in range(0, len(inputs), AT_ONCE)]


def sorted_share(trained: TrainedSequence[Sorting, SequenceModel], inputs: np.ndarray) -> float:
    """The share of inputs (b, length) after which greedy decoding writes them in order."""
    given = torch.from_numpy(inputs).to(trained.device)
    decoded = greedy_continuation(trained.model, given, 2 * trained.task.length)
    right = decoded[:, trained.task.length :] == given.sort(1)[0]
    return float(right.all(1).double().mean())


def measure(trained: TrainedSequence[Sorting, SequenceModel]) -> dict[str, float]:
    """sorted_in_test, sorted_in_training: the share of all inputs of each kind that is sorted."""
    return {
        "sorted_in_test": sorted_share(trained, trained.task.test_inputs),
        "sorted_in_training": sorted_share(trained, trained.task.train_inputs),
    }


texts = Sorting
