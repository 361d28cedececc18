"""Each input-output function against its formula, and its way back against differences of it."""

import math

import pytest
import torch

from reproduce.units.function import FUNCTIONS
from reproduce.units.net import Units
from reproduce.units.plan import plan

FORMULAS = {
    "logistic": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
    "rectifier": lambda x: max(x, 0.0),
}
POINTS = [-7.0, -1.3, -0.2, 0.1, 0.9, 5.0]


def test_every_function_has_a_formula_here():
    assert FUNCTIONS.keys() == FORMULAS.keys()


@pytest.mark.parametrize("name", FORMULAS)
def test_the_value_is_the_formula_and_the_way_back_its_slope(name):
    function, formula, h = FUNCTIONS[name], FORMULAS[name], 1e-6
    x, dE_dy = torch.tensor(POINTS, dtype=torch.float64), torch.tensor([1, -2, 3, 0, 0.5, 1])
    y = function.value(x)
    assert y.tolist() == pytest.approx([formula(value) for value in POINTS], rel=1e-14)
    slopes = [(formula(value + h) - formula(value - h)) / (2 * h) for value in POINTS]
    wanted = [error * slope for error, slope in zip(dE_dy.tolist(), slopes, strict=True)]
    assert function.back(dE_dy, y).tolist() == pytest.approx(wanted, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_unit_that_is_neither_input_nor_output_has_the_function_and_an_output_is_logistic(name):
    groups = {"i": 1, "h": 1, "o": 1, "p": 1}
    units = Units(plan(groups, {"h": ["i"], "o": ["h"], "p": ["i"]}, function=name))
    weights = torch.tensor([0.7, -0.4, 1.5, 0.2, -0.6, 0.3], dtype=torch.float64)[:, None]
    weight = dict(zip(units.names(), weights[:, 0].tolist(), strict=True))
    y = units.activities(units.parts(weights), torch.full((1, 1, 1), 2.0, dtype=torch.float64))
    hidden = FORMULAS[name](2 * weight["h.1<i.1"] + weight["bias h.1"])
    wanted = {
        "i": 2.0,
        "h": hidden,
        "o": FORMULAS["logistic"](hidden * weight["o.1<h.1"] + weight["bias o.1"]),
        "p": FORMULAS["logistic"](2 * weight["p.1<i.1"] + weight["bias p.1"]),
    }
    assert {group: value.item() for group, value in y.items()} == pytest.approx(wanted, rel=1e-14)
