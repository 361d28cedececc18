"""Attention against the sums of its equation, torch's own, and where everything is hidden."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from reproduce.network.attention import MultiHeadAttention, attention


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    """Normal numbers in float64."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def some(*shape: int) -> torch.Tensor:
    """A mask in which every row has a key to look at and some have one that is hidden."""
    mask = drawn(*shape, seed=9) > 0
    mask[..., 0] = True
    assert not mask.all()
    return mask


def looped(Q, K, V, mask) -> torch.Tensor:
    """Equation 1 as sums over keys, for one head of one case."""
    rows = []
    for n, q in enumerate(Q.tolist()):
        weights = []
        for m, k in enumerate(K.tolist()):
            score = sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(len(q))
            weights.append(math.exp(score) if mask[n, m] else 0.0)
        share = [weight / sum(weights) for weight in weights]
        rows.append([sum(s * v for s, v in zip(share, col, strict=True)) for col in V.T.tolist()])
    return torch.tensor(rows, dtype=torch.float64)


@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_its_equation_and_torch_s_own(masked):
    Q, K, V = drawn(2, 3, 4, 5), drawn(2, 3, 6, 5, seed=1), drawn(2, 3, 6, 7, seed=2)
    mask = some(2, 3, 4, 6) if masked else None
    found = attention(Q, K, V, mask)
    every = torch.ones(2, 3, 4, 6, dtype=torch.bool) if mask is None else mask
    for b in range(2):
        for h in range(3):
            wanted = looped(Q[b, h], K[b, h], V[b, h], every[b, h])
            torch.testing.assert_close(found[b, h], wanted, rtol=0, atol=1e-12)
    theirs = functional.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-12)


def test_a_query_that_may_look_at_nothing_gets_0_and_finite_gradients():
    Q, K, V = (drawn(3, 4, seed=seed).requires_grad_() for seed in range(3))
    mask = torch.tensor([[True, False, True], [False] * 3, [False, True, True]])
    found = attention(Q, K, V, mask)
    assert torch.equal(found[1], torch.zeros(4).double())
    torch.testing.assert_close(found[[0, 2]], attention(Q[[0, 2]], K, V, mask[[0, 2]]))
    gradients = torch.autograd.grad(found.square().sum(), (Q, K, V))
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert torch.equal(gradients[0][1], torch.zeros(4).double())
    hidden = torch.zeros(3, 3, dtype=torch.bool)
    for gradient in torch.autograd.grad(attention(Q, K, V, hidden).sum(), (Q, K, V)):
        assert torch.equal(gradient, torch.zeros(3, 4).double())


def test_gradients_of_attention_are_those_of_finite_differences():
    mask = torch.tensor([[True, True, False], [False] * 3])
    given = [
        drawn(*shape, seed=s).requires_grad_() for s, shape in enumerate([(2, 4), (3, 4), (3, 2)])
    ]
    assert torch.autograd.gradcheck(attention, given)
    assert torch.autograd.gradcheck(attention, (*given, mask))


def test_attention_looks_at_a_set_and_averages_it():
    Q, K, V = drawn(4, 5), drawn(6, 5, seed=1), drawn(6, 3, seed=2)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    torch.testing.assert_close(attention(Q, K[order], V[order]), attention(Q, K, V))
    shifted = attention(Q, K + drawn(5, seed=3), V)  # adds one number to each row of scores
    torch.testing.assert_close(shifted, attention(Q, K, V))
    ones = attention(1000 * Q, 1000 * K, torch.ones_like(V))
    torch.testing.assert_close(ones, torch.ones(4, 3).double())


def test_heads_of_equal_width_are_torch_multiheadattention():
    ours = MultiHeadAttention(12, h=3, d_k=4, d_v=4).double()
    theirs = nn.MultiheadAttention(12, 3, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        projections = (ours.W_Q, ours.W_K, ours.W_V)
        theirs.in_proj_weight.copy_(torch.cat([W.weight for W in projections]))
        theirs.in_proj_bias.copy_(torch.cat([W.bias for W in projections]))
        theirs.out_proj.load_state_dict(ours.W_O.state_dict())
    queries, memory = drawn(2, 5, 12), drawn(2, 7, 12, seed=1)
    pairs, padding = some(5, 7), some(2, 7)
    for may_attend, hidden in (  # torch's masks are True where it is forbidden to look
        (None, {}),
        (pairs, {"attn_mask": ~pairs}),
        (padding[:, None, None], {"key_padding_mask": ~padding}),
    ):
        wanted, _ = theirs(queries, memory, memory, **hidden)
        torch.testing.assert_close(ours(queries, memory, may_attend), wanted, rtol=0, atol=1e-12)


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
    parameters = sum(parameter.numel() for parameter in module.parameters())
    assert parameters == 2 * 8 * h * d_k + 2 * 8 * h * d_v + (2 * h * d_k + h * d_v + 8)
