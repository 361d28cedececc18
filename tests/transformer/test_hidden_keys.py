"""What no query may attend to reaches no output and no gradient, whatever number stands there."""

import math

import pytest
import torch
from arbitrary import drawn, shaken
from torch.utils._python_dispatch import TorchDispatchMode

from reproduce.transformer.attention import MultiHeadAttention, attention, attention_weights
from reproduce.transformer.layer import Cache, Layer
from reproduce.transformer.model import Transformer

BOTH_WAYS = pytest.mark.parametrize("fused", [True, False], ids=["fused", "written"])
POISONS = (math.nan, math.inf, -math.inf)
TYPES = [torch.float64, torch.float32, torch.bfloat16, torch.float16]
B, H, N, M = 2, 3, 4, 6


def in_numbers(mask: torch.Tensor) -> torch.Tensor:
    return torch.where(mask, 0.0, -math.inf)


def some_pairs() -> torch.Tensor:
    """Every head and text hides another key from all, and some others from some."""
    mask = drawn(B, H, N, M, seed=3) > -0.5
    mask[..., 0] = True
    for i in range(B * H):
        mask[i // H, i % H, :, 1 + i % (M - 1)] = False
    return mask


PAD = (torch.arange(M) < torch.tensor([M - 2, M - 1])[:, None])[:, None, None]
KEYS = torch.tensor([True, False, True, True, False, True])
LAST = torch.ones(N, M, dtype=torch.bool)
LAST[-1] = False  # the last query, which alone may see key 3 by `upper_left`, sees nothing
WAYS = {  # mask, causal
    "padding": (PAD, None),
    "padding in numbers": (in_numbers(PAD), None),
    "one row for all": (KEYS, None),
    "one row in numbers": (in_numbers(KEYS), None),
    "pairs": (some_pairs(), None),
    "pairs in numbers": (in_numbers(some_pairs()), None),
    "padding and lower_right": (PAD, "lower_right"),
    "pairs and upper_left": (some_pairs(), "upper_left"),
    "upper_left": (None, "upper_left"),
    "a mask and upper_left": (in_numbers(LAST), "upper_left"),
    "nothing": (torch.tensor(False), None),
}


def visible(mask, causal) -> torch.Tensor:
    """Who may attend to whom: bool (B, H, N, M)."""
    seen = torch.ones(B, H, N, M, dtype=torch.bool)
    if mask is not None:
        seen = seen & (mask if mask.dtype == torch.bool else mask == 0)
    shift = {None: M, "upper_left": 0, "lower_right": M - N}[causal]
    return seen.tril(shift)


def cut(Q, K, V, seen) -> torch.Tensor:
    """Equation 1 over the keys that a query sees, one query after the other."""
    out = torch.zeros(B, H, N, V.shape[-1], dtype=Q.dtype) + 0 * (Q.sum() + K.sum() + V.sum())
    for b, h, n in torch.cartesian_prod(*(torch.arange(x) for x in (B, H, N))).tolist():
        keys = seen[b, h, n].nonzero().flatten()
        if len(keys):
            scores = K[b, h, keys] @ Q[b, h, n] / math.sqrt(Q.shape[-1])
            out[b, h, n] = scores.softmax(-1) @ V[b, h, keys]
    return out


def with_gradients(formula, leaves: list[torch.Tensor]) -> list[torch.Tensor]:
    """The result of a formula, and the gradients of a weighted sum of it by the leaves."""
    found = formula(*leaves)
    weights = drawn(*found.shape, seed=5).to(found.dtype)
    return [found.detach(), *torch.autograd.grad((found * weights).sum(), leaves)]


def same(ours: list[torch.Tensor], others: list[torch.Tensor]) -> bool:
    """Whether they are finite, and equal to the last bit."""
    pairs = zip(ours, others, strict=True)
    return all(a.isfinite().all() and torch.equal(a, b) for a, b in pairs)


@BOTH_WAYS
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_hidden_keys_values_and_queries_do_as_if_they_were_not_there(dtype, way, fused):
    mask, causal = WAYS[way]
    seen = visible(mask, causal)
    unseen, nothing = ~seen.any(-2).unsqueeze(-1), ~seen.any(-1, keepdim=True)
    assert unseen.any()
    hidden = nothing, unseen, unseen
    shapes = (N, 4), (M, 4), (M, 5)
    good = [drawn(B, H, *s, seed=i).to(dtype).requires_grad_() for i, s in enumerate(shapes)]

    def found(*leaves):
        return attention(*leaves, mask, causal=causal, fused=fused)

    clean = with_gradients(found, good)
    if dtype == torch.float64:
        truth = with_gradients(lambda *leaves: cut(*leaves, seen), good)
        torch.testing.assert_close(clean, truth, rtol=0, atol=1e-12)
    for poison in POISONS:
        bad = [x.detach().masked_fill(w, poison) for x, w in zip(good, hidden, strict=True)]
        poisoned = with_gradients(found, [x.requires_grad_() for x in bad])
        assert same(poisoned, clean)
        for gradient, where in zip(poisoned[1:], hidden, strict=True):
            assert not gradient[where.expand_as(gradient)].any()


@BOTH_WAYS
def test_under_dropout_too(fused):
    Q, K, V = (drawn(B, H, n, 4, seed=n) for n in (N, M, M + 1))
    K[:, :, 1] = V[:, :, 1] = math.nan
    leaves = [x.requires_grad_() for x in (Q, K, V[:, :, :M])]
    mask = torch.arange(M) != 1
    results = with_gradients(lambda *x: attention(*x, mask, dropout=0.5, fused=fused), leaves)
    assert all(result.isfinite().all() for result in results)
    assert results[0].any()


def test_the_weights_and_their_gradients():
    Q, K = drawn(B, H, N, 4), drawn(B, H, M, 4, seed=1)
    results = []
    for number in (0.5, *POISONS):
        leaves = [Q, K.masked_fill(~KEYS[:, None], number)]
        leaves = [x.clone().requires_grad_() for x in leaves]
        results.append(with_gradients(lambda *x: attention_weights(*x, KEYS), leaves))
    assert all(same(poisoned, results[0]) for poisoned in results[1:])


@BOTH_WAYS
def test_keys_that_all_texts_share_and_only_one_of_them_hides(fused):
    Q, K, V = drawn(B, H, N, 4), drawn(M, 4, seed=1), drawn(M, 5, seed=2)
    K[-1] = V[-1] = math.nan
    mask = torch.ones(B, 1, 1, M, dtype=torch.bool)
    mask[0, ..., -1] = False
    found = attention(Q, K, V, mask, fused=fused)
    torch.testing.assert_close(found[0], attention(Q[0], K[:-1], V[:-1], fused=fused))
    assert found[1].isnan().all()


MORE_WAYS = {
    "pairs and padding": (some_pairs() & PAD, None),
    "a query without keys": (LAST, None),
    "a query without keys in numbers": (in_numbers(LAST), None),
    "padding and upper_left": (PAD, "upper_left"),
    "last keys only and lower_right": (torch.arange(M) > M - 2, "lower_right"),
}


@BOTH_WAYS
@pytest.mark.parametrize("way", WAYS | MORE_WAYS)
def test_hidden_memory_and_queries_reach_no_gradient_of_a_projection(way, fused):
    mask, causal = (WAYS | MORE_WAYS)[way]
    seen = visible(mask, causal)
    nothing, unseen = ~seen.any(-1).any(1).unsqueeze(-1), ~seen.any(-2).any(1).unsqueeze(-1)
    no_poison_reaches_a_gradient(mask, causal, fused, N, M, nothing, unseen)


@BOTH_WAYS
def test_queries_before_the_first_key_reach_no_gradient_of_a_projection(fused):
    early = (torch.arange(M) < M - N)[:, None].expand(B, M, 1)
    no_key = torch.zeros(B, N, 1, dtype=torch.bool)
    no_poison_reaches_a_gradient(None, "lower_right", fused, M, N, early, no_key)


def no_poison_reaches_a_gradient(mask, causal, fused, n, m, nothing, unseen) -> None:
    """With NaN in hidden queries and memory, a module gives and learns the same to the last bit."""
    module = MultiHeadAttention(8, H, 4, 5, fused=fused).double()
    clean = drawn(B, n, 8), drawn(B, m, 8, seed=1)
    bad = [x.masked_fill(w, math.nan) for x, w in zip(clean, (nothing, unseen), strict=True)]
    results = []
    for given in (bad, clean):
        leaves, watched = [x.clone().requires_grad_() for x in given], []

        def found(queries, memory, *_, watched=watched):
            return module(queries, memory, mask, causal, watched)

        results.append(with_gradients(found, [*leaves, *module.parameters()]) + watched)
    assert results[0][-1].shape == (B, H, n, m)
    assert same(*results)


@BOTH_WAYS
def test_a_decoder_does_not_see_what_stands_at_the_padding_of_its_memory(fused):
    model = shaken(Transformer(13, 2, Layer(12, 20, 3, 4, 5, fused=fused)))
    target, memory = torch.tensor([[4, 1, 1, 6], [2, 12, 0, 5]]), drawn(B, M, 12)
    bad = memory.masked_fill(~PAD[:, 0, 0, :, None], math.nan)
    wanted = model.decode(target, memory, PAD)
    found = model.decode(target, bad, PAD)
    assert torch.equal(found, wanted)
    found.square().sum().backward()
    gradients = [p.grad for p in model.decoder.parameters()]
    assert all(gradient.isfinite().all() for gradient in gradients)
    caches = [Cache() for _ in model.decoder]
    steps = [model.decode(target[:, i : i + 1], bad, PAD, first=i, caches=caches) for i in range(4)]
    torch.testing.assert_close(torch.cat(steps, 1), wanted, rtol=0, atol=1e-11)


class Operations(TorchDispatchMode):
    """What torch computes, by name."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, function, types, given=(), named=None):
        self.names.append(str(function))
        return function(*given, **(named or {}))


def operations(compute) -> list[str]:
    """All but those that only look at a part of a tensor, which copies nothing."""
    with Operations() as log:
        compute()
    return [name for name in log.names if name not in ("aten.slice.Tensor", "aten.alias.default")]


def test_where_no_mask_is_given_nothing_is_computed_beside_the_equation():
    Q, K, V = (drawn(B, H, M, 4, seed=i) for i in range(3))
    kernel = torch.nn.functional.scaled_dot_product_attention
    for causal in (None, "upper_left", "lower_right"):
        bare = operations(lambda causal=causal: kernel(Q, K, V, is_causal=causal is not None))
        assert operations(lambda causal=causal: attention(Q, K, V, causal=causal)) == bare
    textbook = operations(lambda: (Q / 2 @ K.mT).softmax(-1) @ V)
    assert operations(lambda: attention(Q, K, V, fused=False)) == textbook
    module = MultiHeadAttention(8, H, 4, 5).double()
    x = drawn(B, M, 8)

    def plain(causal):
        Q, K, V = (module.in_heads(W(x)) for W in (module.W_Q, module.W_K, module.W_V))
        return module.W_O(attention(Q, K, V, causal=causal).transpose(1, 2).flatten(2))

    for causal in (None, "upper_left", "lower_right"):
        bare = operations(lambda causal=causal: plain(causal))
        made = operations(lambda causal=causal: module(x, x, causal=causal))
        assert sorted(made) == sorted(bare)
