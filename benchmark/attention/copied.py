"""Our weights in the modules of torch.nn that compute the same."""

import torch
from torch import nn

from reproduce.transformer.attention import MultiHeadAttention
from reproduce.transformer.layer import DecoderLayer, EncoderLayer, Layer

Linears = tuple[nn.Linear, ...]


def torch_attention(layer: Layer, ours: MultiHeadAttention) -> nn.MultiheadAttention:
    """nn.MultiheadAttention with the weights of ours; d_k = d_v = d_model / h."""
    theirs = nn.MultiheadAttention(
        *(layer.d_model, layer.h, layer.attention_dropout, layer.bias), batch_first=True
    )
    copy_attention(theirs, ours)
    return theirs


def torch_layer(layer: Layer, ours: EncoderLayer) -> nn.TransformerEncoderLayer:
    """nn.TransformerEncoderLayer with the weights of ours.

    It has one share of dropout for all places.
    """
    theirs = nn.TransformerEncoderLayer(
        *(layer.d_model, layer.h, layer.d_ff, layer.dropout, layer.activation),
        batch_first=True,
        norm_first=layer.norm == "pre",
        bias=layer.bias,
    )
    copy_layer(theirs, ours)
    return theirs


@torch.no_grad()
def copy_attention(theirs: nn.MultiheadAttention, ours: MultiHeadAttention) -> None:
    """W^Q, W^K and W^V as one matrix, then W^O."""
    inner: Linears = ours.W_Q, ours.W_K, ours.W_V
    theirs.in_proj_weight.copy_(torch.cat([linear.weight for linear in inner]))
    if theirs.in_proj_bias is not None:
        theirs.in_proj_bias.copy_(torch.cat([linear.bias for linear in inner]))
    theirs.out_proj.load_state_dict(ours.W_O.state_dict())


def copy_layer(theirs: nn.Module, ours: EncoderLayer | DecoderLayer) -> None:
    """Attentions, feed-forward net and norms."""
    if isinstance(ours, DecoderLayer):
        copy_attention(theirs.self_attn, ours.self_attention)
        copy_attention(theirs.multihead_attn, ours.source_attention)
    else:
        copy_attention(theirs.self_attn, ours.attention)
    theirs.linear1.load_state_dict(ours.feed_forward[0].state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward[-1].state_dict())
    for number, residual in enumerate(ours.residuals, 1):
        getattr(theirs, f"norm{number}").load_state_dict(residual.norm.state_dict())
