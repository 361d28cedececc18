"""The equations written out unit by unit, against one net written out in torch operations."""

import pytest
import torch

from reproduce.units import by_hand
from reproduce.units.plan import plan

CHANCE = torch.Generator().manual_seed(5)
PLAN = plan({"i": 2, "a": 3, "b": 1, "o": 2}, {"a": ["i"], "b": ["i", "a"], "o": ["b", "i", "a"]})
SHAPES = [(3, 2), (3,), (1, 2), (1, 3), (1,), (2, 1), (2, 2), (2, 3), (2,)]
WEIGHTS = torch.randn(29, generator=CHANCE, dtype=torch.float64)
INPUTS = torch.randn(4, 2, generator=CHANCE, dtype=torch.float64)
TARGETS = torch.rand(4, 2, generator=CHANCE, dtype=torch.float64)
NET = by_hand.Net(PLAN, WEIGHTS.tolist(), INPUTS.tolist(), TARGETS.tolist())


def forward(weights: torch.Tensor) -> list[torch.Tensor]:
    """Activities (c, units) of a, b and o; weights one after the other as SHAPES says."""
    sizes = [torch.Size(shape).numel() for shape in SHAPES]
    flat = weights.split(sizes)
    ia, a0, ib, ab, b0, bo, io, ao, o0 = (
        x.view(shape) for x, shape in zip(flat, SHAPES, strict=True)
    )
    a = torch.sigmoid(INPUTS @ ia.T + a0)
    b = torch.sigmoid(INPUTS @ ib.T + a @ ab.T + b0)
    return [a, b, torch.sigmoid(b @ bo.T + INPUTS @ io.T + a @ ao.T + o0)]


def error(weights: torch.Tensor) -> torch.Tensor:
    """Equation 3."""
    return 0.5 * (forward(weights)[-1] - TARGETS).square().sum()


def test_every_activity_is_that_of_the_same_net_in_torch():
    wanted = dict(zip("abo", forward(WEIGHTS), strict=True))
    for case in range(4):
        found = by_hand.forward(NET, NET.weights, case)
        assert len(found) == 2 + 3 + 1 + 2
        for group, activity in wanted.items():
            for j, value in enumerate(activity[case].tolist()):
                assert found[group, j] == pytest.approx(value, rel=1e-13)
    assert by_hand.total_error(NET, NET.weights) == pytest.approx(error(WEIGHTS).item(), rel=1e-13)


def test_the_slopes_are_those_of_autograd_and_so_are_the_central_differences():
    wanted = torch.func.grad(error)(WEIGHTS).tolist()
    assert by_hand.backward(NET, NET.weights) == pytest.approx(wanted, rel=1e-11, abs=1e-15)
    assert by_hand.central_differences(NET) == pytest.approx(wanted, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.9])
def test_the_weight_changes_are_those_of_torch_sgd(alpha):
    weights = WEIGHTS.clone().requires_grad_()
    optimizer = torch.optim.SGD([weights], lr=0.3, momentum=alpha)
    for _ in range(25):
        optimizer.zero_grad()
        error(weights).backward()
        optimizer.step()
    found = by_hand.descend(NET, 0.3, alpha, 25)
    assert found == pytest.approx(weights.tolist(), rel=1e-11, abs=1e-13)
    assert by_hand.descend(NET, 0.3, alpha, 0) == NET.weights
