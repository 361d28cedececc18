"""The study of single layers: true layers pass it, and each kind of wrong one is found out."""

from itertools import islice

import pytest
import torch
from torch import nn
from torch.nn import functional

from reproduce.experiment.attention2017 import block, whole_model
from reproduce.experiment.attention2017.identity import chance_of, normal, redrawn, relative_error
from reproduce.run.config.compose import compose_experiment
from reproduce.transformer import layer
from reproduce.transformer import model as transformer
from reproduce.transformer.layer import Layer

SHAPE = {"d_model": 8, "d_ff": 12, "h": 2, "d_k": 3, "d_v": 5}


@pytest.fixture(scope="module")
def config():
    return compose_experiment(["experiment=attention2017/block", "replicas=6"])


def row(config, replica: int = 0) -> dict[str, float]:
    return next(islice(block.study(config), replica, None))


def test_true_layers_pass(config):
    for found in block.study(config):
        errors = [value for name, value in found.items() if name.startswith("error")]
        assert len(errors) == 7
        assert max(errors) < 1e-12
        assert found["gradient_of_later_targets"] == found["gradient_of_later_tokens"] == 0
        assert (found["is_one_matrix"], found["times_counted"]) == (1, 1)
        assert found["scale_of_embedding"] == pytest.approx(512**0.5, rel=1e-12)
        assert found["places_without_dropout"] == found["change_in_eval"] == 0
        assert found["mean_of_sublayers"] < 1e-12
        assert 0 < found["variance_off_1"] < 1e-4


def test_a_replica_depends_on_seed_and_its_number_alone(config):
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = [row(config, replica) for replica in range(3)]
    assert torch.equal(torch.get_rng_state(), state)
    assert [row(config, replica) for replica in range(3)] == first
    assert len({found["error_of_attention_fused"] for found in first}) > 1


def test_loops_are_attention_of_torch():
    with chance_of(0, 0):
        Q, K, V = normal(4, 3), normal(6, 3), normal(6, 5)
        mask = torch.rand(4, 6) < 0.5
    mask[2] = False
    found = block.looped(Q, K, V, mask)
    seen = mask.any(-1)
    wanted = functional.scaled_dot_product_attention(Q[seen], K, V, attn_mask=mask[seen])
    torch.testing.assert_close(found[seen], wanted, rtol=0, atol=1e-12)
    assert torch.equal(found[2], torch.zeros(5).double())


def test_widths_of_keys_and_values_differ_and_stay_small():
    with chance_of(0, 0) as chance:
        pairs = {block.unequal_widths(chance) for _ in range(500)}
    assert pairs == {(k, v) for k in range(1, 7) for v in range(1, 7) if k != v}


def test_an_error_is_relative_to_the_largest_magnitude():
    assert relative_error(torch.tensor([1.0, -3.5]), torch.tensor([1.0, -4.0])) == 0.125


def test_attention_that_is_scaled_by_another_width_is_found_out(config, monkeypatch):
    true = block.attention

    def scaled_otherwise(Q, K, V, mask=None, **words):
        return true(2 * Q, K, V, mask, **words)

    monkeypatch.setattr(block, "attention", scaled_otherwise)
    found = [row(config, replica) for replica in range(6)]
    assert max(each["error_of_attention_written_out"] for each in found) > 1e-3
    assert max(each["error_of_attention_fused"] for each in found) > 1e-3


def test_a_feed_forward_net_with_another_activation_is_found_out(config, monkeypatch):
    monkeypatch.setitem(layer.ACTIVATIONS, "relu", nn.GELU)
    assert row(config)["error_of_feed_forward"] > 1e-3


def test_a_model_that_looks_ahead_is_found_out(config, monkeypatch):
    true = layer.attend_to_self

    def both_ways(attention, x, mask, causal, watched, cache):
        return true(attention, x, mask, False, watched, cache)

    monkeypatch.setattr(layer, "attend_to_self", both_ways)
    found = row(config)
    assert found["gradient_of_later_targets"] > 1e-6
    assert found["gradient_of_later_tokens"] > 1e-6


def test_matrices_of_their_own_are_found_out(config, monkeypatch):
    def untied(vocabulary, N, shape):
        return transformer.Transformer(vocabulary, N, shape, tied=False)

    monkeypatch.setattr(whole_model, "Transformer", untied)
    found = row(config)
    assert found["is_one_matrix"] == 0
    assert found["times_counted"] == 3
    assert found["error_of_shared_gradient"] > 1e-3


def test_a_copy_without_sharing_is_the_same_function_with_two_more_matrices():
    with chance_of(0, 0):
        model = redrawn(transformer.Transformer(9, 2, Layer(**SHAPE)), 0.3)
        source, target = whole_model.texts(9, 2, 4), whole_model.texts(9, 2, 3)
    apart, three = whole_model.untied(model)
    assert len({id(matrix) for matrix in three}) == 3
    assert len(list(apart.parameters())) == len(list(model.parameters())) + 2
    torch.testing.assert_close(apart(source, target), model(source, target), rtol=0, atol=0)


@pytest.mark.parametrize("dropout", [0.1, 0.6])
def test_the_share_that_is_dropped_is_that_of_the_config(dropout):
    with chance_of(0, 0):
        found = whole_model.as_it_starts(32, 64, dropout)
    elements = 2 * 2 * 64 * 32  # of two embeddings; five sub-layers have more
    margin = 5 * (dropout * (1 - dropout) / elements) ** 0.5
    assert found["share_dropped_of_embeddings"] == pytest.approx(dropout, abs=margin)
    assert found["share_dropped_of_sublayers"] == pytest.approx(dropout, abs=margin)


def test_places_where_nothing_is_dropped_are_counted():
    with chance_of(0, 0):
        assert whole_model.as_it_starts(32, 16, 1e-12)["places_without_dropout"] == 2 + 2 + 3


def test_dropout_that_does_not_end_is_found_out(monkeypatch):
    def always(self, x):
        return functional.dropout(x, self.p)

    monkeypatch.setattr(nn.Dropout, "forward", always)
    with chance_of(0, 0):
        assert whole_model.as_it_starts(32, 16, 0.1)["change_in_eval"] > 1e-3


def test_pre_norm_is_not_what_the_paper_says(monkeypatch):
    def pre_norm(**words):
        return Layer(**words, norm="pre")

    monkeypatch.setattr(whole_model, "Layer", pre_norm)
    with chance_of(0, 0):
        found = whole_model.as_it_starts(32, 16, 0.1)
    assert found["variance_off_1"] > 1e-2
    assert found["mean_of_sublayers"] > 1e-2


def test_gradients_of_later_inputs_are_those_of_a_sum_by_hand():
    x = torch.ones(1, 3, 2, dtype=torch.float64, requires_grad=True)
    forward, backward = x.cumsum(1), x.flip(1).cumsum(1).flip(1)
    with chance_of(0, 0):
        assert whole_model.gradient_of_later(forward, x) == 0
        assert whole_model.gradient_of_later(backward, x) > 0
