"""Induction heads: where a token came before, they look at the token after it (Olsson 2022)."""

import torch

from reproduce.measure.heads import heads_of, name, silenced, weights_of_heads
from reproduce.task.sequence import IGNORED, score


def matching(trained) -> torch.Tensor:
    """Mean weight from a token of the second text to places after its first occurrence: (N, h, k).

    Place 0 is the token after the first occurrence, place 1 the one after that, up to as many as
    the shortest text has. Over all positions from which something can be told, of all lengths.
    """
    total, count = 0.0, 0
    for length, batch in zip(trained.task.lengths, trained.tests_of_task(), strict=True):
        weights = weights_of_heads(trained.model, batch)
        queries = (batch.targets[0] != IGNORED).nonzero()[:, 0]
        places = torch.arange(1, trained.task.lengths[0] + 1, device=weights.device)
        keys = queries[:, None] - length + places  # (queries, k)
        found = weights[..., queries[:, None], keys]  # (N, b, h, queries, k)
        total = total + found.sum((1, 3)).double()
        count += len(batch.inputs) * len(queries)
    return total / count


def measure(trained) -> dict[str, float]:
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
    best = max(heads, key=by_head.get)
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
