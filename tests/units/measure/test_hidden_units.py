"""How far hidden units are apart, by the names of the weights; units that start alike stay so."""

import re

import pytest
import torch

from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.run.task import task_of
from reproduce.units.measure import hidden_units
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.start import with_equal_units
from reproduce.units.trained import Trained

SIZES = {"input": 2, "hidden": 3, "other": 2, "output": 1}
LINKS = {"hidden": ["input"], "other": ["input", "hidden"], "output": ["hidden", "other", "input"]}
XOR = task_of("xor")


def drawn(units: Units, replicas: int) -> torch.Tensor:
    chance = torch.Generator().manual_seed(0)
    return torch.randn(units.P, replicas, generator=chance, dtype=torch.float64)


def apart(units: Units, weights: torch.Tensor) -> list[float]:
    trained = Trained(units, XOR, XOR.targets(0, 1)[..., None], 0, {"at_end": weights}, {})
    return hidden_units.measure(trained)["hidden_units_apart_at_end"].tolist()


@pytest.mark.parametrize("biases", [True, False])
def test_units_are_apart_by_the_largest_difference_of_a_weight_of_two_of_them(biases):
    units = Units(plan(SIZES, LINKS, biases=biases))
    weights = drawn(units, 5)
    found = apart(units, weights)
    for replica in range(5):
        named = dict(zip(units.names(), weights[:, replica].tolist(), strict=True))
        alike = {}  # the weights that differ in the number of a hidden unit alone
        for name, weight in named.items():
            if "hidden" in name:
                alike.setdefault(re.sub(r"hidden\.\d", "hidden", name), []).append(weight)
        assert {len(values) for values in alike.values()} == {3}
        wanted = max(max(values) - min(values) for values in alike.values())
        assert found[replica] == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize("part", [("input", "hidden"), "hidden", ("hidden", "output")])
def test_copies_are_not_apart_and_one_weight_is_enough_to_tell_them(part):
    units = Units(plan(SIZES, LINKS))
    weights = drawn(units, 4)
    with_equal_units(units, weights)
    assert apart(units, weights) == [0] * 4
    units.parts(weights)[part].select(0 if "output" not in part else 1, 2)[..., 1] += 0.25
    assert apart(units, weights) == pytest.approx([0, 0.25, 0, 0], rel=1e-12)
    weights[0, 3] = torch.nan
    assert apart(units, weights)[3] != apart(units, weights)[3]


def test_equal_units_have_the_weights_of_the_first_one_and_the_rest_stays():
    units = Units(plan(SIZES, LINKS))
    before = drawn(units, 4)
    after = before.clone()
    with_equal_units(units, after)
    rows = dict(zip(units.names(), before, strict=True))
    for name, row in zip(units.names(), after, strict=True):
        first = re.sub(r"(hidden|other)\.\d", r"\1.1", name)
        assert torch.equal(row, rows[first]), name
    names = [name for name in units.names() if not re.search("hidden|other", name)]
    assert names == ["output.1<input.1", "output.1<input.2", "bias output.1"]


@pytest.mark.parametrize("update", ["sweep", "presentation"])
def test_hidden_units_that_start_alike_learn_alike(update):
    words = ["experiment=nature1986/equal_starts", "replicas=4", f"rule.update={update}"]
    words += ["run.sweeps=10", "engine=eager", "dtype=float64", "network.groups.hidden=3"]
    for equal in (True, False):
        config = compose_experiment([*words, f"network.equal_units={equal}"])
        made = make_population(config, torch.device("cpu"))
        *_, last = made.train(made.start())
        found = hidden_units.measure(made.trained(last))["hidden_units_apart_at_end"]
        assert (found < 1e-12).all() if equal else (found > 0.01).all()
        assert (last.weights - made.start().weights).abs().amax(0).min() > 0.01
