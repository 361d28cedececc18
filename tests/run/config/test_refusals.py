"""What cannot be shared, held out or cut is refused in one line; what is just inside is not."""

import pytest

from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment

START_RANGE = "nature1986/start_range"
SYMMETRY, SHIFT = "nature1986/symmetry", "nature1986/shift_register"
FAMILY, ITERATIVE = "cogsci1986/family_trees", "nature1986/iterative"
OWN = "a group with weights of its own"

REFUSED = [  # experiment, override, and what the line must name: key, value, what is allowed
    (SHIFT, "network.like.second=start", ["network.like.second", "start", OWN]),
    (SHIFT, "network.like.second=nobody", ["network.like.second", "nobody", OWN]),
    (SHIFT, "network.like.second=second", ["network.like.second", "second", OWN]),
    (SHIFT, "+network.like.first=second", ["network.like.", "second", OWN]),
    (SYMMETRY, "+network.like.output=hidden", ["network.like.output", "hidden", "as many units"]),
    (SYMMETRY, "+network.like.nobody=hidden", ["network.like.nobody", "hidden", OWN]),
    (SYMMETRY, "network.function=relu", ["network.function", "relu", "logistic, tanh, rectifier"]),
    (SYMMETRY, "network.biases=some", ["network.biases", "some", "true or false"]),
    (SYMMETRY, "network.equal_units=2.5", ["network.equal_units", "2.5", "true"]),
    (SYMMETRY, "task.held_out=random", ["task.held_out", "random", "symmetry is none"]),
    (SYMMETRY, "task.held_out=figure8", ["task.held_out", "figure8", "symmetry is none"]),
    (FAMILY, "task.held_out=some", ["task.held_out", "some", "none, random or figure8"]),
    (FAMILY, "task.satisfied=0.5", ["task.satisfied", "0.5", "below 0.5"]),
    (FAMILY, "task.satisfied=0", ["task.satisfied", "0", "above 0"]),
    (FAMILY, "task.satisfied=nan", ["task.satisfied", "nan", "null, or a number"]),
    (FAMILY, "measure=[landscape]", ["measure", "landscape", "task.held_out=none"]),
    (SYMMETRY, "rule.early_sweeps=-1", ["rule.early_sweeps", "-1", "from 0 up"]),
    (SYMMETRY, "rule.early_sweeps=1.5", ["rule.early_sweeps", "1.5", "whole number"]),
    (SYMMETRY, "rule.early_epsilon=0", ["rule.early_epsilon", "0", "above 0"]),
    (SYMMETRY, "rule.early_epsilon=inf", ["rule.early_epsilon", "inf", "above 0"]),
    (SYMMETRY, "rule.early_alpha=1", ["rule.early_alpha", "1", "below 1"]),
    (SYMMETRY, "rule.early_alpha=-0.1", ["rule.early_alpha", "-0.1", "from 0"]),
    (SYMMETRY, "rule.output_slope=maybe", ["rule.output_slope", "maybe", "true, or false"]),
    (SYMMETRY, "rule.over_fan_in=often", ["rule.over_fan_in", "often", "true"]),
    (SYMMETRY, "rule.over_uses=often", ["rule.over_uses", "often", "true"]),
    (SYMMETRY, "grid.hidden=[2,3]", ["grid.hidden", "3", "network.groups.hidden=2"]),
    (SYMMETRY, "grid.hidden=[0,1]", ["grid.hidden", "0", "from 1"]),
    (SYMMETRY, "grid.hidden=[1,2]", ["grid.hidden", "1, 2", "generalization, landscape"]),
    (SYMMETRY, "network.biases=false", ["measure", "symmetry", "network.biases=true"]),
    (START_RANGE, "grid.hidden=[1] rule.over_fan_in=true", ["grid.hidden", "over_fan_in=false"]),
    (START_RANGE, "grid.hidden=[1] run.sweeps=0", ["grid.", "run.sweeps from 1 up"]),
    (SYMMETRY, "grid.hidden=[2,2]", ["grid.hidden", "2", "different"]),
    (SYMMETRY, "grid.hidden=[1.5]", ["grid.hidden", "1.5", "whole numbers"]),
    (SHIFT, "grid.hidden=[1]", ["grid.hidden", "1", "network.groups.hidden=0"]),
    (FAMILY, "measure=[hidden_units]", ["measure", "hidden_units", "input", "hidden"]),
    (SYMMETRY, "measure=[iterated]", ["measure", "iterated", "landscape"]),
    (ITERATIVE, "measure=[landscape]", ["measure", "landscape", "iterated"]),
    (ITERATIVE, "dtype=float32", ["dtype", "float32", "float64"]),
    (ITERATIVE, "network.init=0", ["network.init", "0", "above 0"]),
]
ACCEPTED = [
    (SHIFT, ["network.like={}"]),
    (SHIFT, ["task.satisfied=0.499", "network.biases=false", "rule.over_fan_in=true"]),
    (SYMMETRY, ["network.function=rectifier", "rule.early_alpha=0.999", "rule.early_sweeps=0"]),
    (SYMMETRY, ["measure=[landscape]", "grid.hidden=[1,2]", "task.held_out=none"]),
    (FAMILY, ["measure=[landscape]", "task.held_out=none", "task.satisfied=null"]),
    (FAMILY, ["+network.like.penultimate=relation_code", "task.held_out=figure8"]),
]


@pytest.mark.parametrize(
    ("name", "override", "named"), REFUSED, ids=[f"{row[0]} {row[1]}" for row in REFUSED]
)
def test_a_refusal_names_key_value_and_what_is_allowed(name, override, named):
    with pytest.raises(ConfigError) as refused:
        compose_experiment([f"experiment={name}", *override.split()])
    line = str(refused.value)
    assert "\n" not in line
    assert [word for word in named if word not in line] == [], line


@pytest.mark.parametrize("task", ["task.held_out=random", "task.satisfied=0.2"])
def test_the_landscape_is_that_of_all_cases_and_all_errors(task):
    words = ["task.held_out=none", "task.satisfied=null", task, "measure=[landscape]"]
    with pytest.raises(ConfigError, match="measure=landscape: allowed only with"):
        compose_experiment([f"experiment={FAMILY}", *words])


@pytest.mark.parametrize(("name", "words"), ACCEPTED)
def test_what_is_just_inside_the_bounds_is_accepted(name, words):
    compose_experiment([f"experiment={name}", *words])
