"""Attention restricted to a neighbourhood against full attention with a banded mask."""

import pytest
import torch

from reproduce.transformer.attention import attention
from reproduce.transformer.restricted import restricted_attention, windows


def drawn(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def band(n: int, r: int) -> torch.Tensor:
    """Which keys lie at most (r - 1) / 2 positions from a query."""
    return torch.tensor([[2 * abs(i - j) < r for j in range(n)] for i in range(n)])


@pytest.mark.parametrize(("n", "r"), [(1, 1), (7, 1), (7, 3), (8, 5), (6, 11), (5, 15)])
def test_it_is_full_attention_with_a_banded_mask(n, r):
    Q, K, V = drawn(2, 3, n, 4, seed=0), drawn(2, 3, n, 4, seed=1), drawn(2, 3, n, 6, seed=2)
    assert r >= 2 * n - 1 or not band(n, r).all()
    for fused in (True, False):
        wanted = attention(Q, K, V, band(n, r), fused=fused)
        torch.testing.assert_close(restricted_attention(Q, K, V, r), wanted, rtol=0, atol=1e-12)


def test_a_window_of_one_key_gives_the_value_there_and_one_over_all_keys_attention():
    Q, K, V = drawn(5, 4, seed=0), drawn(5, 4, seed=1), drawn(5, 3, seed=2)
    assert torch.equal(restricted_attention(Q, K, V, 1), V)
    torch.testing.assert_close(restricted_attention(Q, K, V, 9), attention(Q, K, V))


def test_nothing_flows_from_outside_the_window_not_even_a_gradient():
    x = drawn(9, 4, seed=0).requires_grad_()
    out = restricted_attention(x, x, x, 5)
    for i in range(9):
        (slope,) = torch.autograd.grad(out[i].sum(), x, retain_graph=True)
        assert (slope != 0).any(-1).tolist() == [abs(i - j) <= 2 for j in range(9)]


def test_windows_are_the_neighbours_and_zeros_beyond_the_ends():
    x = torch.tensor([[1.0], [2.0], [3.0]])
    assert windows(x, 3)[..., 0].tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 0]]


def test_a_window_without_a_centre_is_refused():
    x = drawn(4, 2, seed=0)
    with pytest.raises(ValueError, match=r"r=4.*odd"):
        restricted_attention(x, x, x, 4)
