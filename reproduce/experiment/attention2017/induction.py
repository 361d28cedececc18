"""A random text that comes twice (Olsson and others 2022, "In-context Learning").

Asked are induction heads: where a token came before, they look at the token after it.
"""

from itertools import cycle

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from reproduce.file.paper import Paper
from reproduce.page.page import page
from reproduce.page.sequence import COLOURS
from reproduce.run.train_sequence import TrainedSequence
from reproduce.transformer.heads import heads_of, name, silenced, weights_of_heads
from reproduce.transformer.model import SequenceModel
from reproduce.transformer.sequence import (
    IGNORED,
    TEST,
    TRAIN,
    Batch,
    Key,
    chance,
    next_tokens,
    score,
)

NEEDS = {"schema": "induction"}


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


def matching(trained: TrainedSequence[Induction, SequenceModel]) -> torch.Tensor:
    """Mean weight from a token of the second text to places after its first occurrence: (N, h, k).

    Place 0 is the token after the first occurrence, place 1 the one after that, up to as many as
    the shortest text has. Over all positions from which something can be told, of all lengths.
    """
    total, count = torch.zeros((), dtype=torch.float64), 0
    for length, batch in zip(trained.task.lengths, trained.tests_of_task(), strict=True):
        weights = weights_of_heads(trained.model, batch)
        queries = (batch.targets[0] != IGNORED).nonzero()[:, 0]
        places = torch.arange(1, trained.task.lengths[0] + 1, device=weights.device)
        keys = queries[:, None] - length + places  # (queries, k)
        found = weights[..., queries[:, None], keys]  # (N, b, h, queries, k)
        total = total + found.sum((1, 3)).double()
        count += len(batch.inputs) * len(queries)
    return total / count


def measure(trained: TrainedSequence[Induction, SequenceModel]) -> dict[str, float]:
    """prefix_matching: the largest mean weight of a head on the token after the first occurrence.

    carrier_matching: the same on any one place after it, the best of all; carrier_distance
    [positions]: how far behind the first occurrence that is, 1 for prefix matching itself.
    best_layer: of that head. matching LAYER HEAD: of each head, at its own best place.
    accuracy_without LAYER HEAD: share right when that head is silent;
    accuracy_without_best_head: when that of carrier_matching is; accuracy_without_another_head: the
    mean over the others of its layer, silenced one by one.
    """
    scores, heads = matching(trained), heads_of(trained.model)
    by_head = {head: float(scores[head].max()) for head in heads}
    best = max(heads, key=by_head.__getitem__)
    right = {}
    for head in heads:
        with silenced(trained.model, [head]):
            right[head] = score(trained.model, trained.tests_of_task())[1]
    others = [right[head] for head in heads if head[0] == best[0] and head != best]
    columns = {f"matching {name(head)}": score for head, score in by_head.items()}
    columns |= {f"accuracy_without {name(head)}": share for head, share in right.items()}
    return columns | {
        "prefix_matching": float(scores[..., 0].max()),
        "carrier_matching": by_head[best],
        "carrier_distance": float(scores[best].argmax() + 1),
        "best_layer": float(best[0] + 1),
        "accuracy_without_best_head": right[best],
        "accuracy_without_another_head": sum(others) / len(others) if others else float("nan"),
    }


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Share right with all heads, without the best and without the others of its layer."""
    kinds = {
        "test_accuracy": "share right",
        "prefix_matching": "weight on the token after\nthe first occurrence",
        "carrier_matching": "weight on the best place\nafter the first occurrence",
        "accuracy_without_best_head": "right without that head",
        "accuracy_without_another_head": "right without the other\nof its layer",
    }
    figure, (axes,) = page(7.2, 3.8)
    groups: list[tuple[object, pd.DataFrame]] = [("", replicas)]
    if "N" in replicas:
        groups = [*replicas.groupby("N")]
    for colour, (N, group) in zip(cycle(COLOURS), groups, strict=False):
        for place, column in enumerate(kinds):
            shift = 0.12 * (1 if colour == COLOURS[0] else -1)
            label = f"{N} layer{'s' if N != 1 else ''}" if place == 0 else None
            y = np.full(len(group), place + shift)
            axes.scatter(group[column], y, color=colour, alpha=0.7, s=18, label=label)
    axes.set_yticks(range(len(kinds)), kinds.values())
    axes.set_xlim(-0.02, 1.02)
    axes.invert_yaxis()
    axes.set_title(f"{record['experiment']}: one point a replica")
    figure.legend(loc="outside lower center", ncols=2, fontsize=7.5)
    return {"induction": figure}


texts = Induction
