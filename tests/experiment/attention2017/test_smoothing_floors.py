"""The floors of the smoothed loss against the entropy of the target written out."""

import math

import pytest

from reproduce.experiment.attention2017 import smoothing
from reproduce.run.config.compose import compose_experiment

NAME = "experiment=attention2017/smoothing"


def entropy(shares: list[float]) -> float:
    return -sum(x * math.log(x) for x in shares if x > 0)


def target(V: int, eps: float, convention: str) -> list[float]:
    """The smoothed target whose right token comes first and whose padding comes last."""
    if convention == "all":
        return [1 - eps + eps / V, *[eps / V] * (V - 1)]
    if convention == "others":
        return [1 - eps, *[eps / (V - 1)] * (V - 1)]
    return [1 - eps, *[eps / (V - 2)] * (V - 2), 0]


def test_every_floor_is_the_entropy_of_its_target():
    found = smoothing.measure(compose_experiment([NAME]))
    for V in (37000, 11):
        for eps in (0.1, 0.2):
            for convention in ("all", "others", "without_pad"):
                shares = target(V, eps, convention)
                assert math.fsum(shares) == pytest.approx(1, abs=1e-12)
                wanted = pytest.approx(entropy(shares), abs=1e-10)
                assert found[f"floor_{convention}_V{V}_{eps}"] == wanted
    assert found["floor_error"] < 1e-10


def test_only_the_perplexity_with_smoothing_0_2_is_below_all_that_is_possible():
    found = smoothing.measure(compose_experiment([NAME]))
    least = [math.exp(entropy(target(37000, eps, "all"))) for eps in (0.1, 0.2)]
    assert [found[f"least_perplexity_{eps}"] for eps in (0.1, 0.2)] == pytest.approx(least)
    assert least[0] < 4.92
    assert least[1] > 5.47
    assert [found[f"printed_perplexity_is_below_{eps}"] for eps in (0.1, 0.2)] == [0, 1]


@pytest.mark.parametrize("convention", ["all", "others", "without_pad"])
def test_the_loss_at_a_probability_is_the_sum_over_the_tokens_that_share_the_rest(convention):
    V, eps, p = 11, 0.2, 0.6
    wrong = V - 2 if convention == "without_pad" else V - 1
    q = target(V, eps, convention)
    wanted = -q[0] * math.log(p) - wrong * q[1] * math.log((1 - p) / wrong)
    found = smoothing.loss_at(V, eps, convention, p)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_the_curves_of_the_example_come_down_to_the_floor_and_rise_again():
    example = smoothing.example(compose_experiment([NAME]))
    assert example["probability"][0] < 0.001
    assert example["probability"][-1] > 0.999
    for V in (37000, 11):
        for convention, losses in example["loss"][str(V)].items():
            least = entropy(target(V, 0.1, convention))
            assert least - 1e-5 <= min(losses) < least + 0.001
            assert losses[-1] > least + 0.1
