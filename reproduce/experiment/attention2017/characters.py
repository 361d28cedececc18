"""The next character of an English text (nanoGPT, shakespeare_char), beside counting characters."""

import hashlib
import math

import numpy as np
import torch

from reproduce.file.text import read_text
from reproduce.run.train_sequence import TrainedSequence
from reproduce.transformer.model import SequenceModel
from reproduce.transformer.sequence import TRAIN, Batch, Key, chance

NEEDS = {"schema": "characters"}
TINY_SHAKESPEARE = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"  # sha256
TRAINED_SHARE = 0.9
AT_ONCE = 64  # test cases


class Characters:
    """The first nine tenths of a text for training, the rest for validation.

    Every character that occurs is a token. Validation runs over the whole rest, in pieces of
    `length`; what does not fill a piece is left out.
    """

    def __init__(self, text: str, length: int):
        content = read_text(text)
        self.text_sha256 = hashlib.sha256(content.encode()).hexdigest()
        self.symbols = sorted(set(content))
        codes = {symbol: code for code, symbol in enumerate(self.symbols)}
        tokens = torch.tensor([codes[symbol] for symbol in content])
        cut = int(TRAINED_SHARE * len(tokens))
        self.train_tokens, self.test_tokens = tokens[:cut], tokens[cut:]
        self.vocabulary, self.longest = len(self.symbols), length

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """Pieces that begin anywhere in the training text."""
        last = len(self.train_tokens) - self.longest
        starts = chance(TRAIN, *key, step).integers(last, size=size)
        places = torch.from_numpy(starts[:, None] + np.arange(self.longest + 1))
        pieces = self.train_tokens[places]
        return Batch(pieces[:, :-1], pieces[:, 1:])

    def test(self, key: Key, step: int) -> list[Batch]:
        """The whole validation text, piece after piece."""
        pieces = (len(self.test_tokens) - 1) // self.longest
        inputs = self.test_tokens[: pieces * self.longest].view(pieces, -1)
        targets = self.test_tokens[1 : pieces * self.longest + 1].view(pieces, -1)
        return [
            Batch(*part) for part in zip(inputs.split(AT_ONCE), targets.split(AT_ONCE), strict=True)
        ]


def baselines(train: torch.Tensor, test: torch.Tensor, V: int) -> dict[str, float]:
    """Loss in nats per character on `test` of counts on `train`, each count with one added.

    uniform: all V characters alike. unigram: by how often each occurs. bigram: after each.
    """
    single = torch.bincount(train, minlength=V).double() + 1
    pairs = torch.bincount(train[:-1] * V + train[1:], minlength=V * V).double().view(V, V) + 1
    after = (pairs / pairs.sum(1, keepdim=True)).log()
    return {
        "uniform_loss": math.log(V),
        "unigram_loss": -float((single / single.sum()).log()[test[1:]].mean()),
        "bigram_loss": -float(after[test[:-1], test[1:]].mean()),
    }


def measure(trained: TrainedSequence[Characters, SequenceModel]) -> dict[str, float]:
    """validation_loss [nats per character] on the whole validation text, and the baselines.

    loss_on_tiny_shakespeare: the same where the text is that one, by its sha256; nan elsewhere.
    below_bigram_loss: how far it is below the loss of the bigram counts.
    """
    task, loss = trained.task, trained.tests[-1][1]
    found = baselines(task.train_tokens, task.test_tokens, task.vocabulary)
    same = task.text_sha256 == TINY_SHAKESPEARE
    return found | {
        "validation_loss": loss,
        "below_bigram_loss": found["bigram_loss"] - loss,
        "loss_on_tiny_shakespeare": loss if same else float("nan"),
    }


texts = Characters
