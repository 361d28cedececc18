"""Adam against its equations written out in float64."""

import numpy as np
import pytest
import torch
from torch import nn

from reproduce.transformer.adam import adam, set_rate

PAPER = {"beta_1": 0.9, "beta_2": 0.98, "epsilon": 1e-9}  # section 5.3


def gradient(w: np.ndarray) -> np.ndarray:
    """The slope of an uneven surface."""
    return np.sin(w) + 0.3 * np.roll(w, 1, 0)


def by_hand(w: np.ndarray, rates: list[float], b1: float, b2: float, eps: float, decay: float):
    """Algorithm 1 of arXiv:1412.6980 with algorithm 2 of arXiv:1711.05101."""
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, rate in enumerate(rates, 1):
        g = gradient(w)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
        w = w - rate * m_hat / (np.sqrt(v_hat) + eps) - rate * decay * w
    return w


@pytest.mark.parametrize(("decay", "epsilon"), [(0.0, 1e-9), (0.1, 1e-9), (0.1, 0.5)])
def test_adam_is_its_equations_and_only_matrices_decay(decay, epsilon):
    chance = np.random.default_rng(0)
    starts = [chance.normal(size=shape) for shape in ((4, 3), (5,), (2, 3, 2), ())]
    parameters = [nn.Parameter(torch.tensor(start)) for start in starts]
    optimizer = adam(parameters, **{**PAPER, "epsilon": epsilon}, decay=decay)
    rates = [0.05 * step for step in range(1, 9)]
    for rate in rates:
        for w in parameters:
            w.grad = w.detach().sin() + 0.3 * (w.detach().roll(1, 0) if w.dim() else w.detach())
        set_rate(optimizer, rate)
        optimizer.step()
    for start, w in zip(starts, parameters, strict=True):
        start = start if start.ndim else start[None]  # a number rolls onto itself
        own = decay if start.ndim >= 2 else 0.0
        wanted = by_hand(start, rates, 0.9, 0.98, epsilon, own)
        np.testing.assert_allclose(w.detach().numpy().reshape(wanted.shape), wanted, rtol=1e-12)
        assert np.abs(wanted - start).max() > 0.1


def test_nothing_moves_before_a_rate_is_set():
    weight = nn.Parameter(torch.ones(2, 2))
    weight.grad = torch.ones(2, 2)
    adam([weight], **PAPER, decay=0.1).step()
    assert torch.equal(weight, torch.ones(2, 2))


def test_a_tied_matrix_is_taken_once_and_vectors_of_a_layer_do_not_decay():
    one, other = nn.Linear(3, 3), nn.Linear(3, 3)
    other.weight = one.weight
    optimizer = adam(nn.ModuleList([one, nn.LayerNorm(3), other]).parameters(), **PAPER, decay=0.1)
    decays = {group["weight_decay"]: len(group["params"]) for group in optimizer.param_groups}
    assert decays == {0.1: 1, 0.0: 4}
