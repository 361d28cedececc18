"""A random text that comes twice (Olsson and others 2022, "In-context Learning")."""

import numpy as np

from reproduce.task.sequence import TEST, TRAIN, Batch, Key, chance, next_tokens


class Induction:
    """Some tokens, then `length` others that come twice: from its second token the copy is asked.

    Induction(64, 16, 32, 100): texts of up to 16 + 2 x 16 to 16 + 2 x 32 tokens out of 64, none of
    which occurs otherwise twice. Both the length and how many tokens stand before differ from
    batch to batch: neither a fixed distance nor a fixed place tells what comes next.
    """

    def __init__(self, vocabulary: int, shortest: int, longest: int, test_cases: int):
        most = vocabulary - shortest
        if not shortest <= longest <= most:
            raise ValueError(f"lengths {shortest} to {longest}: allowed are rising ones to {most}")
        self.vocabulary, self.lengths = vocabulary, range(shortest, longest + 1)
        self.longest, self.test_cases = shortest + 2 * longest - 1, test_cases

    def cases(self, random: np.random.Generator, length: int, size: int) -> Batch:
        """`size` texts in which `length` tokens come twice, after 0 to `shortest` others."""
        before = int(random.integers(self.lengths[0] + 1))
        every = np.tile(np.arange(self.vocabulary), (size, 1))
        once = random.permuted(every, axis=1)[:, : before + length]
        texts = np.concatenate([once, once[:, before:]], 1)
        return next_tokens(texts, np.arange(texts.shape[1] - 1)[None] >= before + length)

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """New texts of one length, drawn at the step."""
        random = chance(TRAIN, *key, step)
        return self.cases(random, int(random.integers(len(self.lengths))) + self.lengths[0], size)

    def test(self, key: Key, step: int) -> list[Batch]:
        """The same texts at every test, some of each length."""
        return [self.cases(chance(TEST, n), n, self.test_cases) for n in self.lengths]
