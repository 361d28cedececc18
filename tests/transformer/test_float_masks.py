"""Masks of numbers, large ones too, and masks of any number of dimensions: both ways agree."""

import math

import pytest
import torch
from arbitrary import drawn

from reproduce.transformer.attention import attention

BOTH_WAYS = pytest.mark.parametrize("fused", [True, False], ids=["fused", "written"])
TYPES = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 0.1, torch.float16: 0.01}
B, H, N, M = 2, 3, 4, 5


def leaves(dtype: torch.dtype = torch.float64) -> list[torch.Tensor]:
    """Q, K and V, the same in every type but for the rounding."""
    shapes = (N, 4), (M, 4), (M, 6)
    return [drawn(B, H, *s, seed=i).to(dtype).requires_grad_() for i, s in enumerate(shapes)]


def with_gradients(given: list[torch.Tensor], *mask, **ways) -> list[torch.Tensor]:
    """The attention, and the gradients of a weighted sum of it by Q, K and V; in float64."""
    found = attention(*given, *mask, **ways)
    weights = drawn(*found.shape, seed=5).to(found.dtype)
    gradients = torch.autograd.grad((found * weights).sum(), given)
    return [result.detach().double() for result in (found, *gradients)]


@BOTH_WAYS
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("number", [-1e4, -1e7, -1e9, -3e38, 1e9])
def test_one_number_in_a_whole_row_changes_nothing_however_large(number, dtype, fused):
    mask = torch.zeros(N, M)
    mask[1] = mask[3] = number
    for causal in (None, "upper_left", "lower_right"):
        wanted = with_gradients(leaves(), None, causal=causal, fused=False)
        found = with_gradients(leaves(dtype), mask, causal=causal, fused=fused)
        torch.testing.assert_close(found, wanted, rtol=TYPES[dtype], atol=TYPES[dtype])


@BOTH_WAYS
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("largest", [0.0, -1e9, 1e9])
def test_within_a_row_a_large_number_hides_and_small_ones_count(largest, dtype, fused):
    """The mask is in float64, which can hold the small ones beside the large."""
    bias, hidden = drawn(H, N, M, seed=7), drawn(H, N, M, seed=8) > 0.5
    hidden[..., 0] = False
    wanted = with_gradients(leaves(), bias.masked_fill(hidden, -math.inf), fused=False)
    mask = (bias - 1e9 * hidden) + largest
    found = with_gradients(leaves(dtype), mask, fused=fused)
    tolerance = max(TYPES[dtype], 1e-6)  # float64 holds 1e9 to 1e-7
    torch.testing.assert_close(found, wanted, rtol=tolerance, atol=tolerance)


@BOTH_WAYS
def test_the_largest_number_of_a_row_may_be_one_that_causality_hides(fused):
    mask = torch.full((N, M), -1e9).triu(-1)  # the first rows have their 0 at no key
    mask[0, 1:], mask[1, 2:] = 0, 0
    for dtype in (torch.float32, torch.float16):
        wanted = with_gradients(leaves(), mask.double(), causal="upper_left", fused=False)
        found = with_gradients(leaves(dtype), mask, causal="upper_left", fused=fused)
        torch.testing.assert_close(found, wanted, rtol=TYPES[dtype], atol=TYPES[dtype])
        assert found[0][:, :, 0].any()


@BOTH_WAYS
def test_the_gradient_of_a_mask_does_not_depend_on_what_its_rows_have_in_common(fused):
    given = [x.detach() for x in leaves()]
    bias, found = drawn(H, N, M, seed=7), []
    for shift in (0.0, 1e6):
        leaf = (bias + shift).requires_grad_()
        out = attention(*given, leaf, fused=fused)
        found.append(torch.autograd.grad((out * drawn(*out.shape, seed=5)).sum(), leaf)[0])
    torch.testing.assert_close(*found, rtol=0, atol=1e-8)
    torch.testing.assert_close(found[0].sum(-1), torch.zeros(H, N).double())
    assert found[0].abs().min() > 1e-5


def shapes_of_masks() -> list[tuple[int, ...]]:
    few = [(), (1,), (M,), (N, 1), (1, M), (N, M), (H, 1, M), (H, N, M), (B, 1, 1, M)]
    return [*few, (B, H, N, M), (2, B, 1, N, M)]


@BOTH_WAYS
@pytest.mark.parametrize("shape", shapes_of_masks(), ids=str)
@pytest.mark.parametrize("causal", [None, "upper_left", "lower_right"])
def test_a_mask_of_any_number_of_dimensions_is_that_mask_for_every_pair(causal, shape, fused):
    numbers = drawn(*shape, seed=9)
    hiding = torch.where(numbers > 0.3, -math.inf, numbers)
    for mask in (numbers > -0.3, numbers < -9, numbers, hiding):
        every = mask.expand(torch.broadcast_shapes(mask.shape, (B, H, N, M)))
        wanted = with_gradients(leaves(), every, causal=causal, fused=False)
        found = with_gradients(leaves(), mask, causal=causal, fused=fused)
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


@BOTH_WAYS
def test_a_mask_may_have_texts_and_heads_that_the_queries_do_not_have(fused):
    Q, K, V = drawn(N, 4), drawn(M, 4, seed=1), drawn(M, 6, seed=2)
    mask = drawn(B, H, N, M, seed=3) > 0
    found = attention(Q, K, V, mask, fused=fused)
    for b in range(B):
        for h in range(H):
            torch.testing.assert_close(found[b, h], attention(Q, K, V, mask[b, h], fused=False))


@BOTH_WAYS
@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_empty_texts_give_an_empty_answer_or_0_under_every_mask(n, m, fused):
    for shape in ((), (m,), (n, 1), (n, m)):
        for mask in (
            torch.ones(shape, dtype=torch.bool),
            torch.zeros(shape),
            -1e9 * torch.ones(shape),
        ):
            for causal in (None, "upper_left", "lower_right"):
                given = [drawn(2, x, 4).requires_grad_() for x in (n, m, m)]
                found, *gradients = with_gradients(given, mask, causal=causal, fused=fused)
                assert torch.equal(found, torch.zeros(2, n, 4).double())
                assert not any(gradient.any() for gradient in gradients)
