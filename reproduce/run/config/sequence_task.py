"""What sequence models learn: the section `task` of their schemas."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from reproduce.file.text import OWN_TEXT, read_text
from reproduce.run.config.key import key, positive_whole, shown

MIXERS = ("attention", "recurrent", "convolution")
MOST_INPUTS = 100_000  # of the sorting task, which holds them all


@dataclass
class TextTask:
    """A task.

    module: what gives its texts. mixers: by what positions may be mixed. decodes: whether an
    encoder and a decoder learn it.
    """

    module: ClassVar[str]
    mixers: ClassVar[tuple[str, ...]] = ("attention",)
    decodes: ClassVar[bool] = False

    def wrong(self, batch: int) -> Iterator[str]:
        """What is wrong with several keys at once, or with the size of a batch."""
        yield from ()


@dataclass
class CopyTask(TextTask):
    """Symbols from 1 to below vocabulary, to be written once more."""

    module: ClassVar[str] = "copy"
    decodes: ClassVar[bool] = True

    vocabulary: int = key(11, "a whole number from 3 up", lambda v: v >= 3)
    length: int = key(10, "a whole number from 2 up", lambda v: v >= 2)
    test_cases: int = positive_whole(150)


@dataclass
class SortTask(TextTask):
    """`length` digits below `vocabulary`, to be written in order."""

    module: ClassVar[str] = "sort"

    vocabulary: int = key(3, "a whole number from 2 to 10", lambda v: 2 <= v <= 10)
    length: int = key(6, "a whole number from 2 to 7", lambda v: 2 <= v <= 7)

    def wrong(self, batch: int) -> Iterator[str]:
        """More inputs than can be held."""
        if self.vocabulary**self.length > MOST_INPUTS:
            yield (
                f"task.length={self.length}: allowed is at most {MOST_INPUTS} inputs, "
                f"task.vocabulary={self.vocabulary} to the power of task.length"
            )


@dataclass
class RecallTask(TextTask):
    """Pairs of key and value, then the keys again in a text of `length` tokens."""

    module: ClassVar[str] = "recall"

    vocabulary: int = key(256, "a whole number from 16 up", lambda v: v >= 16)
    length: int = key(64, "a whole number from 8 up", lambda v: v >= 8)
    pairs: int = positive_whole(4)
    train_cases: int = positive_whole(10000)
    test_cases: int = positive_whole(1000)

    def wrong(self, batch: int) -> Iterator[str]:
        """Too many pairs for the text or the vocabulary, or too few cases for a batch."""
        if 4 * self.pairs > self.length or self.length % 2:
            yield (
                f"task.length={self.length}: allowed are even numbers from "
                f"4 * task.pairs={4 * self.pairs} up"
            )
        if self.pairs >= self.vocabulary // 2:
            yield f"task.pairs={self.pairs}: allowed are fewer than half of task.vocabulary"
        if batch > self.train_cases:
            yield f"run.batch={batch}: allowed is at most {self.train_cases} cases"


@dataclass
class InductionTask(TextTask):
    """A text of `shortest` to `longest` different tokens that comes twice."""

    module: ClassVar[str] = "induction"

    vocabulary: int = key(64, "a whole number from 4 up", lambda v: v >= 4)
    shortest: int = key(16, "a whole number from 2 up", lambda v: v >= 2)
    longest: int = key(32, "a whole number from 2 up", lambda v: v >= 2)
    test_cases: int = positive_whole(20)

    def wrong(self, batch: int) -> Iterator[str]:
        """Lengths that are in no order, or for which the tokens do not suffice."""
        if not self.shortest <= self.longest <= self.vocabulary - self.shortest:
            yield (
                f"task.longest={self.longest}: allowed are numbers from task.shortest="
                f"{self.shortest} to {self.vocabulary - self.shortest}, so many tokens are left"
            )


@dataclass
class CharactersTask(TextTask):
    """A text in pieces of `length` characters."""

    module: ClassVar[str] = "characters"

    text: str = key(
        "pydoc_data.topics", "pydoc_data.topics (Python's help) or a file of UTF-8 text", bool
    )
    length: int = key(64, "a whole number from 2 up", lambda v: v >= 2)

    def wrong(self, batch: int) -> Iterator[str]:
        """A text that cannot be read or is too short."""
        name, least = f"task.text={shown(self.text)}", 20 * (self.length + 1)
        try:
            text = read_text(self.text)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            yield f"{name}: {reason}; allowed is {OWN_TEXT} or a text file"
            return
        if len(text) < least:
            yield (
                f"{name}: it has {len(text)} characters; allowed are texts of {least} characters up"
            )


@dataclass
class HeadRolesTask(TextTask):
    """Texts of a small language with agreement, brackets and copies."""

    module: ClassVar[str] = "head_roles"

    length: int = key(40, "a whole number from 20 up", lambda v: v >= 20)
    test_cases: int = positive_whole(500)


@dataclass
class DistanceTask(TextTask):
    """One of `symbols` symbols to be remembered over `distance` positions."""

    module: ClassVar[str] = "distance"
    mixers: ClassVar[tuple[str, ...]] = MIXERS

    symbols: int = key(8, "a whole number from 2 up", lambda v: v >= 2)
    distance: int = key(8, "a whole number from 2 up", lambda v: v >= 2)
    test_cases: int = positive_whole(512)
