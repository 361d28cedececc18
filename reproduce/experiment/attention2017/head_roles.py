"""A small language in which it is known what each word depends on (Voita and others 2019).

A head attends to the position with its largest weight. Their criterion of a role (section 5.2) is
held against the best fixed offset: the distance at which the word most often stands.
"""

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor

from reproduce.file.paper import Paper
from reproduce.page.page import page
from reproduce.run.train_sequence import TrainedSequence
from reproduce.transformer.heads import Head, heads_of, name, silenced, weights_of_heads
from reproduce.transformer.model import SequenceModel
from reproduce.transformer.sequence import IGNORED, TEST, TRAIN, Batch, Key, chance, score

NEEDS = {"schema": "head_roles"}
KINDS = 6  # words of each class
RELATIONS = ("agreement", "bracket", "copy")
CLASSES = ("filler", "singular", "plural", "name", "open", "close")
SINGLE = ("of", "again", "verb", "end", "is", "are")  # words that are alone in their class
WORD = {name: KINDS * place for place, name in enumerate(CLASSES)}  # the first of each class
WORD |= {name: KINDS * len(CLASSES) + place for place, name in enumerate(SINGLE)}
VOCABULARY = KINDS * len(CLASSES) + len(SINGLE)
AT_ONCE = 250  # test cases
TOLERATED = 0.01  # share right that may be lost when heads are silenced
QUESTION = {"agreement": "verb", "bracket": "end", "copy": "again"}


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

    def laid_out(
        self,
        random: np.random.Generator,
        events: list[list[int]],
        marks: list[str],
        questions: list[tuple[str, str, int]],
    ) -> tuple[list[int], list[int], list[int]]:
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


def attended(weights: Tensor) -> Tensor:
    """The position with the largest weight of every query: (N, b, h, n, m) -> (N, h, b, n)."""
    return weights.argmax(-1).transpose(1, 2)


def relation_shares(task: Roles, at: Tensor) -> tuple[dict[str, Tensor], dict[str, float]]:
    """For each relation the share of questions at which a head attends to its word, (N, h).

    And the largest share of them that one fixed offset gives.
    """
    words, places = task.test_set.inputs, task.test_places
    shares, offsets = {}, {}
    for relation in RELATIONS:
        asked = words == WORD[QUESTION[relation]]
        shares[relation] = (at == places).double()[..., asked].mean(-1)
        back = asked.nonzero()[:, 1] - places[asked]
        offsets[relation] = float(back.bincount().max() / len(back))
    return shares, offsets


def positional_shares(at: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The largest share of queries with one offset to where a head attends, and its mean weight.

    Both (N, h); the first position, which sees only itself, is left out.
    """
    back = torch.arange(at.shape[-1], device=at.device) - at  # (N, h, b, n)
    back = back[..., 1:].flatten(2)
    commonest = back.mode(-1)[0][..., None]
    largest = weights.amax(-1)[..., 1:].transpose(1, 2).flatten(2)
    return (back == commonest).double().mean(-1), largest.double().mean(-1)


def share_that_can_go(trained: TrainedSequence[Roles, SequenceModel]) -> float:
    """The largest share of heads that can be silent with at most TOLERATED fewer right.

    One after the other, always the one whose silence costs least loss beside those before it.
    """
    model, tests = trained.model, trained.tests_of_task()
    enough = score(model, tests)[1] - TOLERATED
    gone: list[Head] = []
    left = heads_of(model)
    count = len(left)
    while left:
        found = {}
        for head in left:
            with silenced(model, [*gone, head]):
                found[head] = score(model, tests)
        cheapest = min(left, key=lambda head: found[head][0])
        if found[cheapest][1] < enough:
            break
        gone.append(cheapest)
        left.remove(cheapest)
    return len(gone) / count


def measure(trained: TrainedSequence[Roles, SequenceModel]) -> dict[str, float]:
    """RELATION LAYER HEAD: the share of its questions at which a head attends to its word.

    RELATION_over_offset: of the best head, less that of the best fixed offset, RELATION_offset.
    has_positional_head [0 or 1]: whether a head attends to one offset in at least .9 of the
    queries; positional_share, positional_weight: of the most positional one, and its mean largest
    weight. loss_without LAYER HEAD [nats]: the loss when that head is silent. heads_that_can_go:
    see `share_that_can_go`.
    """
    model, task = trained.model, trained.task
    tests = trained.tests_of_task()
    whole = Batch(*(torch.cat([getattr(b, part) for b in tests]) for part in ("inputs", "targets")))
    weights = weights_of_heads(model, whole).cpu()
    at = attended(weights)
    shares, offsets = relation_shares(task, at)
    columns = {}
    for relation in RELATIONS:
        for head in heads_of(model):
            columns[f"{relation} {name(head)}"] = float(shares[relation][head])
        columns[f"{relation}_offset"] = offsets[relation]
        columns[f"{relation}_over_offset"] = float(shares[relation].max()) - offsets[relation]
    positional, largest = positional_shares(at, weights)
    most = int(positional.argmax())
    for head in heads_of(model):
        with silenced(model, [head]):
            columns[f"loss_without {name(head)}"] = score(model, tests)[0]
    return columns | {
        "has_positional_head": float(positional.max() >= 0.9),
        "positional_share": float(positional.flatten()[most]),
        "positional_weight": float(largest.flatten()[most]),
        "heads_that_can_go": share_that_can_go(trained),
    }


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """For each replica and head: how often it attends to each related word; its silence's cost."""
    relations = ("agreement", "bracket", "copy")
    heads = [c.removeprefix("copy ") for c in replicas.columns if c.startswith("copy layer")]
    figure, axes = page(2.6 * 4, 0.35 * len(replicas) + 2.2, 4)
    for panel, relation in zip(axes, relations, strict=False):
        shares = replicas[[f"{relation} {head}" for head in heads]].to_numpy()
        image = panel.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        offset = replicas[f"{relation}_offset"].iloc[0]
        panel.set_title(f"{relation}\n(best fixed offset {offset:.2f})", fontsize=8.5)
    figure.colorbar(image, ax=axes[2], label="share of questions")
    cost = replicas[[f"loss_without {head}" for head in heads]].sub(replicas["test_loss"], axis=0)
    image = axes[3].imshow(cost.to_numpy(), cmap="Oranges", aspect="auto", vmin=0)
    figure.colorbar(image, ax=axes[3], label="nats")
    axes[3].set_title("loss added when\nthe head is silent", fontsize=8.5)
    labels = [head.replace("layer ", "").replace(" head ", ".") for head in heads]
    for panel in axes:
        panel.set_xticks(range(len(heads)), labels, fontsize=7)
        panel.set_yticks(range(len(replicas)))
        panel.set_xlabel("layer.head")
    axes[0].set_ylabel("replica")
    figure.suptitle(record["experiment"], fontsize=10)
    return {"roles": figure}


texts = Roles
