"""Multi-query associative recall (Arora and others 2023, "Zoology", section 4)."""

import numpy as np
import torch

from reproduce.transformer.sequence import IGNORED, SPLIT, TRAIN, Batch, Key, chance

POWER = 0.01  # of the law by which queries come soon after the pairs rather than late
AT_ONCE = 250  # test cases


class Recall:
    """Pairs of a key and a value, then each key once more among noise: its value is asked for.

    Keys are tokens from 1 to below vocabulary / 2, values the upper half. After the pairs stand
    tokens at random from the whole vocabulary, which may equal keys; queries stand at even
    distances behind the pairs. Recall(256, 64, 4, ...): k v k v k v k v . . k . k . .
    """

    def __init__(self, vocabulary: int, length: int, pairs: int, train_cases: int, test_cases: int):
        if 4 * pairs > length:
            raise ValueError(f"{pairs} pairs: allowed are at most {length // 4} in {length} tokens")
        self.vocabulary, self.longest, self.pairs = vocabulary, length - 1, pairs
        self.train_set = self.cases(chance(SPLIT, TRAIN), train_cases)
        self.test_set = self.cases(chance(SPLIT, 1 - TRAIN), test_cases)

    def cases(self, random: np.random.Generator, size: int) -> Batch:
        """`size` texts; the value is asked for at the place of its key's second occurrence."""
        pairs, half = self.pairs, self.vocabulary // 2
        texts = random.integers(self.vocabulary, size=(size, self.longest + 1))
        keys, values, gaps = (np.empty((size, pairs), int) for _ in range(3))
        space = (self.longest + 1 - 2 * pairs) // 2
        law = np.arange(1, space + 1) ** (POWER - 1.0)
        for row in range(size):
            keys[row] = random.choice(np.arange(1, half), pairs, replace=False)
            values[row] = random.choice(np.arange(half, self.vocabulary), pairs, replace=False)
            gaps[row] = random.choice(space, pairs, replace=False, p=law / law.sum())
        texts[:, 0 : 2 * pairs : 2], texts[:, 1 : 2 * pairs : 2] = keys, values
        asked = np.full_like(texts, IGNORED)
        np.put_along_axis(texts, 2 * pairs + 2 * gaps, keys, 1)
        np.put_along_axis(asked, 2 * pairs + 2 * gaps, values, 1)
        inputs, targets = torch.from_numpy(texts), torch.from_numpy(asked)
        return Batch(inputs[:, :-1], targets[:, :-1])

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """The next of the fixed training cases, in an order of the replica's own each epoch."""
        per_epoch = len(self.train_set.inputs) // size
        epoch, place = divmod(step - 1, per_epoch)
        order = chance(TRAIN, *key, epoch).permutation(len(self.train_set.inputs))
        chosen = order[place * size : (place + 1) * size]
        return Batch(self.train_set.inputs[chosen], self.train_set.targets[chosen])

    def test(self, key: Key, step: int) -> list[Batch]:
        """The fixed test cases."""
        parts = zip(
            self.test_set.inputs.split(AT_ONCE), self.test_set.targets.split(AT_ONCE), strict=True
        )
        return [Batch(*part) for part in parts]


texts = Recall
