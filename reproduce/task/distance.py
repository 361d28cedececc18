"""One token to be remembered over a growing distance (Table 1, maximum path length)."""

import numpy as np

from reproduce.task.sequence import TEST, TRAIN, Batch, Key, chance, next_tokens


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
