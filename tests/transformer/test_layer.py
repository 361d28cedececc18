"""The layers against torch's own, the formulas of section 3, and what dropout may touch."""

import itertools
from dataclasses import replace

import pytest
import torch
from arbitrary import drawn, shaken
from torch import nn

from benchmark.attention.copied import copy_layer
from reproduce.transformer.layer import (
    DecoderLayer,
    EncoderLayer,
    FeedForward,
    Layer,
    MixerLayer,
    Residual,
)

SHAPE = Layer(d_model=12, d_ff=20, h=3, d_k=4, d_v=4)
EVERY_KIND = pytest.mark.parametrize(
    "layer",
    [
        replace(SHAPE, norm=norm, activation=activation, fused=fused)
        for norm, activation, fused in itertools.product(
            ("post", "pre"), ("relu", "gelu"), (True, False)
        )
    ],
    ids=lambda layer: f"{layer.norm}-{layer.activation}-{'fused' if layer.fused else 'written'}",
)


def some(*shape: int) -> torch.Tensor:
    """A mask in which every query may attend to a key and some keys are hidden."""
    visible = drawn(*shape, seed=9) > 0
    visible[..., 0] = True
    assert not visible.all()
    return visible


def copied(ours: EncoderLayer | DecoderLayer, layer: Layer) -> nn.Module:
    """The layer of torch with the weights of ours."""
    encoder = isinstance(ours, EncoderLayer)
    theirs = (nn.TransformerEncoderLayer if encoder else nn.TransformerDecoderLayer)(
        *(layer.d_model, layer.h, layer.d_ff),
        dropout=0.0,
        activation=layer.activation,
        batch_first=True,
        norm_first=layer.norm == "pre",
        dtype=torch.float64,
    )
    copy_layer(theirs, ours)
    return theirs


def same_with_gradients(ours, theirs, x: torch.Tensor) -> None:
    """Two functions of x have one value and one gradient."""
    by_ours, by_theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    found, wanted = ours(by_ours), theirs(by_theirs)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    for result in (found, wanted):
        (result * drawn(*result.shape, seed=5)).sum().backward()
    torch.testing.assert_close(by_ours.grad, by_theirs.grad, rtol=0, atol=1e-12)


@EVERY_KIND
def test_an_encoder_layer_is_that_of_torch(layer):
    ours, x = shaken(EncoderLayer(layer)), drawn(2, 5, 12)
    theirs, pairs, padding = copied(ours, layer), some(5, 5), some(2, 5)
    later = torch.ones(5, 5, dtype=torch.bool).triu(1)
    for given, causal, hidden in (  # torch's masks are True where it is forbidden to look
        (None, False, {}),
        (pairs, False, {"src_mask": ~pairs}),
        (padding[:, None, None], False, {"src_key_padding_mask": ~padding}),
        (None, True, {"src_mask": later}),
        (pairs, True, {"src_mask": ~pairs | later}),
    ):
        same_with_gradients(
            lambda y, given=given, causal=causal: ours(y, given, causal=causal),
            lambda y, hidden=hidden: theirs(y, **hidden),
            x,
        )


@EVERY_KIND
def test_a_decoder_layer_is_that_of_torch(layer):
    ours, y, memory = shaken(DecoderLayer(layer)), drawn(2, 4, 12), drawn(2, 5, 12, seed=1)
    theirs, padding = copied(ours, layer), some(2, 5)
    hidden = {
        "tgt_mask": torch.ones(4, 4, dtype=torch.bool).triu(1),
        "memory_key_padding_mask": ~padding,
    }
    mask = padding[:, None, None]
    same_with_gradients(lambda z: ours(z, memory, mask), lambda z: theirs(z, memory, **hidden), y)
    same_with_gradients(lambda z: ours(y, z, mask), lambda z: theirs(y, z, **hidden), memory)


def test_the_feed_forward_net_is_two_convolutions_of_width_1():
    net, x = shaken(FeedForward(SHAPE)), drawn(2, 5, 12)
    first, second = nn.Conv1d(12, 20, 1).double(), nn.Conv1d(20, 12, 1).double()
    for convolution, linear in ((first, net[0]), (second, net[-1])):
        convolution.weight.data = linear.weight.data[..., None]
        convolution.bias.data = linear.bias.data
    wanted = second(first(x.mT).clamp(min=0)).mT
    torch.testing.assert_close(net(x), wanted, rtol=0, atol=1e-12)


def test_the_norm_is_taken_after_the_sum_or_before_the_sub_layer():
    x = drawn(2, 3, 12)

    def norm(y: torch.Tensor) -> torch.Tensor:
        y = y - y.mean(-1, keepdim=True)
        return y / (y.square().mean(-1, keepdim=True) + 1e-5).sqrt()

    post, pre = (Residual(replace(SHAPE, norm=word)).double() for word in ("post", "pre"))
    torch.testing.assert_close(post(x, torch.sin), norm(x + x.sin()), rtol=0, atol=1e-12)
    torch.testing.assert_close(pre(x, torch.sin), x + norm(x).sin(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("fused", [True, False], ids=["fused", "written"])
@pytest.mark.parametrize("place", ["dropout", "attention_dropout", "inner_dropout"])
def test_dropout_touches_training_and_nothing_else(place, fused, norm):
    plain = replace(SHAPE, norm=norm, fused=fused)
    x, memory = drawn(2, 4, 12), drawn(2, 5, 12, seed=1)
    for kind, given in ((EncoderLayer, (x,)), (DecoderLayer, (x, memory))):
        without, dropping = shaken(kind(plain)), shaken(kind(replace(plain, **{place: 0.5})))
        dropping.load_state_dict(without.state_dict())
        assert not torch.equal(dropping(*given), dropping(*given))
        assert torch.equal(without(*given), without(*given))
        dropping.eval()
        torch.testing.assert_close(dropping(*given), without(*given), rtol=0, atol=1e-12)
        assert torch.equal(dropping(*given), dropping(*given))


@pytest.mark.parametrize("fused", [True, False], ids=["fused", "written"])
def test_the_mean_over_many_dropped_weights_is_the_attention_without(fused):
    layer = replace(SHAPE, attention_dropout=0.5, fused=fused)
    torch.manual_seed(0)
    module, x = shaken(layer.attention()), drawn(1, 4, 12)
    many = module(x.expand(4000, 4, 12), x.expand(4000, 4, 12))
    standard_error = many.std(0) / 4000**0.5
    assert ((many.mean(0) - module.eval()(x, x)[0]).abs() < 5 * standard_error).all()


def test_a_post_norm_sub_layer_starts_with_mean_0_and_variance_1():
    out = EncoderLayer(SHAPE).double()(drawn(2, 5, 12))
    torch.testing.assert_close(out.mean(-1), torch.zeros(2, 5).double(), rtol=0, atol=1e-12)
    variance = out.var(-1, correction=0)
    torch.testing.assert_close(variance, torch.ones(2, 5).double(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("kind", [EncoderLayer, MixerLayer])
def test_a_layer_without_feed_forward_net_is_its_first_half(kind):
    mixer = "attention" if kind is EncoderLayer else "convolution"
    whole = shaken(kind(replace(SHAPE, norm="pre", mixer=mixer)))
    half = kind(replace(SHAPE, norm="pre", mixer=mixer, d_ff=0)).double()
    wanted = {name: x for name, x in whole.state_dict().items() if name in half.state_dict()}
    half.load_state_dict(wanted)
    with torch.no_grad():  # a feed-forward net that gives 0
        whole.feed_forward[-1].weight.zero_()
        whole.feed_forward[-1].bias.zero_()
    x = drawn(2, 5, 12)
    torch.testing.assert_close(half(x), whole(x), rtol=0, atol=1e-12)
    assert len(half.residuals) == 1


def test_without_biases_there_are_only_matrices_and_the_gains_of_norms():
    for kind in (EncoderLayer, DecoderLayer):
        for name, parameter in kind(replace(SHAPE, bias=False)).named_parameters():
            assert parameter.dim() == 2 or name.endswith("norm.weight")


@pytest.mark.parametrize("key", ["norm", "activation", "mixer"])
def test_a_word_that_there_is_not_is_an_error_that_names_those_there_are(key):
    first = {"norm": "post, pre", "activation": "relu, gelu", "mixer": "attention, recurrent"}
    with pytest.raises(ValueError, match=f"{key}=prenorm: allowed are {first[key]}"):
        Layer(**{key: "prenorm"})
