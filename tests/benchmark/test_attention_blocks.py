"""Every way to compute a block gives the numbers of equation 1 in float64, and is counted right."""

import math
import sys

import pytest
import torch
from torch import Tensor

from benchmark.attention.block import BlockPeer, BlockTrainer, block_peers
from benchmark.attention.memory import peak_bytes
from benchmark.attention.work import BlockWork
from reproduce.transformer.layer import Layer

SMALL = Layer(d_model=12, d_ff=20, h=3, d_k=4, d_v=4, norm="pre")
WORKS = [
    BlockWork(5, backward, causal, around, batch=2, layer=SMALL)
    for backward in (False, True)
    for causal in (False, True)
    for around in (False, True)
]
CASES = [(work, peer) for work in WORKS for peer in block_peers(work)]


def name(value) -> str:
    if isinstance(value, BlockPeer):
        return value.name
    return f"{value.name}{' around' if value.around else ''}"


def linear(weights: dict[str, Tensor], layer: str, x: Tensor) -> Tensor:
    return x @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"]


def attention(weights: dict[str, Tensor], x: Tensor, work: BlockWork) -> Tensor:
    """One query of one head of one text after the other; x: (b, n, d)."""
    Q, K, V = (linear(weights, f"attention.W_{letter}", x) for letter in "QKV")
    texts = []
    for q, k, v in zip(Q, K, V, strict=True):
        positions = []
        for i in range(work.n):
            seen = i + 1 if work.causal else work.n
            heads = []
            for h in range(work.layer.h):
                own = slice(h * work.layer.d_k, (h + 1) * work.layer.d_k)
                scores = torch.exp(k[:seen, own] @ q[i, own] / math.sqrt(work.layer.d_k))
                heads.append(scores @ v[:seen, own] / scores.sum())
            positions.append(torch.cat(heads))
        texts.append(torch.stack(positions))
    return linear(weights, "attention.W_O", torch.stack(texts))


def norm(weights: dict[str, Tensor], number: int, x: Tensor) -> Tensor:
    deviation = x - x.mean(-1, keepdim=True)
    scaled = deviation / torch.sqrt(deviation.square().mean(-1, keepdim=True) + 1e-5)
    part = f"residuals.{number}.norm"
    return scaled * weights[f"{part}.weight"] + weights[f"{part}.bias"]


def whole_layer(weights: dict[str, Tensor], x: Tensor, work: BlockWork) -> Tensor:
    """Pre-norm: x + attention(norm(x)), then the same with the feed-forward net (equation 2)."""
    x = x + attention(weights, norm(weights, 0, x), work)
    inner = linear(weights, "feed_forward.0", norm(weights, 1, x)).clamp(min=0)
    return x + linear(weights, "feed_forward.3", inner)


def by_hand(work: BlockWork) -> tuple[Tensor, Tensor]:
    """Output and gradient of x in float64, with the weights of our own block."""
    ours: BlockTrainer = block_peers(work)[0].prepare(work, 1)
    block = ours.block.layer if work.around else ours.block
    weights = {key: value.detach().double() for key, value in block.state_dict().items()}
    x = ours.x.detach().double().requires_grad_()
    y = (whole_layer if work.around else attention)(weights, x, work)
    y.backward(ours.gradient.double())
    return y.detach(), x.grad


@pytest.mark.parametrize(("work", "peer"), CASES, ids=name)
def test_every_peer_computes_the_equation(work, peer):
    if reason := peer.missing(work):
        pytest.skip(f"{peer.name}: {reason}")
    trainer = peer.prepare(work, 1)
    y, slope = by_hand(work)
    torch.testing.assert_close(trainer.call().double(), y, atol=1e-5, rtol=0)
    if work.backward:
        torch.testing.assert_close(trainer.x.grad.double(), slope, atol=1e-5, rtol=0)
        assert all(weight.grad is not None for weight in trainer.block.parameters())
        trainer.sweep(2)
        assert trainer.x.grad is None
        assert all(weight.grad is None for weight in trainer.block.parameters())


@pytest.mark.parametrize("around", [False, True])
def test_all_peers_have_as_many_weights(around):
    work = BlockWork(5, True, around=around, layer=SMALL)
    there = [peer.prepare(work, 1) for peer in block_peers(work) if not peer.missing(work)]
    counts = [sum(weight.numel() for weight in own.block.parameters()) for own in there]
    d, d_ff = 12, 20
    expected = 4 * (d * d + d)
    if around:
        expected += 2 * d * d_ff + d + d_ff + 2 * 2 * d
    assert counts == [expected] * len(there)


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "x_transformers", None)
    work = WORKS[0]
    missing = {peer.name: peer.missing(work) for peer in block_peers(work)}
    reason = missing.pop("x-transformers Attention")
    assert reason == "x-transformers is not installed"
    assert set(missing.values()) == {None}


def test_a_sweep_leaves_the_number_of_threads_as_it_was():
    before = torch.get_num_threads()
    block_peers(WORKS[0])[0].prepare(WORKS[0], 1).sweep(1)
    assert torch.get_num_threads() == before


def test_bytes_are_those_held_at_once():
    mebibyte = 2**20

    def call() -> None:
        first = torch.empty(mebibyte, dtype=torch.uint8)
        second = torch.empty(mebibyte, dtype=torch.uint8)
        del first
        third = torch.empty(2 * mebibyte, dtype=torch.uint8)
        del second, third
        torch.empty(mebibyte, dtype=torch.uint8)

    assert peak_bytes(call) == 3 * mebibyte


def peak(work: BlockWork, peer: int) -> int:
    trainer = block_peers(work)[peer].prepare(work, 1)
    return peak_bytes(lambda: trainer.sweep(1))


@pytest.mark.parametrize("backward", [False, True])
def test_memory_grows_at_most_linearly_unless_the_equation_is_written_out(backward):
    works = [BlockWork(n, backward) for n in (256, 512, 1024)]
    fused, written = ([peak(work, peer) for work in works] for peer in (0, 1))
    assert fused[2] <= 2 * fused[1] <= 4 * fused[0]
    weights = 4 * works[2].layer.h * works[2].n ** 2  # bytes of all weights of attention
    assert fused[2] < weights < written[2]
    assert written[2] / written[1] > 3
