"""The copy task of The Annotated Transformer (2018 edition, "A First Example").

Asked are the loss at every test, and one text decoded.
"""

import numpy as np
import torch

from reproduce.run.train_sequence import TrainedSequence
from reproduce.transformer.decoding import greedy
from reproduce.transformer.model import Transformer
from reproduce.transformer.sequence import TEST, TRAIN, Batch, Key, chance

NEEDS = {"schema": "copy"}
FIRST = 1  # the token with which every text begins


class Copy:
    """Random symbols from 1 up, to be written once more; new ones at every step and every test.

    Copy(11, 10, 150): texts as 1 7 3 ... of ten tokens out of 1 to 10; 0 stands for padding and
    does not occur.
    """

    def __init__(self, vocabulary: int, length: int, test_cases: int):
        self.vocabulary, self.longest, self.test_cases = vocabulary, length, test_cases

    def cases(self, random: np.random.Generator, size: int) -> Batch:
        """`size` texts as source and, without the last token, as what the decoder has seen."""
        texts = random.integers(1, self.vocabulary, (size, self.longest))
        texts[:, 0] = FIRST
        tokens = torch.from_numpy(texts)
        return Batch(tokens[:, :-1], tokens[:, 1:], tokens)

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """New texts for a replica at a step."""
        return self.cases(chance(TRAIN, *key, step), size)

    def test(self, key: Key, step: int) -> list[Batch]:
        """New texts for a test after a step."""
        return [self.cases(chance(TEST, *key, step), self.test_cases)]


def measure(trained: TrainedSequence[Copy, Transformer]) -> dict[str, float]:
    """loss_at_test_i [nats per token]: of new texts, at the i-th test.

    decodes_the_count [0 or 1]: whether greedy decoding gives 1, 2, ... of the tokens in order when
    they are the source and their first is given.
    """
    columns = {f"loss_at_test_{i}": row[1] for i, row in enumerate(trained.tests, 1)}
    length = min(trained.task.longest, trained.task.vocabulary - 1)
    source = torch.arange(1, length + 1, device=trained.device)[None]
    decoded = greedy(trained.model, source, source[:, :1], length)
    return columns | {"decodes_the_count": float(torch.equal(decoded, source))}


texts = Copy
