"""Whole models of torch.nn's layers, with the weights of ours. Axis letters as in `work`.

Embedding and last projection, of which torch.nn has none, are ours.
"""

from torch import Tensor, nn

from benchmark.attention.copied import copy_layer, torch_layer
from benchmark.attention.modules import future
from benchmark.attention.work import TrainingWork
from reproduce.transformer.model import SequenceModel, Transformer


def torch_encoder(
    work: TrainingWork, layers: nn.ModuleList, end: nn.Module
) -> nn.TransformerEncoder:
    """Our encoder layers with what ends them."""
    one = torch_layer(work.layer, layers[0])
    stack = nn.TransformerEncoder(one, work.N, end, enable_nested_tensor=False)
    for pair in zip(stack.layers, layers, strict=True):
        copy_layer(*pair)
    return stack


class TorchTransformer(nn.Module):
    """nn.Transformer, for `Transformer`."""

    def __init__(self, work: TrainingWork, ours: Transformer):
        super().__init__()
        layer = work.layer
        self.source_embedding = ours.source_embedding
        self.target_embedding = ours.target_embedding
        self.stacks = nn.Transformer(
            *(layer.d_model, layer.h, work.N, work.N, layer.d_ff, layer.dropout, layer.activation),
            custom_encoder=nn.Identity(),
            batch_first=True,
            norm_first=layer.norm == "pre",
            bias=layer.bias,
        )
        self.stacks.encoder = torch_encoder(work, ours.encoder, ours.encoder_end)
        for pair in zip(self.stacks.decoder.layers, ours.decoder, strict=True):
            copy_layer(*pair)
        self.stacks.decoder.norm = ours.decoder_end
        self.projection = ours.projection
        self.mask = future(work.n - 1)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """source (b, n), target (b, n - 1) -> logits (b, n - 1, vocabulary)."""
        texts = self.source_embedding(source), self.target_embedding(target)
        return self.projection(self.stacks(*texts, tgt_mask=self.mask, tgt_is_causal=True))


class TorchSequenceModel(nn.Module):
    """nn.TransformerEncoder, for `SequenceModel`."""

    def __init__(self, work: TrainingWork, ours: SequenceModel):
        super().__init__()
        self.embedding, self.projection = ours.embedding, ours.projection
        self.stack = torch_encoder(work, ours.layers, ours.end)
        self.mask = future(work.n)

    def forward(self, text: Tensor) -> Tensor:
        """(b, n) -> logits (b, n, vocabulary)."""
        x = self.stack(self.embedding(text), mask=self.mask, is_causal=True)
        return self.projection(x)
