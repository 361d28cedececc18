"""Schedules of the learning rate against torch's LambdaLR and arithmetic by hand."""

import math

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from reproduce.transformer import learning_rate


def test_equation_3_at_its_peak_and_at_both_ends():
    for d_model, peak in ((256, 1 / (16 * math.sqrt(4000))), (1024, 1 / (32 * math.sqrt(4000)))):
        assert learning_rate.transformer(4000, d_model, 4000) == pytest.approx(peak, rel=1e-14)
    first = learning_rate.transformer(1, 256, 4000)
    assert first == pytest.approx(1 / (16 * 4000 * math.sqrt(4000)), rel=1e-14)
    rates = [learning_rate.transformer(step, 512, 4000) for step in range(1, 100_001)]
    assert rates.index(max(rates)) + 1 == 4000
    assert rates[-1] == pytest.approx(rates[3999] / 5, rel=1e-14)  # sqrt(4000 / 100000)
    assert rates[7] == pytest.approx(8 * rates[0], rel=1e-14)
    assert learning_rate.transformer(7, 512, 400, 2.0) == pytest.approx(
        2 * 7 / 20**3 / math.sqrt(512), rel=1e-14
    )


def test_equation_3_drives_an_optimizer_as_torch_s_lambda_does():
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scheduler = LambdaLR(  # torch's steps count from 0
        optimizer, lambda step: 64**-0.5 * min((step + 1) ** -0.5, (step + 1) / 8)
    )
    for step in range(1, 20):
        wanted = scheduler.get_last_lr()[0]
        assert learning_rate.transformer(step, 64, 4) == pytest.approx(wanted, rel=1e-14)
        optimizer.step()
        scheduler.step()


def test_cosine_warms_up_and_comes_down_in_half_a_wave():
    rates = [learning_rate.cosine(step, 1.0, 0.2, warmup=3, end=9) for step in range(1, 13)]
    warming = [0.25, 0.5, 0.75, 1.0]  # as from a step 0 with rate 0 to step 4
    falling = [0.6 + 0.4 * math.cos(math.pi * sixths / 6) for sixths in range(1, 6)]
    assert rates == pytest.approx([*warming, *falling, 0.2, 0.2, 0.2], rel=1e-14)
    assert rates[6] == pytest.approx(0.6)  # half the way


def test_cosine_is_torch_s_cosine_after_the_warm_up():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.001)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50, eta_min=0.0001)
    for step in range(11, 62):
        found = learning_rate.cosine(step, 0.001, 0.0001, warmup=10, end=60)
        assert found == pytest.approx(scheduler.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        scheduler.step()


def test_constant_is_constant_and_no_schedule_knows_a_step_0():
    assert {learning_rate.constant(step, 0.3) for step in (1, 2, 1000)} == {0.3}
    for rate in (
        lambda step: learning_rate.transformer(step, 512, 4000),
        lambda step: learning_rate.cosine(step, 1.0, 0.1, 10, 100),
        lambda step: learning_rate.constant(step, 0.3),
    ):
        with pytest.raises(ValueError, match="step 0: steps count from 1"):
            rate(0)
