"""Self-attention over one text, alone or in a layer: what is repeated, and the peers.

Every peer starts as a copy of the same block of this project, so that all compute the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmark.attention import modules
from benchmark.attention.threads import threads
from benchmark.attention.work import BlockWork
from reproduce.transformer.layer import EncoderLayer

SEED, THREADS = 0, 2


class BlockTrainer:
    """A block with its input, and the gradient of its output where the work goes backward.

    Blocks stay in training mode, with nothing to drop: in eval mode those of torch.nn take
    another path, which is a peer of its own.
    """

    replicas = 1

    def __init__(self, work: BlockWork, block: nn.Module):
        self.work, self.block = work, block
        shape = work.batch, work.n, work.layer.d_model
        random = torch.Generator().manual_seed(SEED)
        self.x, self.gradient = torch.randn(2, *shape, generator=random)
        self.x.requires_grad_(work.backward)

    def call(self) -> Tensor:
        """One call: the output (b, n, d). Gradients of x and of the weights are left behind."""
        if not self.work.backward:
            with torch.no_grad():
                return self.block(self.x)
        y = self.block(self.x)
        y.backward(self.gradient)
        return y

    def sweep(self, count: int) -> None:
        """Make `count` calls, each with gradients made anew."""
        with threads(THREADS):
            for _ in range(count):
                self.call()
                self.block.zero_grad()
                self.x.grad = None


def anything(work: BlockWork) -> None:
    """Takes part in every work."""


def no_package(work: BlockWork) -> str | None:
    """Whether x-transformers is missing."""
    try:
        modules.x_attention()
    except ImportError:
        return "x-transformers is not installed"
    return None


@dataclass(frozen=True)
class BlockPeer:
    """A way to compute a block. build: from the work and our block to a module."""

    name: str
    build: Callable[[BlockWork, nn.Module], nn.Module]
    missing: Callable[[BlockWork], str | None] = anything
    threads: int = THREADS

    def prepare(self, work: BlockWork, replicas: int) -> BlockTrainer:
        """The block before its first call."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            ours = EncoderLayer(work.layer) if work.around else work.layer.attention()
        return BlockTrainer(work, self.build(work, ours))


def attention_peers(work: BlockWork) -> list[BlockPeer]:
    """All ways to compute attention alone, in the order in which they take their turn, ours first.

    In eval mode nn.MultiheadAttention goes a way of its own only without gradient and mask.
    """
    plain = not work.backward and not work.causal
    in_eval = [BlockPeer("nn.MultiheadAttention in eval mode", modules.TorchInEval)]
    return [
        BlockPeer("ours", modules.Ours),
        BlockPeer("ours, written out", modules.WrittenOut),
        BlockPeer("nn.MultiheadAttention", modules.Torch),
        BlockPeer("nn.MultiheadAttention with weights", modules.TorchWithWeights),
        *(in_eval if plain else []),
        BlockPeer("bare kernel and projections", modules.Bare),
        BlockPeer("x-transformers Attention", modules.XTransformers, no_package),
    ]


def layer_peers() -> list[BlockPeer]:
    """The ways to compute the layer around it, ours first."""
    return [
        BlockPeer("our EncoderLayer", modules.OurLayer),
        BlockPeer("nn.TransformerEncoderLayer", modules.TorchLayer),
    ]


def block_peers(work: BlockWork) -> list[BlockPeer]:
    """Those of the block of this work."""
    return layer_peers() if work.around else attention_peers(work)
