"""Attention in low precision: errors against float64 beside those of the textbook formula."""

import math

import pytest
import torch

from reproduce.transformer.attention import attention

WORST = 4  # times the error of the textbook formula at the same precision
BOTH_WAYS = pytest.mark.parametrize("fused", [True, False], ids=["fused", "written"])


def rounded(*shape: int, seed: int, dtype: torch.dtype) -> torch.Tensor:
    """Normal numbers that the type can hold."""
    chance = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=chance, dtype=torch.float64).to(dtype)


def textbook(Q, K, V) -> torch.Tensor:
    """Equation 1, operation for operation: the product, then the division."""
    return (Q @ K.mT / math.sqrt(Q.shape[-1])).softmax(-1) @ V


def with_gradients(formula, Q, K, V, G) -> list[torch.Tensor]:
    """The result and the gradients of its product with G, in float64."""
    leaves = [x.clone().requires_grad_() for x in (Q, K, V)]
    found = formula(*leaves)
    results = found.detach(), *torch.autograd.grad(found, leaves, G.to(found.dtype))
    return [result.double() for result in results]


def errors(found: list[torch.Tensor], true: list[torch.Tensor]) -> list[float]:
    """Root mean squared errors."""
    return [float((a - b).square().mean().sqrt()) for a, b in zip(found, true, strict=True)]


@BOTH_WAYS
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize(("d_k", "d_v"), [(64, 64), (48, 48), (16, 64), (64, 16)])
def test_errors_are_at_most_a_few_times_those_of_the_textbook_formula(d_k, d_v, dtype, fused):
    n, m = 48, 80
    shapes = [(2, 2, n, d_k), (2, 2, m, d_k), (2, 2, m, d_v), (2, 2, n, d_v)]
    given = [rounded(*shape, seed=i, dtype=dtype) for i, shape in enumerate(shapes)]
    true = with_gradients(textbook, *(x.double() for x in given))
    plain = errors(with_gradients(textbook, *given), true)
    ours = errors(with_gradients(lambda *leaves: attention(*leaves, fused=fused), *given), true)
    assert min(plain) > 0
    assert all(ours[i] <= WORST * plain[i] for i in range(4)), (ours, plain)


@BOTH_WAYS
def test_products_that_overflow_in_half_precision_before_the_division_do_not_here(fused):
    Q = torch.full((1, 1, 2, 64), 60.0, dtype=torch.float16)
    K = Q.clone()
    K[..., 1, :] = 59.9375  # a score of 28770 and not 28800: weight 0 after the softmax
    V = rounded(1, 1, 2, 3, seed=0, dtype=torch.float16)
    assert textbook(Q, K, V).isnan().all()
    found = with_gradients(lambda *leaves: attention(*leaves, fused=fused), Q, K, V, V)
    assert torch.equal(found[0], V[..., :1, :].double().expand(1, 1, 2, 3))
    assert all(result.isfinite().all() for result in found)
    same = attention(Q, Q, V, fused=fused).double()  # equal scores, so the mean of V
    torch.testing.assert_close(
        same, V.double().mean(-2, keepdim=True).expand_as(same), rtol=0, atol=2**-9
    )


@BOTH_WAYS
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_a_mask_in_single_precision_serves_the_lower_ones(dtype, fused):
    Q, K, V = (rounded(4, 8, seed=i, dtype=dtype) for i in range(3))
    visible = torch.tensor([[True, True, False, True]] * 4)
    mask = torch.where(visible, 0.0, -math.inf)
    found = attention(Q, K, V, mask, fused=fused)
    assert found.dtype == dtype
    assert torch.equal(found, attention(Q, K, V, visible, fused=fused))
