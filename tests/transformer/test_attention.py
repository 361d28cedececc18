"""Attention against the sums of its equation, finite differences and torch's own module."""

import math

import pytest
import torch
from arbitrary import drawn
from torch import nn
from torch.nn import functional

from reproduce.transformer.attention import (
    MultiHeadAttention,
    attention,
    attention_weights,
    causal_mask,
)

CAUSAL = [None, "upper_left", "lower_right"]
LENGTHS = [(3, 5), (4, 4), (5, 3), (1, 4), (4, 1), (1, 1)]  # n queries, m keys


def masks(b: int, h: int, n: int, m: int) -> list[torch.Tensor | None]:
    """None, bool and float ones of several shapes; in some rows everything is hidden."""
    pairs = drawn(b, h, n, m, seed=9) > 0
    padding = torch.arange(m) < torch.tensor([m - m // 2, m]).view(2, 1, 1, 1)
    bias = drawn(h, n, m, seed=8)
    hiding = drawn(b, 1, n, m, seed=7).masked_fill(drawn(n, m, seed=6) > 0, -math.inf)
    nothing = torch.ones(n, 1, dtype=torch.bool)
    nothing[0] = False
    return [None, pairs, padding, bias, hiding, nothing]


def looped(Q, K, V, mask, causal) -> torch.Tensor:
    """Equation 1 as sums over keys, for one head of one case; mask: numbers added to the scores."""
    (n, d_k), m = Q.shape, len(K)
    rows = []
    for i in range(n):
        weights = []
        for j in range(m):
            score = sum(float(Q[i, c]) * float(K[j, c]) for c in range(d_k)) / math.sqrt(d_k)
            late = causal is not None and j > (i if causal == "upper_left" else i + m - n)
            weights.append(0.0 if late else math.exp(score + float(mask[i, j])))
        whole = sum(weights) or 1.0
        rows.append([sum(w * v for w, v in zip(weights, c, strict=True)) / whole for c in V.T])
    return torch.tensor(rows, dtype=torch.float64)


def as_numbers(mask, *shape: int) -> torch.Tensor:
    """What a mask adds to the scores, for every batch, head, query and key."""
    if mask is None:
        return torch.zeros(shape).double()
    if mask.dtype == torch.bool:
        mask = torch.where(mask, 0.0, -math.inf)
    return mask.double().expand(shape)


def with_gradients(Q, K, V, *given, **ways) -> tuple[torch.Tensor, ...]:
    """The attention, and the gradients of a weighted sum of it by Q, K and V."""
    leaves = [x.clone().requires_grad_() for x in (Q, K, V)]
    found = attention(*leaves, *given, **ways)
    return found, *torch.autograd.grad((found * drawn(*found.shape, seed=5)).sum(), leaves)


@pytest.mark.parametrize("causal", CAUSAL)
@pytest.mark.parametrize(("n", "m"), LENGTHS)
@pytest.mark.parametrize("d_v", [3, 2, 4], ids=["d_k = d_v", "d_k > d_v", "d_k < d_v"])
def test_both_ways_are_the_equation_and_have_the_same_gradients_under_every_mask(n, m, d_v, causal):
    Q, K, V = drawn(2, 2, n, 3), drawn(2, 2, m, 3, seed=1), drawn(2, 2, m, d_v, seed=2)
    for mask in masks(2, 2, n, m):
        added = as_numbers(mask, 2, 2, n, m)
        fused, *by_fused = with_gradients(Q, K, V, mask, causal=causal)
        written, *by_written = with_gradients(Q, K, V, mask, causal=causal, fused=False)
        for case in range(2):
            for head in range(2):
                one = case, head
                wanted = looped(Q[one], K[one], V[one], added[one], causal)
                torch.testing.assert_close(written[one], wanted, rtol=0, atol=1e-12)
                torch.testing.assert_close(fused[one], wanted, rtol=0, atol=1e-12)
        torch.testing.assert_close(by_fused, by_written, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("causal", CAUSAL)
def test_gradients_are_those_of_finite_differences(fused, causal):
    Q, K, V = (drawn(2, 1, *s, seed=i) for i, s in enumerate([(3, 2), (2, 2), (2, 3)]))
    leaves = [x.requires_grad_() for x in (Q, K, V)]
    for mask in masks(2, 1, 3, 2):

        def found(*leaves, mask=mask):
            return attention(*leaves, mask, causal=causal, fused=fused)

        assert torch.autograd.gradcheck(found, leaves)


def test_a_float_mask_can_be_learned():
    Q, K, V, bias = drawn(2, 3), drawn(4, 3, seed=1), drawn(4, 3, seed=2), drawn(2, 4, seed=3)
    bias[0, 1] = -math.inf
    found = []
    for fused in (True, False):
        leaf = bias.clone().requires_grad_()
        out = attention(Q, K, V, leaf, fused=fused)
        found.append(torch.autograd.grad((out * drawn(2, 3, seed=5)).sum(), leaf)[0])
    torch.testing.assert_close(*found, rtol=0, atol=1e-12)
    assert found[0][0, 1] == 0
    assert (found[0][1] != 0).all()


def test_attention_looks_at_a_set_and_averages_it():
    Q, K, V = drawn(4, 5), drawn(6, 5, seed=1), drawn(6, 3, seed=2)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    torch.testing.assert_close(attention(Q, K[order], V[order]), attention(Q, K, V))
    shifted = attention(Q, K + drawn(5, seed=3), V)  # adds one number to each row of scores
    torch.testing.assert_close(shifted, attention(Q, K, V))
    ones = attention(1000 * Q, 1000 * K, torch.ones_like(V))
    torch.testing.assert_close(ones, torch.ones(4, 3).double())


def test_the_weights_are_the_softmax_by_hand():
    Q = torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 0]]).double()
    K = torch.tensor([[1.0, 0, 0, 0], [0, 7, 0, 0], [-1, 0, 0, 0]]).double()  # scores 1, 0, -1
    e, whole = math.e, math.e + 1 + 1 / math.e
    every = [[e / whole, 1 / whole, 1 / e / whole], [1 / 3] * 3]
    torch.testing.assert_close(attention_weights(Q, K), torch.tensor(every).double())
    first = attention_weights(Q, K, torch.tensor([[True, True, False], [False] * 3]))
    wanted = [[e / (e + 1), 1 / (e + 1), 0], [0, 0, 0]]
    torch.testing.assert_close(first, torch.tensor(wanted).double())


@pytest.mark.parametrize("fused", [True, False])
def test_heads_of_equal_width_are_torch_multiheadattention(fused):
    ours = MultiHeadAttention(12, h=3, d_k=4, d_v=4, fused=fused).double()
    theirs = nn.MultiheadAttention(12, 3, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        projections = (ours.W_Q, ours.W_K, ours.W_V)
        theirs.in_proj_weight.copy_(torch.cat([W.weight for W in projections]))
        theirs.in_proj_bias.copy_(torch.cat([W.bias for W in projections]))
        theirs.out_proj.load_state_dict(ours.W_O.state_dict())
    queries, memory = drawn(2, 5, 12), drawn(2, 7, 12, seed=1)
    pairs, padding, bias = drawn(5, 7, seed=2) > 0, drawn(2, 7, seed=3) > 0, drawn(5, 7, seed=4)
    pairs[:, 0] = padding[:, 0] = True
    early = causal_mask(5, 7, "lower_right")
    for given, causal, hidden in (  # torch's masks are True where it is forbidden to look
        (None, None, {}),
        (pairs, None, {"attn_mask": ~pairs}),
        (bias, None, {"attn_mask": bias}),
        (padding[:, None, None], None, {"key_padding_mask": ~padding}),
        (None, "lower_right", {"attn_mask": ~early}),
        (pairs, "lower_right", {"attn_mask": ~(pairs & early)}),
    ):
        watched = []
        found = ours(queries, memory, given, causal, watched)
        without, _ = theirs(queries, memory, memory, need_weights=False, **hidden)
        with_them, heads = theirs(
            queries, memory, memory, need_weights=True, average_attn_weights=False, **hidden
        )
        torch.testing.assert_close(found, without, rtol=0, atol=1e-12)
        torch.testing.assert_close(found, with_them, rtol=0, atol=1e-12)
        torch.testing.assert_close(watched[0], heads, rtol=0, atol=1e-12)


def test_concatenated_heads_through_the_last_matrix_are_a_sum_over_heads_of_any_width():
    h, d_k, d_v = 3, 2, 5
    module = MultiHeadAttention(8, h, d_k, d_v).double()
    queries, memory = drawn(2, 4, 8), drawn(2, 6, 8, seed=1)
    wanted = module.W_O.bias
    for i in range(h):
        width, values = slice(i * d_k, (i + 1) * d_k), slice(i * d_v, (i + 1) * d_v)
        Q = queries @ module.W_Q.weight[width].T + module.W_Q.bias[width]
        K = memory @ module.W_K.weight[width].T + module.W_K.bias[width]
        V = memory @ module.W_V.weight[values].T + module.W_V.bias[values]
        head = functional.scaled_dot_product_attention(Q, K, V)
        wanted = wanted + head @ module.W_O.weight[:, values].T
    torch.testing.assert_close(module(queries, memory), wanted, rtol=0, atol=1e-12)

    def count(bias: bool) -> int:
        module = MultiHeadAttention(8, h, d_k, d_v, bias=bias)
        return sum(parameter.numel() for parameter in module.parameters())

    matrices = 2 * 8 * h * d_k + 2 * 8 * h * d_v
    assert (count(False), count(True)) == (matrices, matrices + (2 * h * d_k + h * d_v + 8))


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(("b", "n", "m", "h"), [(1, 1, 1, 1), (0, 3, 4, 2), (2, 0, 4, 2)])
def test_the_smallest_shapes_and_empty_batches_pass(fused, b, n, m, h):
    module = MultiHeadAttention(6, h, 3, 2, fused=fused).double()
    queries, memory = drawn(b, n, 6), drawn(b, m, 6, seed=1)
    for causal in CAUSAL:
        found = module(queries, memory, torch.ones(n, m, dtype=torch.bool), causal)
        assert found.shape == (b, n, 6)
        found.sum().backward()
    if m == 1:  # one key: its value whatever the query
        torch.testing.assert_close(found, module.W_O(module.W_V(memory)))


@pytest.mark.parametrize("fused", [True, False])
def test_where_there_are_no_keys_the_answer_is_0(fused):
    found = attention(drawn(2, 3, 4), drawn(2, 0, 4), drawn(2, 0, 5), fused=fused)
    assert torch.equal(found, torch.zeros(2, 3, 5).double())
