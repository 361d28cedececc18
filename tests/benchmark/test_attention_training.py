"""The models of torch.nn and the models side by side learn what our model alone learns."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from benchmark.attention.training import (
    OneModel,
    SideBySide,
    our_model,
    population_peers,
    torch_model,
    training_peers,
)
from benchmark.attention.work import TrainingWork, characters_work, copy_work
from reproduce.transformer.attention import MultiHeadAttention

WORKS = [copy_work(), characters_work(), copy_work(64)]
STEPS, REPLICAS = 3, 3


def small(work: TrainingWork) -> TrainingWork:
    """Of two heads and short texts, with nothing dropped."""
    nothing = dict.fromkeys(("dropout", "attention_dropout", "inner_dropout"), 0.0)
    layer = replace(work.layer, d_model=8, d_ff=12, h=2, d_k=4, d_v=4, **nothing)
    return replace(work, layer=layer, batch=3, n=5)


@pytest.fixture(autouse=True)
def _in_float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def logits(work: TrainingWork, model: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(*work.example(7)[0])


@pytest.mark.parametrize("work", WORKS[:2], ids=lambda work: work.name)
def test_a_model_of_torch_learns_what_ours_learns(work):
    work = small(work)
    ours, theirs = (peer.prepare(work, 1) for peer in training_peers(1))
    before = logits(work, ours.model)
    torch.testing.assert_close(logits(work, theirs.model), before)
    for trainer in (ours, theirs):
        trainer.sweep(STEPS)
    after = logits(work, ours.model)
    assert (after - before).abs().max() > 1e-3
    torch.testing.assert_close(logits(work, theirs.model), after, atol=1e-6, rtol=0)


def test_side_by_side_each_learns_what_it_learns_alone():
    work = small(WORKS[2])
    together = SideBySide(work, REPLICAS, 1)
    together.sweep(STEPS)
    for replica in range(REPLICAS):
        alone = OneModel(work, our_model(work, replica), 1)
        alone.inputs, alone.targets = work.example(replica)
        alone.sweep(STEPS)
        for name, weight in alone.model.named_parameters():
            torch.testing.assert_close(together.weights[name][replica], weight, atol=1e-6, rtol=0)
    first, second = together.weights["projection.weight"][:2]
    assert not torch.equal(first, second)


def shares(model: nn.Module) -> list[float]:
    """Every share of dropout, of attention too, sorted."""
    alone = [part.p for part in model.modules() if isinstance(part, nn.Dropout)]
    kinds = MultiHeadAttention, nn.MultiheadAttention
    return sorted(alone + [part.dropout for part in model.modules() if isinstance(part, kinds)])


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_a_model_of_torch_has_as_many_weights_and_drops_as_much(work):
    models = our_model(work, 0), torch_model(work, 0)
    ours, theirs = (sum(weight.numel() for weight in model.parameters()) for model in models)
    assert ours == theirs
    assert shares(models[0]) == shares(models[1])


def test_the_works_are_those_of_the_experiments():
    copied, characters = WORKS[:2]
    d, d_ff, V = 512, 2048, 11
    attention, feed_forward, norm = 4 * (d * d + d), 2 * d * d_ff + d + d_ff, 2 * d
    encoder, decoder = attention + feed_forward + 2 * norm, 2 * attention + feed_forward + 3 * norm
    counted = sum(weight.numel() for weight in our_model(copied, 0).parameters())
    assert counted == 2 * (encoder + decoder) + 2 * norm + 2 * V * d + (V * d + V)
    d, d_ff, V, n = 128, 512, 90, 64
    layer = 4 * d * d + 2 * d * d_ff + 2 * d
    counted = sum(weight.numel() for weight in our_model(characters, 0).parameters())
    assert counted == 4 * layer + d + V * d + n * d
    assert [work.tokens for work in WORKS] == [30 * 9, 12 * 64, 30 * 9]


def test_only_side_by_side_are_all_models_timed():
    work = small(WORKS[2])
    timed = [peer.prepare(work, REPLICAS).replicas for peer in population_peers(1)]
    assert timed == [1, REPLICAS]
