"""A small language in which it is known what each word depends on (Voita and others 2019)."""

import numpy as np
import torch

from reproduce.task.sequence import IGNORED, TEST, TRAIN, Batch, Key, chance

KINDS = 6  # words of each class
RELATIONS = ("agreement", "bracket", "copy")
CLASSES = ("filler", "singular", "plural", "name", "open", "close")
SINGLE = ("of", "again", "verb", "end", "is", "are")  # words that are alone in their class
WORD = {name: KINDS * place for place, name in enumerate(CLASSES)}  # the first of each class
WORD |= {name: KINDS * len(CLASSES) + place for place, name in enumerate(SINGLE)}
VOCABULARY = KINDS * len(CLASSES) + len(SINGLE)
AT_ONCE = 250  # test cases


class Roles:
    """Texts of `length` words; four questions in each, whose answers stand at known places.

    agreement: after `verb` comes `is` or `are`, by the number of the subject, a noun before which
    there is no `of`; another noun after `of` misleads in half of the texts. bracket: after `end`
    comes the closing word of the innermost bracket that is open; one bracket lies in another.
    copy: after `again` comes the name that was said. Everything between is filler of random
    length, so that no fixed distance tells where to look.
    """

    def __init__(self, length: int, test_cases: int):
        self.vocabulary, self.longest = VOCABULARY, length
        self.test_set, self.test_places = self.cases(chance(TEST), test_cases)

    def text(self, random: np.random.Generator) -> tuple[list[int], list[int], list[int]]:
        """One text: its words, the targets, and for each question the place it depends on."""
        noun = [random.choice(["singular", "plural"]) for _ in range(2)]
        word = {name: WORD[name] + int(random.integers(KINDS)) for name in (*noun, "name")}
        outer, inner = (int(kind) for kind in random.choice(KINDS, 2, replace=False))
        events = [  # (words, target of the last word, by which mark it is known)
            [word[noun[0]]],
            [WORD["of"], WORD[noun[1]] + int(random.integers(KINDS))],
            [word["name"]],
            [WORD["open"] + outer],
            [WORD["open"] + inner],
        ]
        marks = ["subject", "", "name", "outer", "inner"]
        closing = [("end", "inner", WORD["close"] + inner), ("end", "outer", WORD["close"] + outer)]
        verb = ("verb", "subject", WORD["is" if noun[0] == "singular" else "are"])
        again = ("again", "name", word["name"])
        return self.laid_out(random, events, marks, [*closing, verb, again])

    def laid_out(self, random, events, marks, questions) -> tuple[list[int], list[int], list[int]]:
        """Said things in an order by chance, then the questions, with filler between."""
        order = random.permutation(len(events))
        first, second = sorted(np.flatnonzero(order >= 3))  # the outer bracket opens first
        order[first], order[second] = 3, 4
        asked = random.permutation(len(questions))
        first, second = sorted(np.flatnonzero(asked < 2))  # the inner one closes first
        asked[first], asked[second] = 0, 1
        parts = [(events[i], marks[i], None) for i in order]
        for i in asked:
            question, needs, answer = questions[i]
            parts.append(([WORD[question]], needs, answer))
        room = self.longest - sum(len(words) for words, *_ in parts) - len(questions)
        gaps = random.multinomial(room, np.full(len(parts), 1 / len(parts)))
        words, targets, places, where = [], [], [], {}
        for (said, mark, answer), gap in zip(parts, gaps, strict=True):
            words += (WORD["filler"] + random.integers(KINDS, size=gap)).tolist() + said
            targets += [IGNORED] * (gap + len(said) - 1) + [IGNORED if answer is None else answer]
            places += [-1] * (gap + len(said) - 1) + [-1 if answer is None else where[mark]]
            if answer is None:
                where[mark] = len(words) - 1
            else:
                words, targets, places = [*words, answer], [*targets, IGNORED], [*places, -1]
        return words, targets, places

    def cases(self, random: np.random.Generator, size: int) -> tuple[Batch, torch.Tensor]:
        """`size` texts, and where the word is that each question depends on, -1 elsewhere."""
        drawn = [self.text(random) for _ in range(size)]
        words, targets, places = (torch.tensor(column) for column in zip(*drawn, strict=True))
        return Batch(words, targets), places

    def batch(self, key: Key, step: int, size: int) -> Batch:
        """New texts."""
        return self.cases(chance(TRAIN, *key, step), size)[0]

    def test(self, key: Key, step: int) -> list[Batch]:
        """The same texts at every test."""
        parts = (self.test_set.inputs.split(AT_ONCE), self.test_set.targets.split(AT_ONCE))
        return [Batch(*part) for part in zip(*parts, strict=True)]
