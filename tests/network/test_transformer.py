"""The Transformer against torch's layers, the formulas of the paper, and the arrow of time."""

import math

import pytest
import torch
from torch import nn

from reproduce.network.transformer import (
    DecoderLayer,
    EncoderLayer,
    FeedForward,
    Transformer,
    positional_encoding,
)

SHAPE = {"d_model": 12, "d_ff": 20, "h": 3, "d_k": 4, "d_v": 4}
V, N = 13, 2
SOURCE = torch.tensor([[1, 5, 2, 9, 1], [3, 3, 8, 0, 7]])
TARGET = torch.tensor([[4, 1, 1, 6], [2, 12, 0, 5]])


def shaken(module: nn.Module) -> nn.Module:
    """The module in float64 with every parameter moved, LayerNorms and biases too."""
    chance = torch.Generator().manual_seed(0)
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=chance, dtype=torch.float64)
    return module


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def copied(ours: EncoderLayer | DecoderLayer) -> nn.Module:
    """The layer of torch, post-norm and without dropout, with the weights of ours."""
    encoder = isinstance(ours, EncoderLayer)
    layer = nn.TransformerEncoderLayer if encoder else nn.TransformerDecoderLayer
    theirs = layer(12, 3, 20, dropout=0.0, batch_first=True, norm_first=False, dtype=torch.float64)
    pairs = (
        [(ours.attention, theirs.self_attn)]
        if encoder
        else [
            (ours.self_attention, theirs.self_attn),
            (ours.source_attention, theirs.multihead_attn),
        ]
    )
    with torch.no_grad():
        for own, other in pairs:
            projections = (own.W_Q, own.W_K, own.W_V)
            other.in_proj_weight.copy_(torch.cat([W.weight for W in projections]))
            other.in_proj_bias.copy_(torch.cat([W.bias for W in projections]))
            other.out_proj.load_state_dict(own.W_O.state_dict())
    theirs.linear1.load_state_dict(ours.feed_forward[0].state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward[2].state_dict())
    for place, norm in enumerate(ours.norms, 1):
        getattr(theirs, f"norm{place}").load_state_dict(norm.state_dict())
    return theirs


def later(n: int) -> torch.Tensor:
    """torch's mask: True where it is forbidden to look."""
    return torch.ones(n, n, dtype=torch.bool).triu(1)


def test_an_encoder_layer_is_that_of_torch():
    ours, x = shaken(EncoderLayer(**SHAPE)), drawn(2, 5, 12)
    hidden = torch.rand(5, 5, generator=torch.Generator().manual_seed(1)) < 0.3
    hidden.fill_diagonal_(False)
    theirs = copied(ours)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-12)
    torch.testing.assert_close(ours(x, ~hidden), theirs(x, src_mask=hidden), rtol=0, atol=1e-12)


def test_a_decoder_layer_is_that_of_torch():
    ours, y, memory = shaken(DecoderLayer(**SHAPE)), drawn(2, 4, 12), drawn(2, 5, 12, seed=1)
    hidden = torch.rand(4, 5, generator=torch.Generator().manual_seed(1)) < 0.3
    hidden[:, 0] = False
    wanted = copied(ours)(y, memory, tgt_mask=later(4), memory_mask=hidden)
    found = ours(y, memory, ~later(4), ~hidden)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


def test_the_feed_forward_net_is_two_convolutions_of_width_1():
    net, x = shaken(FeedForward(12, 20)), drawn(2, 5, 12)
    first, second = nn.Conv1d(12, 20, 1).double(), nn.Conv1d(20, 12, 1).double()
    for convolution, linear in ((first, net[0]), (second, net[2])):
        convolution.weight.data = linear.weight.data[..., None]
        convolution.bias.data = linear.bias.data
    wanted = second(first(x.mT).clamp(min=0)).mT
    torch.testing.assert_close(net(x), wanted, rtol=0, atol=1e-12)


def test_the_whole_model_is_the_stacks_of_torch_without_final_norms():
    model = shaken(Transformer(V, N, **SHAPE))
    E = model.embedding.weight
    memory = E[SOURCE] * 12**0.5 + positional_encoding(5, 12)
    for layer in model.encoder:
        memory = copied(layer)(memory)
    y = E[TARGET] * 12**0.5 + positional_encoding(4, 12)
    for layer in model.decoder:
        y = copied(layer)(y, memory, tgt_mask=later(4))
    torch.testing.assert_close(model(SOURCE, TARGET), y @ E.T, rtol=0, atol=1e-11)
    assert (len(model.encoder), len(model.decoder)) == (N, N)


def test_no_logit_depends_on_a_later_token_and_each_on_all_earlier_ones_and_the_source():
    model, embedded = shaken(Transformer(V, N, **SHAPE)), []
    model.embedding.register_forward_hook(lambda module, given, out: embedded.append(out))
    logits = model(SOURCE, TARGET)
    source, target = embedded
    for i in range(4):
        seen = (logits[:, i] * drawn(2, V)).sum()
        by_source, by_target = torch.autograd.grad(seen, (source, target), retain_graph=True)
        assert torch.equal(by_target[:, i + 1 :], torch.zeros_like(by_target[:, i + 1 :]))
        assert (by_target[:, : i + 1].norm(dim=-1) > 1e-6).all()
        assert (by_source.norm(dim=-1) > 1e-6).all()


def test_a_row_of_a_batch_is_answered_as_if_alone():
    model = shaken(Transformer(V, N, **SHAPE))
    together = model(SOURCE, TARGET)
    for row in range(2):
        alone = model(SOURCE[row : row + 1], TARGET[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("unequal", [{}, {"d_k": 2, "d_v": 5}])
def test_one_matrix_embeds_both_languages_and_gives_the_logits_and_counts_once(unequal):
    shape = SHAPE | unequal
    model = shaken(Transformer(V, N, **shape))
    d, dff, h, dk, dv = shape.values()
    attn = 2 * d * h * dk + 2 * d * h * dv + (2 * h * dk + h * dv + d)
    ffn = 2 * d * dff + dff + d
    body = N * (attn + ffn + 2 * 2 * d + 2 * attn + ffn + 3 * 2 * d)
    assert sum(parameter.numel() for parameter in model.parameters()) == body + V * d
    before, unused = model(SOURCE, TARGET), 11  # a token that stands in neither text
    with torch.no_grad():
        model.embedding.weight[unused] += 1
    changed = (model(SOURCE, TARGET) != before).any(0).any(0)
    assert changed.nonzero().flatten().tolist() == [unused]


def test_scaled_embeddings_start_with_variance_1():
    model = Transformer(2000, 1, 64, 8, 1, 4, 4)
    tokens = torch.arange(2000)[None]
    scaled = model.embed(tokens) - positional_encoding(2000, 64, dtype=torch.float32)
    standard_error = (2 / scaled.numel()) ** 0.5
    assert abs(scaled.square().mean() - 1) < 5 * standard_error


@pytest.mark.parametrize("d", [6, 512])
def test_positions_are_the_sines_and_cosines_of_the_paper(d):
    table = positional_encoding(50, d)
    for position in (0, 1, 7, 49):
        for i in range(d // 2):
            angle = position / 10000 ** (2 * i / d)
            wanted = [math.sin(angle), math.cos(angle)]
            assert table[position, 2 * i : 2 * i + 2].tolist() == pytest.approx(wanted, abs=1e-13)
    assert table[0].tolist() == [0, 1] * (d // 2)
    assert table[1, :2].tolist() == pytest.approx([math.sin(1), math.cos(1)], abs=1e-15)
    squared = table.square().sum(1).tolist()
    assert squared == pytest.approx([d / 2] * 50, abs=1e-12 * d)


def test_moving_by_k_positions_is_one_rotation_for_each_frequency_wherever_it_starts():
    table = positional_encoding(512, 64).unflatten(1, (32, 2))  # (position, frequency, sin cos)
    for k in (1, 10, 100):
        angle = torch.tensor([k / 10000 ** (2 * i / 64) for i in range(32)], dtype=torch.float64)
        turn = torch.stack([angle.cos(), angle.sin(), -angle.sin(), angle.cos()]).view(2, 2, 32)
        moved = torch.einsum("abf,pfb->pfa", turn, table[:-k])
        torch.testing.assert_close(moved, table[k:], rtol=0, atol=1e-12)


def test_the_longest_wavelength_falls_short_of_the_10000_turns_that_the_paper_says():
    table = positional_encoding(2, 512)
    turns = 1 / math.atan2(*table[1, -2:].tolist())
    assert turns == pytest.approx(9646.6, abs=0.05)


def test_a_table_of_positions_in_single_precision_is_the_rounded_one():
    single = positional_encoding(5000, 64, dtype=torch.float32)
    assert torch.equal(single, positional_encoding(5000, 64).float())
