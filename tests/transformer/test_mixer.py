"""The recurrent net and the convolution against their sums, and no look at later positions."""

from dataclasses import replace

import pytest
import torch
from arbitrary import drawn

from reproduce.transformer.layer import Layer, MixerLayer
from reproduce.transformer.mixer import Convolution, Recurrent

SHAPE = Layer(d_model=6, d_ff=10)


def test_the_recurrent_net_goes_from_one_position_to_the_next():
    module, x = Recurrent(6).double(), drawn(2, 5, 6)
    net, state, wanted = module.net, torch.zeros(2, 6).double(), []
    bias = net.bias_ih_l0 + net.bias_hh_l0
    for t in range(5):
        state = (x[:, t] @ net.weight_ih_l0.T + state @ net.weight_hh_l0.T + bias).tanh()
        wanted.append(state)
    torch.testing.assert_close(module(x), torch.stack(wanted, 1), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (3, 1), (2, 3), (4, 2)])
def test_the_convolution_ends_at_its_own_position(kernel, dilation):
    module, x = Convolution(6, kernel, dilation).double(), drawn(2, 7, 6)
    found = module(x)
    for t in range(7):
        wanted = module.net.bias
        for i in range(kernel):
            place = t - (kernel - 1 - i) * dilation
            if place >= 0:
                wanted = wanted + x[:, place] @ module.net.weight[:, :, i].T
        torch.testing.assert_close(found[:, t], wanted.expand(2, 6), rtol=0, atol=1e-12)


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize(("mixer", "reach"), [("recurrent", 7), ("convolution", 3)])
def test_a_layer_sees_as_far_back_as_its_mixer_and_never_ahead(mixer, reach, norm):
    layer = MixerLayer(replace(SHAPE, mixer=mixer, norm=norm)).double()
    x = drawn(1, 7, 6).requires_grad_()
    out = layer(x)
    for t in range(7):
        by_x = torch.autograd.grad((out[:, t] * drawn(6, seed=1)).sum(), x, retain_graph=True)[0]
        seen = by_x[0].abs().sum(-1).nonzero().flatten().tolist()
        assert seen == list(range(max(0, t - reach + 1), t + 1))
