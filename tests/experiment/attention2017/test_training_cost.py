"""The cost of the printed trainings, by hand."""

import pytest

from reproduce.experiment.attention2017 import training_cost
from reproduce.run.config.compose import compose_experiment


def test_operations_and_durations_are_products_of_what_is_printed():
    run = compose_experiment(["experiment=attention2017/training_cost"]).run
    assert training_cost.measure(run) == pytest.approx(
        {
            "flops_from_hours_base": 43_200 * 76 / 1e6,  # 8 of 9.5 are 76 * 10^12 a second
            "flops_from_steps_base": 40_000 * 76 / 1e6,
            "hours_from_steps_base": 100 / 9,
            "days_from_steps_base": 100 / 9 / 24,
            "flops_from_hours_big": 3.5 * 86_400 * 76 / 1e6,
            "flops_from_steps_big": 300_000 * 76 / 1e6,
            "hours_from_steps_big": 250 / 3,
            "days_from_steps_big": 250 / 3 / 24,
        },
        rel=1e-12,
    )
