"""The next character of an English text (nanoGPT, shakespeare_char)."""

import hashlib
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import torch

from reproduce.task.sequence import TRAIN, Batch, Key, chance

OWN_TEXT = "pydoc_data.topics"  # Python's own help, which every machine has
TINY_SHAKESPEARE = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"  # sha256
TRAINED_SHARE = 0.9
AT_ONCE = 64  # test cases


def read_text(name: str) -> str:
    """The text of that name: OWN_TEXT, or a file. OSError or UnicodeError when it cannot be."""
    if name == OWN_TEXT:
        return "\n\n".join(topics[topic] for topic in sorted(topics))
    return Path(name).read_bytes().decode()


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
