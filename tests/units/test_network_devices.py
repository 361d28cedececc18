"""One formula serves every device: without data on meta, the same numbers on CUDA."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from reproduce.transformer.layer import Layer
from reproduce.transformer.model import SequenceModel, Transformer

SHAPE = Layer(d_model=16, d_ff=24, h=2, d_k=8, d_v=8, activation="gelu")  # without kinks
V, N, B, LONG = 13, 2, 3, 9
NORMS = pytest.mark.parametrize("norm", ["post", "pre"])
WAYS = pytest.mark.parametrize(
    ("fused", "d_v"), [(True, 8), (True, 12), (False, 8), (False, 12)], ids=str
)


def cases(layer: Layer, device: str = "cpu") -> list[tuple[nn.Module, tuple]]:
    """Modules on a device and what they are given; some queries may attend to nothing."""
    chance = torch.Generator().manual_seed(0)
    tokens = torch.randint(V, (2, B, LONG), generator=chance)
    x, memory = torch.randn(2, B, LONG, 16, generator=chance)
    memory = memory[:, :6]
    pairs = torch.rand(LONG, 6, generator=chance) < 0.6
    pairs[2] = False
    bias = torch.where(pairs, 0.5, -math.inf)
    padding = (torch.arange(LONG) < torch.tensor([[9], [4], [7]]))[:, None, None]
    torch.manual_seed(0)
    with torch.device(device):  # a tied matrix that is moved to meta would be two
        attention = layer.attention()
        return [
            (attention, (x, memory)),
            (attention, (x, memory, pairs, "upper_left")),
            (attention, (x, memory, None, "lower_right")),
            (attention, (x, memory, bias)),
            (Transformer(V, N, layer), (*tokens, padding)),
            (SequenceModel(V, N, layer), (tokens[0],)),
            (SequenceModel(V, N, layer, positions="learned", longest=LONG), (tokens[0],)),
        ]


def placed(given, device: str, dtype: torch.dtype):
    """A tensor on a device, in a type where it holds no bool or whole numbers; or what it is."""
    if not isinstance(given, torch.Tensor):
        return given
    return given.to(device, dtype if given.is_floating_point() else given.dtype)


def passed(module: nn.Module, given: tuple, device: str, dtype: torch.dtype) -> list[torch.Tensor]:
    """The output of a module on a device, and the gradients of its mean square."""
    module = copy.deepcopy(module).to(device, dtype)
    found = module(*(placed(x, device, dtype) for x in given))
    found.square().mean().backward()
    return [found.detach(), *(parameter.grad for parameter in module.parameters())]


@NORMS
@WAYS
def test_a_pass_forth_and_back_on_meta_touches_no_other_device(fused, d_v, norm):
    layer = replace(SHAPE, norm=norm, fused=fused, d_v=d_v)
    for module, given in cases(layer, "meta"):
        out, *gradients = passed(module, given, "meta", torch.float32)
        assert out.shape[:2] == (B, LONG)
        assert {tensor.device.type for tensor in (out, *gradients)} == {"meta"}
        shapes = [parameter.shape for parameter in module.parameters()]
        assert [gradient.shape for gradient in gradients] == shapes


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@NORMS
@WAYS
@pytest.mark.parametrize(
    ("dtype", "close"),
    [(torch.float64, 1e-11), (torch.float32, 1e-4), (torch.bfloat16, 0.1), (torch.float16, 0.02)],
    ids=str,
)
def test_a_pass_forth_and_back_on_cuda_is_that_on_the_cpu_in_double(dtype, close, fused, d_v, norm):
    for module, given in cases(replace(SHAPE, norm=norm, fused=fused, d_v=d_v)):
        wanted = passed(module, given, "cpu", torch.float64)
        found = passed(module, given, "cuda", dtype)
        for ours, true in zip(found, wanted, strict=True):
            assert ours.device.type == "cuda"
            error = (ours.cpu().double() - true).norm()
            assert error <= close * (true.norm() + close)
