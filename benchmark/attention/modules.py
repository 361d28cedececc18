"""One self-attention block in every way: modules from x (b, n, d) to (b, n, d).

Each is made of the work and of our block, whose weights it has.
"""

import warnings
from dataclasses import replace

from torch import Tensor, nn
from torch.nn import functional

from benchmark.attention.copied import torch_attention, torch_layer
from benchmark.attention.work import BlockWork
from reproduce.transformer.attention import MultiHeadAttention
from reproduce.transformer.layer import EncoderLayer


class Ours(nn.Module):
    """`MultiHeadAttention` as it is."""

    def __init__(self, work: BlockWork, ours: MultiHeadAttention):
        super().__init__()
        self.attention, self.causal = ours, "upper_left" if work.causal else None

    def forward(self, x: Tensor) -> Tensor:
        """Queries, keys and values are x."""
        return self.attention(x, x, causal=self.causal)


class WrittenOut(Ours):
    """The same as the equation is written, with all weights (b, h, n, n) held."""

    def __init__(self, work: BlockWork, ours: MultiHeadAttention):
        attention = replace(work.layer, fused=False).attention()
        attention.load_state_dict(ours.state_dict())
        super().__init__(work, attention)


class Torch(nn.Module):
    """nn.MultiheadAttention, without its weights as a second output."""

    weights = False

    def __init__(self, work: BlockWork, ours: MultiHeadAttention):
        super().__init__()
        self.attention, self.causal = torch_attention(work.layer, ours), work.causal
        self.mask = future(work.n) if work.causal else None

    def forward(self, x: Tensor) -> Tensor:
        """Queries, keys and values are x."""
        words = {"need_weights": self.weights, "attn_mask": self.mask, "is_causal": self.causal}
        return self.attention(x, x, x, **words)[0]


class TorchWithWeights(Torch):
    """With the weights, as it does unless told otherwise."""

    weights = True


class TorchInEval(Torch):
    """In eval mode, where without gradients it takes a path of its own."""

    def __init__(self, work: BlockWork, ours: MultiHeadAttention):
        super().__init__(work, ours)
        self.eval()


class Bare(nn.Module):
    """Three linear maps, torch's kernel, a fourth: nothing else."""

    def __init__(self, work: BlockWork, ours: MultiHeadAttention):
        super().__init__()
        self.h, self.causal = work.layer.h, work.causal
        self.q, self.k, self.v, self.o = ours.W_Q, ours.W_K, ours.W_V, ours.W_O

    def forward(self, x: Tensor) -> Tensor:
        """The heads are views of the maps' outputs."""
        b, n, d = x.shape
        q = self.q(x).view(b, n, self.h, -1).transpose(1, 2)
        k = self.k(x).view(b, n, self.h, -1).transpose(1, 2)
        v = self.v(x).view(b, n, self.h, -1).transpose(1, 2)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.o(y.transpose(1, 2).reshape(b, n, d))


class XTransformers(nn.Module):
    """x-transformers' Attention with torch's kernel, its linear maps replaced by ours.

    By themselves they have no biases.
    """

    def __init__(self, work: BlockWork, ours: MultiHeadAttention):
        super().__init__()
        d, h = work.layer.d_model, work.layer.h
        self.attention = x_attention()(
            d, heads=h, dim_head=work.layer.d_k, causal=work.causal, flash=True
        )
        self.attention.to_q, self.attention.to_k = ours.W_Q, ours.W_K
        self.attention.to_v, self.attention.to_out = ours.W_V, ours.W_O

    def forward(self, x: Tensor) -> Tensor:
        """Queries, keys and values are x."""
        return self.attention(x)


class OurLayer(nn.Module):
    """`EncoderLayer` as it is."""

    def __init__(self, work: BlockWork, ours: EncoderLayer):
        super().__init__()
        self.layer, self.causal = ours, work.causal

    def forward(self, x: Tensor) -> Tensor:
        """x through attention and feed-forward net."""
        return self.layer(x, causal=self.causal)


class TorchLayer(nn.Module):
    """nn.TransformerEncoderLayer."""

    def __init__(self, work: BlockWork, ours: EncoderLayer):
        super().__init__()
        self.layer, self.causal = torch_layer(work.layer, ours), work.causal
        self.mask = future(work.n) if work.causal else None

    def forward(self, x: Tensor) -> Tensor:
        """x through attention and feed-forward net."""
        return self.layer(x, src_mask=self.mask, is_causal=self.causal)


def future(n: int) -> Tensor:
    """What torch.nn asks for beside is_causal: -inf at the keys after a query, (n, n)."""
    return nn.Transformer.generate_square_subsequent_mask(n)


def x_attention() -> type:
    """The class, or ImportError; what else the import has to say is not of interest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from x_transformers import Attention
    return Attention
