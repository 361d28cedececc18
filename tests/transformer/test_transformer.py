"""The models against torch's stacks, counts by hand, and the arrow of time."""

from dataclasses import replace

import pytest
import torch
from arbitrary import drawn, shaken
from torch import nn

from benchmark.attention.copied import copy_layer
from reproduce.transformer.layer import Layer
from reproduce.transformer.model import Embedding, SequenceModel, Transformer
from reproduce.transformer.position import positional_encoding

SHAPE = Layer(d_model=12, d_ff=20, h=3, d_k=4, d_v=4)
V, N = 13, 2
SOURCE = torch.tensor([[1, 5, 2, 9, 1], [3, 3, 8, 0, 7]])
TARGET = torch.tensor([[4, 1, 1, 6], [2, 12, 0, 5]])
NORMS = pytest.mark.parametrize("norm", ["post", "pre"])
BOTH_WAYS = pytest.mark.parametrize("fused", [True, False], ids=["fused", "written"])


def copied(ours: nn.ModuleList, end: nn.Module, norm: str) -> nn.Module:
    """torch's stack of encoder or decoder layers with the weights of ours."""
    encoder = hasattr(ours[0], "attention")
    kind = nn.TransformerEncoderLayer if encoder else nn.TransformerDecoderLayer
    layer = kind(12, 3, 20, 0.0, batch_first=True, norm_first=norm == "pre", dtype=torch.float64)
    last = None if norm == "post" else end
    if encoder:
        stack = nn.TransformerEncoder(layer, len(ours), last, enable_nested_tensor=False)
    else:
        stack = nn.TransformerDecoder(layer, len(ours), last)
    for own, other in zip(ours, stack.layers, strict=True):
        copy_layer(other, own)
    return stack


def later(n: int) -> torch.Tensor:
    """torch's mask: True where it is forbidden to look."""
    return torch.ones(n, n, dtype=torch.bool).triu(1)


@NORMS
@BOTH_WAYS
@pytest.mark.parametrize("tied", [True, False])
def test_the_whole_model_is_the_stacks_of_torch(tied, fused, norm):
    model = shaken(Transformer(V, N, replace(SHAPE, norm=norm, fused=fused), tied))
    padding = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    x = model.source_embedding.tokens.weight[SOURCE] * 12**0.5 + positional_encoding(5, 12)
    y = model.target_embedding.tokens.weight[TARGET] * 12**0.5 + positional_encoding(4, 12)
    encoder = copied(model.encoder, model.encoder_end, norm)
    decoder = copied(model.decoder, model.decoder_end, norm)
    memory = encoder(x, src_key_padding_mask=~padding)
    y = decoder(y, memory, tgt_mask=later(4), memory_key_padding_mask=~padding)
    last = model.projection
    wanted = y @ last.weight.T + (0 if tied else last.bias)
    found = model(SOURCE, TARGET, padding[:, None, None])
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-11)
    assert (len(model.encoder), len(model.decoder)) == (N, N)


@NORMS
@pytest.mark.parametrize("positions", ["sinusoids", "learned", "none"])
@pytest.mark.parametrize(("causal", "scaled"), [(True, True), (False, False)])
def test_a_stack_over_one_text_is_the_encoder_of_torch(causal, scaled, positions, norm):
    model = SequenceModel(
        *(V, N, replace(SHAPE, norm=norm)),
        causal=causal,
        positions=positions,
        longest=7,
        scaled=scaled,
    )
    x = shaken(model).embedding.tokens.weight[SOURCE] * (12**0.5 if scaled else 1)
    if positions == "sinusoids":
        x = x + positional_encoding(5, 12)
    elif positions == "learned":
        x = x + model.embedding.positions.weight[:5]
    stack = copied(model.layers, model.end, norm)
    wanted = stack(x, mask=later(5) if causal else None) @ model.embedding.tokens.weight.T
    torch.testing.assert_close(model(SOURCE), wanted, rtol=0, atol=1e-11)


@NORMS
@BOTH_WAYS
def test_no_logit_depends_on_a_later_token_and_each_on_all_earlier_ones_and_the_source(norm, fused):
    layer, embedded = replace(SHAPE, norm=norm, fused=fused), []
    model, stack = shaken(Transformer(V, N, layer)), shaken(SequenceModel(V, N, layer))
    for embedding in (model.source_embedding, stack.embedding):
        embedding.register_forward_hook(lambda module, given, out: embedded.append(out))
    of_model, of_stack = model(SOURCE, TARGET), stack(TARGET)
    source, target, text = embedded
    for i in range(4):
        for logits, earlier in ((of_model, target), (of_stack, text)):
            seen = (logits[:, i] * drawn(2, V)).sum()
            by_text, by_source = torch.autograd.grad(
                seen, (earlier, source), retain_graph=True, allow_unused=True
            )
            assert torch.equal(by_text[:, i + 1 :], torch.zeros_like(by_text[:, i + 1 :]))
            assert (by_text[:, : i + 1].norm(dim=-1) > 1e-6).all()
            if logits is of_model:
                assert (by_source.norm(dim=-1) > 1e-6).all()


@NORMS
@BOTH_WAYS
def test_a_row_of_a_batch_is_answered_as_if_alone(norm, fused):
    layer = replace(SHAPE, norm=norm, fused=fused)
    model, lengths = shaken(Transformer(V, N, layer)), (5, 3)
    padding = torch.arange(5) < torch.tensor(lengths)[:, None, None, None]
    together = model(SOURCE, TARGET, padding)
    for row, length in enumerate(lengths):
        alone = model(SOURCE[row : row + 1, :length], TARGET[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone, rtol=0, atol=1e-12)
    stack = shaken(SequenceModel(V, N, layer))
    for row in range(2):
        alone = stack(SOURCE[row : row + 1])
        torch.testing.assert_close(stack(SOURCE)[row : row + 1], alone, rtol=0, atol=1e-12)


@BOTH_WAYS
def test_weights_of_all_heads_on_request_sum_to_1_and_change_no_output(fused):
    layer, watched, of_stack = replace(SHAPE, fused=fused), [], []
    model, stack = shaken(Transformer(V, N, layer)), shaken(SequenceModel(V, N, layer))
    padding = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])[:, None, None]
    assert torch.equal(model(SOURCE, TARGET, padding, watched), model(SOURCE, TARGET, padding))
    assert torch.equal(stack(TARGET, watched=of_stack), stack(TARGET))
    shapes = [(2, 3, 5, 5)] * N + [(2, 3, 4, 4), (2, 3, 4, 5)] * N
    assert [tuple(weights.shape) for weights in watched] == shapes
    assert [tuple(weights.shape) for weights in of_stack] == [(2, 3, 4, 4)] * N
    for weights in (*watched, *of_stack):
        torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]).double())
    for own in (watched[N], watched[N + 2], *of_stack):
        assert not own.triu(1).any()
    for of_source in (*watched[:N], watched[N + 1], watched[N + 3]):
        assert not of_source[1, ..., 3:].any()


@pytest.mark.parametrize("unequal", [{}, {"d_k": 2, "d_v": 5}, {"h": 1, "d_k": 12}])
@pytest.mark.parametrize("tied", [True, False])
@NORMS
def test_parameters_are_those_counted_by_hand(unequal, tied, norm):
    layer = replace(SHAPE, norm=norm, **unequal)
    d, dff, h, dk, dv = layer.d_model, layer.d_ff, layer.h, layer.d_k, layer.d_v
    attn = 2 * d * h * dk + 2 * d * h * dv + (2 * h * dk + h * dv + d)
    ffn = 2 * d * dff + dff + d
    end = 0 if norm == "post" else 2 * d
    body = N * (attn + ffn + 2 * 2 * d + 2 * attn + ffn + 3 * 2 * d) + 2 * end
    ends = V * d if tied else 3 * V * d + V
    model = Transformer(V, N, layer, tied)
    assert sum(parameter.numel() for parameter in model.parameters()) == body + ends
    stack = SequenceModel(V, N, layer, tied=tied)
    body, ends = N * (attn + ffn + 4 * d) + end, V * d if tied else 2 * V * d
    assert sum(parameter.numel() for parameter in stack.parameters()) == body + ends


def test_one_matrix_embeds_both_languages_and_gives_the_logits():
    model, stack = shaken(Transformer(V, N, SHAPE)), shaken(SequenceModel(V, N, SHAPE))
    E = model.source_embedding.tokens.weight
    assert model.target_embedding.tokens.weight is E
    assert model.projection.weight is E
    assert stack.projection.weight is stack.embedding.tokens.weight
    unused = 11  # a token that stands in neither text
    for net, given, matrix in (
        (model, (SOURCE, TARGET), E),
        (stack, (SOURCE,), stack.projection.weight),
    ):
        before = net(*given)
        with torch.no_grad():
            matrix[unused] += 1
        changed = (net(*given) != before).any(0).any(0)
        assert changed.nonzero().flatten().tolist() == [unused]


def test_scaled_embeddings_start_with_variance_1():
    layer = replace(SHAPE, d_model=64)
    tokens = torch.arange(2000)[None]
    scaled = Embedding(2000, layer)(tokens) - positional_encoding(2000, 64, dtype=torch.float32)
    plain = 8 * Embedding(2000, layer, "none", scaled=False)(tokens)
    for vectors in (scaled, plain):
        standard_error = (2 / vectors.numel()) ** 0.5
        assert abs(vectors.square().mean() - 1) < 5 * standard_error


def test_embeddings_and_positions_are_dropped_in_training_only():
    embedding = Embedding(V, replace(SHAPE, dropout=0.5))
    zeros = (embedding(SOURCE.expand(40, 2, 5).flatten(0, 1)) == 0).double().mean()
    assert abs(zeros - 0.5) < 5 * 0.5 / (40 * 2 * 5 * 12) ** 0.5
    assert (embedding.eval()(SOURCE) != 0).all()


def test_embeddings_can_have_a_dropout_of_their_own():
    layer = replace(SHAPE, dropout=0.5)
    assert (Embedding(V, replace(layer, embedding_dropout=0.0))(SOURCE) != 0).all()
    only = Embedding(V, replace(SHAPE, embedding_dropout=0.5))
    assert (only(SOURCE.expand(40, 2, 5).flatten(0, 1)) == 0).any()


def test_positions_that_there_are_not_are_an_error():
    with pytest.raises(ValueError, match="positions=sines: allowed are sinusoids, learned, none"):
        SequenceModel(V, N, SHAPE, positions="sines")
