"""What is kept for the gradient: all n m weights where written out, n + m vectors where fused."""

import pytest
import torch

from reproduce.transformer.attention import MultiHeadAttention, attention


def bytes_kept(compute) -> int:
    """Bytes of all tensors that autograd keeps of a computation, shared ones counted once."""
    kept = {}

    def pack(x: torch.Tensor) -> torch.Tensor:
        kept[x.untyped_storage().data_ptr()] = x.untyped_storage().nbytes()
        return x

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        result = compute()  # held, so that no storage is freed and given out again
    assert result.requires_grad
    return sum(kept.values())


def kept_by_attention(n: int, d_v: int, dtype: torch.dtype, mask, causal, fused: bool) -> int:
    leaves = [torch.randn(2, 2, n, w, dtype=dtype, requires_grad=True) for w in (8, 8, d_v)]
    return bytes_kept(lambda: attention(*leaves, mask, causal=causal, fused=fused))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("causal", [None, "upper_left", "lower_right"])
@pytest.mark.parametrize("d_v", [8, 12, 4])
def test_memory_is_linear_where_fused_and_quadratic_where_written(d_v, causal, dtype):
    for fused, at_least, at_most in ((True, 1.9, 2.1), (False, 3.5, 4.0)):
        once, twice = (kept_by_attention(n, d_v, dtype, None, causal, fused) for n in (512, 1024))
        assert at_least <= twice / once <= at_most


def test_padding_of_the_keys_leaves_it_linear():
    once, twice = (
        kept_by_attention(n, 8, torch.float32, torch.rand(2, 1, 1, n) < 0.7, None, True)
        for n in (512, 1024)
    )
    assert 1.9 <= twice / once <= 2.1


def test_a_module_in_training_keeps_no_weights_unless_they_are_watched():
    x = torch.randn(1, 1024, 16)
    module = MultiHeadAttention(16, 4, 4, 4)
    weights = 4 * 4 * 1024**2  # bytes of the weights of 4 heads in single precision
    assert bytes_kept(lambda: module(x, x, None, "upper_left")) < weights / 10
    assert bytes_kept(lambda: module(x, x, None, "upper_left", [])) > weights
