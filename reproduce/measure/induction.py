"""Induction heads: where a token came before, they look at the token after it (Olsson 2022)."""

import torch

from reproduce.measure.heads import heads_of, loss_and_right, name, silenced, weights_of_heads
from reproduce.task.sequence import IGNORED


def prefix_matching(trained) -> torch.Tensor:
    """Mean weight from a token of the second text to the one after its first occurrence: (N, h).

    Over all positions from which something can be told, of texts of all lengths.
    """
    total, count = 0.0, 0
    for length, batch in zip(trained.task.lengths, trained.tests_of_task(), strict=True):
        weights = weights_of_heads(trained.model, batch)
        queries = (batch.targets[0] != IGNORED).nonzero()[:, 0]
        total = total + weights[..., queries, queries - length + 1].sum((1, 3)).double()
        count += len(batch.inputs) * len(queries)
    return total / count


def measure(trained) -> dict[str, float]:
    """prefix_matching LAYER HEAD: of each head; prefix_matching: of the best one.

    accuracy_without_best_head, accuracy_without_another_head: share right when the best head is
    silent, and the mean over all others silenced one by one.
    """
    scores, heads = prefix_matching(trained), heads_of(trained.model)
    by_head = {head: float(scores[head]) for head in heads}
    best = max(heads, key=by_head.get)
    right = {}
    for head in heads:
        with silenced(trained.model, [head]):
            right[head] = loss_and_right(trained.model, trained.tests_of_task())[1]
    others = [share for head, share in right.items() if head != best]
    columns = {f"prefix_matching {name(head)}": score for head, score in by_head.items()}
    return columns | {
        "prefix_matching": by_head[best],
        "accuracy_without_best_head": right[best],
        "accuracy_without_another_head": sum(others) / len(others) if others else float("nan"),
    }
