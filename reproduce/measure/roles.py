"""Which head attends to what in a language whose relations are known (Voita and others 2019).

A head attends to the position with its largest weight. Their criterion of a role (section 5.2) is
held against the best fixed offset: the distance at which the word most often stands.
"""

import torch
from torch import Tensor

from reproduce.measure.heads import heads_of, name, silenced, weights_of_heads
from reproduce.task.roles import RELATIONS, WORD
from reproduce.task.sequence import Batch, score

TOLERATED = 0.01  # share right that may be lost when heads are silenced
QUESTION = {"agreement": "verb", "bracket": "end", "copy": "again"}


def attended(weights: Tensor) -> Tensor:
    """The position with the largest weight of every query: (N, b, h, n, m) -> (N, h, b, n)."""
    return weights.argmax(-1).transpose(1, 2)


def relation_shares(task, at: Tensor) -> tuple[dict[str, Tensor], dict[str, float]]:
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


def share_that_can_go(trained) -> float:
    """The largest share of heads that can be silent with at most TOLERATED fewer right.

    One after the other, always the one whose silence costs least loss beside those before it.
    """
    model, tests = trained.model, trained.tests_of_task()
    enough = score(model, tests)[1] - TOLERATED
    left, gone = heads_of(model), []
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


def measure(trained) -> dict[str, float]:
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
