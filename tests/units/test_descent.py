"""The weight change: torch's own where they agree, arithmetic by hand where they do not."""

import torch

from reproduce.units.descent import Descent


def tensor(*values: float) -> torch.Tensor:
    """One number as (), several as (r,), float64."""
    return torch.tensor(values if len(values) > 1 else values[0], dtype=torch.float64)


def slope(weights: torch.Tensor) -> torch.Tensor:
    """The derivative of an uneven surface, the same in every replica."""
    return weights.sin() + 0.3 * weights.roll(1, 0)


def test_with_constant_rate_it_is_torch_sgd_with_momentum():
    start = torch.randn(7, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for alpha in (0.0, 0.9):
        ours, velocity = start.clone(), torch.zeros_like(start)
        theirs = start.clone().requires_grad_()
        descent = Descent(tensor(0.05), tensor(alpha), None)
        optimizer = torch.optim.SGD([theirs], lr=0.05, momentum=alpha)
        for _ in range(300):
            descent.change(ours, velocity, slope(ours))
            theirs.grad = slope(theirs.detach())
            optimizer.step()
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-11, atol=1e-13)
        assert (ours - start).abs().min() > 0.01


def test_a_new_epsilon_leaves_the_last_change_as_it_was_unlike_in_torch():
    ours, velocity, gradient = torch.zeros(3, 1, 1, dtype=torch.float64)
    theirs = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([theirs], lr=0.125, momentum=0.5)
    gradient += 1
    for epsilon in (0.125, 0.25):
        Descent(tensor(epsilon), tensor(0.5), None).change(ours, velocity, gradient)
        theirs.grad = torch.ones(1)
        optimizer.param_groups[0]["lr"] = epsilon
        optimizer.step()
    # changes of -1/8, then -1/4 + 1/2 (-1/8) = -5/16; torch: -1/8, then -1/4 (1 + 1/2) = -3/8
    assert velocity.item() == -5 / 16
    assert ours.item() == -1 / 8 - 5 / 16
    assert theirs.item() == -1 / 8 - 3 / 8


def test_a_replica_with_its_own_constants_learns_as_if_alone():
    start = torch.randn(5, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    constants = [(0.1, 0.9, 0.002), (0.5, 0.0, 0.0), (0.01, 0.5, 0.1), (0.25, 0.99, 0.0)]
    together, velocity = start.clone(), torch.zeros_like(start)
    for _ in range(20):
        descent = Descent(*(tensor(*each) for each in zip(*constants, strict=True)))
        descent.change(together, velocity, slope(together))
    for r, one in enumerate(constants):
        alone = start[:, r : r + 1].clone()
        velocity = torch.zeros_like(alone)
        for _ in range(20):
            Descent(*(tensor(value) for value in one)).change(alone, velocity, slope(alone))
        torch.testing.assert_close(alone[:, 0], together[:, r], rtol=1e-14, atol=0)


def test_decay_takes_its_share_after_the_change_and_is_not_remembered_as_one():
    weights, velocity = tensor(1.0), tensor(0.0)
    descent = Descent(tensor(0.5), tensor(0.5), tensor(0.002))
    descent.change(weights, velocity, tensor(1.0))
    torch.testing.assert_close(weights, tensor((1 - 0.5) * 0.998))
    descent.change(weights, velocity, tensor(1.0))  # by -0.5 + 0.5 (-0.5) = -0.75
    torch.testing.assert_close(weights, tensor((0.499 - 0.75) * 0.998))
