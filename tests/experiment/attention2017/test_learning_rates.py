"""The study of the learning rate against arithmetic, and what it says of Adam."""

import math

import pytest

from reproduce.experiment.attention2017 import schedule
from reproduce.run.config.compose import compose_experiment

NAME = "experiment=attention2017/schedule"


def test_peaks_and_ends_are_those_of_equation_3():
    found = schedule.measure(compose_experiment([NAME]))
    for d in (256, 512, 1024):
        peak = 1 / math.sqrt(4000 * d)
        assert found[f"peak_step_d{d}"] == 4000
        assert found[f"peak_rate_d{d}"] == pytest.approx(peak, rel=1e-12)
        assert found[f"rate_at_1_d{d}"] == pytest.approx(peak / 4000, rel=1e-12)
        assert found[f"rate_at_end_d{d}"] == pytest.approx(peak / 5, rel=1e-12)
    assert found["branch_difference"] < 1e-15


def test_a_warm_up_that_is_not_over_has_its_peak_at_the_end():
    found = schedule.measure(compose_experiment([NAME, "rule.warmup=400", "run.steps=100"]))
    assert found["peak_step_d512"] == 100
    assert found["peak_rate_d512"] == pytest.approx(100 / 400**1.5 / math.sqrt(512), rel=1e-12)


def test_adam_is_looked_at_as_it_is_built():
    constants = ["rule.beta_1=0.5", "rule.beta_2=0.25", "rule.epsilon=0.125", "run.steps=1"]
    found = schedule.measure(compose_experiment([NAME, *constants]))
    assert [found[name] for name in ("beta_1", "beta_2", "epsilon", "decay")] == [
        0.5,
        0.25,
        0.125,
        0,
    ]


def test_the_curves_of_the_example_go_through_the_peak():
    example = schedule.example(compose_experiment([NAME]))
    steps = example["step"]
    assert (steps[0], steps[-1]) == (1, 100_000)
    assert steps == sorted({*steps})
    for d in (256, 512, 1024):
        rates = example["rate"][str(d)]
        assert steps[rates.index(max(rates))] == 4000
        assert rates[0] == pytest.approx(max(rates) / 4000, rel=1e-12)
