"""With a cache of keys and values, steps give what a full pass over all tokens gives."""

from dataclasses import replace

import pytest
import torch
from arbitrary import shaken
from torch import nn
from torch.nn import functional

from reproduce.transformer.decoding import greedy, greedy_continuation
from reproduce.transformer.layer import Cache, Layer
from reproduce.transformer.model import SequenceModel, Transformer

SHAPE = Layer(d_model=12, d_ff=20, h=3, d_k=4, d_v=5)
V, N = 13, 2
SOURCE = torch.tensor([[1, 5, 2, 9, 1], [3, 3, 8, 0, 7]])
TEXT = torch.tensor([[4, 1, 1, 6, 9, 2, 10], [2, 12, 0, 5, 5, 11, 3]])
CHUNKS = pytest.mark.parametrize("chunks", [[1] * 7, [3, 4], [2, 1, 3, 1], [7]], ids=str)
KINDS = pytest.mark.parametrize(
    "layer",
    [replace(SHAPE, norm=norm, fused=fused) for norm in ("post", "pre") for fused in (True, False)],
    ids=lambda layer: f"{layer.norm}-{'fused' if layer.fused else 'written'}",
)


@pytest.fixture(autouse=True)
def _one_start():
    torch.manual_seed(0)


def stack(layer: Layer, positions: str, **how) -> SequenceModel:
    return shaken(SequenceModel(V, N, layer, positions=positions, longest=9, **how))


def stepped(logits, chunks: list[int]) -> torch.Tensor:
    """The logits of TEXT, so many new tokens at a time."""
    first, found = 0, []
    for chunk in chunks:
        found.append(logits(TEXT[:, first : first + chunk], first))
        first += chunk
    return torch.cat(found, 1)


@KINDS
@CHUNKS
def test_the_decoder_in_steps_is_the_full_pass(layer, chunks):
    model, caches = shaken(Transformer(V, N, layer)), [Cache() for _ in range(N)]
    padding = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])[:, None, None]
    memory = model.encode(SOURCE, padding)
    found = stepped(
        lambda new, first: model.decode(new, memory, padding, first=first, caches=caches), chunks
    )
    torch.testing.assert_close(found, model(SOURCE, TEXT, padding), rtol=0, atol=1e-11)


@KINDS
@CHUNKS
@pytest.mark.parametrize("positions", ["sinusoids", "learned", "none"])
def test_a_stack_over_one_text_in_steps_is_the_full_pass(layer, positions, chunks):
    model, caches = stack(layer, positions), [Cache() for _ in range(N)]
    found = stepped(lambda new, first: model(new, first=first, caches=caches), chunks)
    torch.testing.assert_close(found, model(TEXT), rtol=0, atol=1e-11)


def test_keys_and_values_of_every_token_and_of_the_source_are_made_once():
    model, caches, made = shaken(Transformer(V, N, SHAPE)), [Cache() for _ in range(N)], []
    for layer in model.decoder:
        for attention in (layer.self_attention, layer.source_attention):
            attention.W_K.register_forward_hook(lambda module, given, out: made.append(out.shape))
    memory = model.encode(SOURCE)
    stepped(lambda new, first: model.decode(new, memory, first=first, caches=caches), [1] * 7)
    lengths = sorted(shape[1] for shape in made)
    assert lengths == [1] * 7 * N + [5] * N
    for cache in caches:
        assert [x.shape for x in cache.own] == [(2, 3, 7, 4), (2, 3, 7, 5)]


def counting(model: nn.Module, embedding: nn.Module) -> nn.Module:
    """The model as it starts, with a last projection that favours the next number: texts change."""
    model = model.double()
    with torch.no_grad():
        model.projection.weight.copy_(functional.normalize(embedding.tokens.weight).roll(1, 0))
        for learned in embedding.positions.parameters():
            learned.normal_()
    return model


def by_full_passes(logits, start: torch.Tensor, length: int) -> torch.Tensor:
    """Greedy decoding without a cache; no two logits may be the same to rounding."""
    tokens = start
    while tokens.shape[1] < length:
        two = logits(tokens)[:, -1].topk(2)
        assert (two.values[:, 0] - two.values[:, 1] > 1e-6).all()
        tokens = torch.cat([tokens, two.indices[:, :1]], 1)
    return tokens


@KINDS
@pytest.mark.parametrize("given", [1, 3])
def test_greedy_decoding_is_the_argmax_of_full_passes(layer, given):
    model, start = Transformer(V, N, layer, tied=False), TEXT[:, :given]
    counting(model, model.target_embedding)
    wanted = by_full_passes(lambda tokens: model(SOURCE, tokens), start, 9)
    assert torch.equal(greedy(model, SOURCE, start, 9), wanted)
    assert len(wanted[:, given:].unique()) > 3


@KINDS
@pytest.mark.parametrize("given", [1, 3])
@pytest.mark.parametrize("positions", ["sinusoids", "learned"])
def test_greedy_continuation_is_the_argmax_of_full_passes(layer, positions, given):
    model = SequenceModel(V, N, layer, positions=positions, longest=9, tied=False)
    counting(model, model.embedding)
    start = TEXT[:, :given]
    wanted = by_full_passes(model, start, 9)
    assert torch.equal(greedy_continuation(model, start, 9), wanted)
    assert len(wanted[:, given:].unique()) > 3


def test_a_start_of_the_whole_length_is_given_back_and_no_gradient_is_kept():
    model = shaken(Transformer(V, N, SHAPE))
    assert torch.equal(greedy(model, SOURCE, TEXT, 7), TEXT)
    assert not greedy(model, SOURCE, TEXT[:, :1], 3).requires_grad


@pytest.mark.parametrize("given", [0, 4])
def test_a_start_without_a_token_or_longer_than_the_text_is_refused(given):
    start, said = TEXT[:, :given], f"start of {given} tokens: allowed are 1 to length=3"
    with pytest.raises(ValueError, match=said):
        greedy(shaken(Transformer(V, N, SHAPE)), SOURCE, start, 3)
    with pytest.raises(ValueError, match=said):
        greedy_continuation(stack(SHAPE, "sinusoids"), start, 3)


@pytest.mark.parametrize("mixer", ["recurrent", "convolution"])
def test_stacks_of_other_mixers_keep_no_keys_and_values_and_have_no_weights_to_watch(mixer):
    model = stack(replace(SHAPE, mixer=mixer), "sinusoids")
    said = f"mixer={mixer}: allowed with caches or watched is attention"
    with pytest.raises(ValueError, match=said):
        greedy_continuation(model, TEXT[:, :2], 4)
    for unusable in ({"caches": [Cache() for _ in range(N)]}, {"caches": []}, {"watched": []}):
        with pytest.raises(ValueError, match=said):
            model(TEXT, **unusable)
    with pytest.raises(ValueError, match=f"mixer={mixer}: allowed in a Transformer is attention"):
        Transformer(V, N, replace(SHAPE, mixer=mixer))


def test_a_stack_that_is_not_causal_cannot_go_on_from_what_it_has_seen():
    with pytest.raises(ValueError, match="causal=False: allowed with caches is causal=True"):
        greedy_continuation(stack(SHAPE, "sinusoids", causal=False), TEXT[:, :2], 4)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_every_layer_has_a_cache_of_its_own(number):
    model, caches = shaken(Transformer(V, N, SHAPE)), [Cache() for _ in range(number)]
    with pytest.raises(ValueError, match="zip"):
        model.decode(TEXT, model.encode(SOURCE), caches=caches)
    with pytest.raises(ValueError, match="zip"):
        stack(SHAPE, "sinusoids")(TEXT, caches=caches)


def test_learned_positions_end_a_text():
    model = stack(SHAPE, "learned")
    assert greedy_continuation(model, TEXT, 10).shape == (2, 10)  # the last one is not embedded
    with pytest.raises(ValueError, match="10 positions: allowed are at most 9"):
        greedy_continuation(model, TEXT, 11)
