"""Who may attend to what: polarity, alignment, queries that may attend to nothing, the future."""

import math

import pytest
import torch

from reproduce.transformer.attention import (
    ALIGNMENTS,
    MultiHeadAttention,
    attention,
    attention_weights,
    causal_mask,
)
from reproduce.transformer.layer import Layer
from reproduce.transformer.model import SequenceModel

TYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]
BOTH_WAYS = pytest.mark.parametrize("fused", [True, False], ids=["fused", "written"])


def drawn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Normal numbers, the same in every type but for the rounding."""
    chance = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=chance, dtype=torch.float64).to(dtype)


def in_numbers(mask: torch.Tensor) -> torch.Tensor:
    """A bool mask as numbers to add."""
    return torch.where(mask, 0.0, -math.inf)


# ways in which queries of n = 5 over m = 3 keys may attend to nothing: mask, causal, which queries
ROW = torch.tensor([[True, False, True], [False] * 3, [False, True, True], [False] * 3, [True] * 3])
LAST = torch.tensor([False, False, True]).expand(5, 3)
HIDDEN = {
    "bool": (ROW, None, [1, 3]),
    "float": (in_numbers(ROW), None, [1, 3]),
    "padding": (torch.zeros(2, 1, 1, 3, dtype=torch.bool), None, [0, 1, 2, 3, 4]),
    "lower_right": (None, "lower_right", [0, 1]),
    "bool and upper_left": (LAST, "upper_left", [0, 1]),
    "float and upper_left": (in_numbers(LAST), "upper_left", [0, 1]),
    "bool and lower_right": (ROW, "lower_right", [0, 1, 2, 3]),
}


@BOTH_WAYS
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("way", HIDDEN)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_query_that_may_attend_to_nothing_gets_0_and_finite_gradients(way, dtype, fused, dropout):
    mask, causal, hidden = HIDDEN[way]
    leaves = [drawn(2, 2, m, w, seed=m + w, dtype=dtype) for m, w in ((5, 4), (3, 4), (3, 6))]
    for leaf in leaves:
        leaf.requires_grad_()
    ways = {"causal": causal, "dropout": dropout, "fused": fused}
    found = attention(*leaves, mask, **ways)
    gradients = torch.autograd.grad(found.square().sum() + found.sum(), leaves)
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert torch.equal(found[:, :, hidden], torch.zeros_like(found[:, :, hidden]))
    assert not gradients[0][:, :, hidden].any()
    with torch.no_grad():
        assert not attention(*leaves, mask, **ways)[:, :, hidden].any()
        assert not attention_weights(*leaves[:2], mask, causal)[:, :, hidden].any()
    others = [row for row in range(5) if row not in hidden]
    if dropout == 0:
        assert found[:, :, others].any(-1).all()


@BOTH_WAYS
@pytest.mark.parametrize("way", HIDDEN)
def test_heads_that_see_nothing_give_the_last_bias_whatever_the_switches(way, fused):
    mask, causal, hidden = HIDDEN[way]
    module = MultiHeadAttention(8, 2, 4, 6, dropout=0.5, fused=fused)
    queries, memory = drawn(2, 5, 8).float(), drawn(2, 3, 8, seed=1).float()
    for training in (True, False):
        for gradient in (True, False):
            for watched in (None, []):
                module.train(training)
                with torch.set_grad_enabled(gradient):
                    found = module(queries, memory, mask, causal, watched)
                assert torch.equal(found[:, hidden], module.W_O.bias.expand(2, len(hidden), 8))
                if gradient:
                    module.zero_grad()
                    found.square().sum().backward()
                    assert all(p.grad.isfinite().all() for p in module.parameters())


@pytest.mark.parametrize("way", HIDDEN)
def test_the_fused_way_trusts_no_kernel_with_a_query_that_may_attend_to_nothing(way, monkeypatch):
    def textbook(Q, K, V, mask, dropout, is_causal, scale):
        scores = Q @ K.mT * scale
        added = in_numbers(mask) if mask.dtype == torch.bool else mask
        return (scores + added).softmax(-1) @ V  # nan in a row of -inf

    mask, causal, hidden = HIDDEN[way]
    leaves = [drawn(2, 2, m, 4, seed=m).requires_grad_() for m in (5, 3, 3)]
    wanted = attention(*leaves, mask, causal=causal)
    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", textbook)
    found = attention(*leaves, mask, causal=causal)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    assert not found[:, :, hidden].any()
    gradients = torch.autograd.grad(found.square().sum(), leaves)
    assert all(gradient.isfinite().all() for gradient in gradients)


@BOTH_WAYS
def test_true_and_0_mean_may_attend_and_false_and_minus_infinity_may_not(fused):
    Q, K, V = drawn(1, 4), drawn(3, 4, seed=1), drawn(3, 2, seed=2)
    one = torch.tensor([[False, True, False]])
    for mask in (one, in_numbers(one)):
        torch.testing.assert_close(attention(Q, K, V, mask, fused=fused), V[1:2])


@pytest.mark.parametrize("n", [2, 4, 6])
def test_the_first_query_stands_at_the_first_key_or_the_last_at_the_last(n):
    m = 4
    for i in range(n):
        for j in range(m):
            assert causal_mask(n, m, "upper_left")[i, j] == (j <= i)
            assert causal_mask(n, m, "lower_right")[i, j] == (m - 1 - j >= n - 1 - i)


@BOTH_WAYS
@pytest.mark.parametrize("n", [1, 3, 4])
@pytest.mark.parametrize("word", ["lower_left", "True", ""])
def test_an_alignment_that_there_is_not_is_an_error_that_names_those_there_are(n, word, fused):
    for mask in (None, torch.ones(n, 3, dtype=torch.bool)):
        with pytest.raises(ValueError, match="allowed are " + ", ".join(ALIGNMENTS)):
            attention(drawn(n, 4), drawn(3, 4), drawn(3, 4), mask, causal=word, fused=fused)


@BOTH_WAYS
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.int32])
def test_a_mask_of_whole_numbers_is_an_error(dtype, fused):
    for causal in (None, *ALIGNMENTS):
        with pytest.raises(TypeError, match="allowed are bool and floating point"):
            attention(
                *(drawn(3, 4) for _ in range(3)),
                torch.ones(3, 3, dtype=dtype),
                causal=causal,
                fused=fused,
            )


@BOTH_WAYS
@pytest.mark.parametrize("numbers", [False, True], ids=["bool", "float"])
@pytest.mark.parametrize(
    ("dtype", "score"),
    [
        *((dtype, score) for dtype in TYPES[:3] for score in (1e4, 1e9)),
        (torch.float16, 1e4),
    ],
    ids=str,
)
def test_no_score_is_so_low_that_a_hidden_key_is_seen(dtype, score, numbers, fused):
    """The visible keys have score -`score` or so, the hidden ones +`score`."""
    Q = torch.full((4, 1), score, dtype=dtype)
    K = drawn(4, 1, dtype=dtype) / 100 - 1
    visible = causal_mask(4, 4, "upper_left")
    mask = in_numbers(visible) if numbers else visible
    V = drawn(4, 3, seed=1, dtype=dtype)
    for i in range(4):
        attractive = torch.where(visible[i, :, None], K, 1)
        leaves = [x.clone().requires_grad_() for x in (Q, attractive, V)]
        found = attention(*leaves, mask, fused=fused)[i]
        assert found.isfinite().all()
        _, by_K, by_V = torch.autograd.grad(found.sum(), leaves)
        assert not by_K[i + 1 :].any()
        assert not by_V[i + 1 :].any()
        other = torch.where(visible[i, :, None], V, 7 - V)
        assert torch.equal(attention(Q, attractive, other, mask, fused=fused)[i], found)
        weights = attention_weights(Q, attractive, mask)[i]
        assert not weights[i + 1 :].any()
        torch.testing.assert_close(weights.sum(), torch.ones((), dtype=dtype))


@pytest.mark.parametrize("numbers", [False, True], ids=["bool", "float"])
def test_a_hidden_score_that_overflows_stays_hidden_where_the_equation_is_written_out(numbers):
    Q, K, V = torch.full((1, 1), 1e25), torch.tensor([[1.0], [1e25]]), drawn(2, 3).float()
    first = torch.tensor([[True, False]])
    leaves = [x.requires_grad_() for x in (Q, K, V)]
    found = attention(*leaves, in_numbers(first) if numbers else first, fused=False)
    assert torch.equal(found[0], V[0])
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(found.sum(), leaves))


@BOTH_WAYS
def test_a_whole_model_with_huge_weights_does_not_see_the_future(fused):
    shape = {"d_model": 12, "d_ff": 20, "h": 3, "d_k": 4, "d_v": 4}
    torch.manual_seed(0)
    model = SequenceModel(13, 2, Layer(**shape, fused=fused)).double()
    with torch.no_grad():
        for layer in model.layers:
            layer.attention.W_Q.weight *= 1e4
            layer.attention.W_K.weight *= 1e4
    tokens = torch.tensor([[1, 5, 2, 9, 1, 12]])
    watched = []
    logits = model(tokens, watched=watched)
    assert max(weights.triu(1).abs().max() for weights in watched) == 0
    for i in range(5):
        changed = torch.cat([tokens[:, : i + 1], (tokens[:, i + 1 :] + 3) % 13], 1)
        assert torch.equal(model(changed)[:, : i + 1], logits[:, : i + 1])


@BOTH_WAYS
def test_a_padded_row_of_a_batch_is_answered_as_if_alone(fused):
    module = MultiHeadAttention(8, 2, 4, 6, fused=fused).double()
    x, lengths = drawn(3, 5, 8), (5, 2, 4)
    padding = torch.arange(5) < torch.tensor(lengths)[:, None, None, None]
    for causal in (None, "upper_left"):
        together = module(x, x, padding, causal)
        for row, length in enumerate(lengths):
            alone = x[row : row + 1, :length]
            torch.testing.assert_close(
                together[row : row + 1, :length], module(alone, alone, None, causal)
            )
