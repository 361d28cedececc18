"""What cannot be run is refused in one line: the key, the value, and what is allowed."""

import pytest
from omegaconf import OmegaConf, open_dict

from reproduce.file import experiments
from reproduce.file.found import having
from reproduce.run.config import compose
from reproduce.run.config.cases import TASKS
from reproduce.run.config.check import ConfigError, resolve
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.experiment import MEASURES, needs
from reproduce.run.config.schema import SCHEMAS
from reproduce.run.make import run_experiment

SYMMETRY, XOR = "nature1986/symmetry", "pdp1986/xor"
EQUATIONS, PARAMETERS = "nature1986/equations", "attention2017/parameters"

NET = """schema: units
task: {name: xor}
network: {groups: {input: 2, hidden: 2, output: 1}, \
links: {hidden: [input], output: [hidden]}, outputs: [output]}
"""

REFUSED = [  # experiment, overrides, and what the line must name: key, value, what is allowed
    (SYMMETRY, "replicas=many", ["replicas", "many", "whole number from 1"]),
    (SYMMETRY, "replicas=1.5", ["replicas", "1.5", "whole number from 1"]),
    (SYMMETRY, "replicas=true", ["replicas", "true", "whole number from 1"]),
    (SYMMETRY, "replicas=0", ["replicas", "0", "whole number from 1"]),
    (SYMMETRY, "seed=-1", ["seed", "-1", "from 0"]),
    (SYMMETRY, "device=gpu", ["device", "gpu", "cuda"]),
    (SYMMETRY, "dtype=float16", ["dtype", "float16", "float64"]),
    (SYMMETRY, "rerun=maybe", ["rerun", "maybe", "true or false"]),
    (SYMMETRY, "measure=[symetry]", ["measure", "symetry", "landscape"]),
    (EQUATIONS, "measure=[]", ["measure", "[]", "nets learn"]),
    (SYMMETRY, "rule.epsilon=0", ["rule.epsilon", "0", "above 0"]),
    (SYMMETRY, "rule.epsilon=-1", ["rule.epsilon", "-1", "above 0"]),
    (SYMMETRY, "rule.epsilon=nan", ["rule.epsilon", "nan", "above 0"]),
    (SYMMETRY, "rule.epsilon=inf", ["rule.epsilon", "inf", "above 0"]),
    (SYMMETRY, "rule.epsilon=1e400", ["rule.epsilon", "inf", "above 0"]),
    (SYMMETRY, "rule.epsilon=true", ["rule.epsilon", "rue", "above 0"]),
    (SYMMETRY, "rule.epsilon=null", ["rule.epsilon", "None", "above 0"]),
    (SYMMETRY, "rule.epsilon=small", ["rule.epsilon", "small", "above 0"]),
    (SYMMETRY, "rule.epsilon=[]", ["rule.epsilon", "[]", "above 0"]),
    (SYMMETRY, "rule.epsilon=[0.1,nan]", ["rule.epsilon", "nan", "above 0"]),
    (SYMMETRY, "rule.epsilon=[0.1,0.2]", ["rule.epsilon", "2 values", "each of the 1000"]),
    (SYMMETRY, "network.init=[0.3]", ["network.init", "1 values", "each of the 1000"]),
    (SYMMETRY, "rule.alpha=1", ["rule.alpha", "1", "below 1"]),
    (SYMMETRY, "rule.decay=1", ["rule.decay", "1", "below 1"]),
    (SYMMETRY, "rule.update=batch", ["rule.update", "batch", "presentation"]),
    (SYMMETRY, "rule.epsilom=1", ["rule.epsilom", "1", "no such key", "rule.epsilon"]),
    (SYMMETRY, "+rule.epsilom=1", ["rule.epsilom", "no such key"]),
    (SYMMETRY, "rule=3", ["rule", "3", "rule.epsilon"]),
    (SYMMETRY, "task.name=addition", ["task.name", "addition", "xor"]),
    (SYMMETRY, "task.target_off=0.5", ["task.target_off", "0.5", "below 0.5"]),
    (SYMMETRY, "task.target_on=nan", ["task.target_on", "nan", "above 0.5"]),
    (SYMMETRY, "task.name=xor", ["network.groups", "6 units", "xor are 2"]),
    (SYMMETRY, "network.groups.input=5", ["network.groups", "5 units", "symmetry are 6"]),
    (SYMMETRY, "network.groups.output=2", ["network.groups", "2 units", "symmetry are 1"]),
    (SYMMETRY, "network.groups.hidden=0", ["network.groups.hidden", "0", "from 1"]),
    (SYMMETRY, "network.links.hidden=[nobody]", ["network.links.hidden", "nobody", "input"]),
    (SYMMETRY, "network.links.hidden=[input,output]", ["network.links", "cycle", "forward"]),
    (SYMMETRY, "network.weights=fig1", ["network.weights", "fig1", "paper/figure"]),
    (SYMMETRY, "network.weights=nature1986/fig", ["network.weights", "6/fig", "6/figure1"]),
    (SYMMETRY, "network.weights=pdp1986/figure5", ["network.weights", "6/figure5", "fits"]),
    (SYMMETRY, "run.sweeps=1424", ["run.keep_sweeps", "1425", "run.sweeps=1424"]),
    (SYMMETRY, "run.keep_sweeps=[0]", ["run.keep_sweeps", "0", "from 1"]),
    (SYMMETRY, "run.tolerances=[0.5]", ["run.tolerances", "0.5", "below 0.5"]),
    (SYMMETRY, "run.keep_largest_weight=inf", ["run.keep_largest_weight", "inf", "above 0"]),
    (SYMMETRY, "run.keep_link=[input]", ["run.keep_link", "input", "two linked groups"]),
    (SYMMETRY, "run.keep_link=[input,output]", ["run.keep_link", "output", "network.links"]),
    (SYMMETRY, "run.checkpoint_seconds=inf", ["run.checkpoint_seconds", "inf", "above 0"]),
    (XOR, "measure=[symmetry]", ["measure", "symmetry"]),
    (XOR, "measure=[parameters]", ["measure", "parameters"]),
    (EQUATIONS, "measure=[xor]", ["measure", "xor"]),
    (EQUATIONS, "dtype=float32", ["dtype", "float32", "float64"]),
    (EQUATIONS, "device=meta", ["device", "meta", "cpu"]),
    (PARAMETERS, "measure=[landscape]", ["measure", "landscape"]),
    (PARAMETERS, "replicas=2", ["replicas", "2", "1"]),
    (PARAMETERS, "network.rows.base.N=0", ["network.rows.base.N", "0", "from 1"]),
    (PARAMETERS, "~network.rows.base", ["network.rows", "base"]),
    ("nature1986/symetry", "seed=0", ["experiment", "1986/symetry", "nature1986/symmetry"]),
]


def composed(name: str):
    """The config as Hydra composes it, before any check of ours."""
    compose.hand_to_hydra(name)
    return compose.composed([f"experiment={name}"], name)


def refusal(*overrides: str) -> str:
    with pytest.raises(ConfigError) as refused:
        compose.compose_experiment(list(overrides))
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "override", "named"), REFUSED, ids=[f"{row[0]} {row[1]}" for row in REFUSED]
)
def test_a_refusal_names_key_value_and_what_is_allowed_in_one_line(name, override, named):
    line = refusal(f"experiment={name}", override)
    assert [word for word in named if word not in line] == [], line


@pytest.mark.parametrize(
    "overrides",
    [
        ["run.sweeps=1425"],
        ["run.tolerances=[0.499]", "run.keep_sweeps=[1,10000]"],
        ["replicas=2", "rule.epsilon=[0.1,0.2]", "network.init=[0.3,0]"],
        ["rule.alpha=0", "rule.decay=0.999", "task.target_off=0.499", "task.target_on=1"],
        ["network.weights=nature1986/figure1", "network.init=0"],
    ],
)
def test_what_is_just_inside_the_bounds_is_accepted(overrides):
    compose.compose_experiment([f"experiment={SYMMETRY}", *overrides])


@pytest.mark.parametrize("path", ["rule.epsilom", "task.target", "run.sweep", "repliccas"])
def test_a_mistyped_key_in_a_composed_config_is_refused(path):
    config = composed(SYMMETRY)
    with open_dict(config):
        OmegaConf.update(config, path, 0.1, force_add=True)
    with pytest.raises(ConfigError, match=rf"{path}.*no such key") as refused:
        resolve(config, SYMMETRY)
    assert "\n" not in str(refused.value)


def test_a_key_that_is_not_set_is_refused_by_name():
    config = composed(SYMMETRY)
    config.task.name = "???"
    with pytest.raises(ConfigError, match=r"task\.name.*symmetry, t_c, xor"):
        resolve(config, SYMMETRY)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("rule: {epsilom: 0.1}", ["rule.epsilom", "no such key", "rule.epsilon"]),
        ("replicas: many", ["replicas", "many", "whole number from 1"]),
        ("rule: {epsilon: -1}", ["rule.epsilon", "-1", "above 0"]),
    ],
)
def test_a_mistake_inside_an_experiment_file_is_refused_as_well(tmp_path, monkeypatch, line, named):
    (tmp_path / "nature1986").mkdir()
    (tmp_path / "nature1986/own.yaml").write_text(f"{NET}{line}\n")
    monkeypatch.setattr(experiments, "FOLDER", tmp_path)
    message = refusal("experiment=nature1986/own")
    assert [word for word in named if word not in message] == [], message


@pytest.mark.parametrize(
    ("name", "override", "named"),
    [
        ("pdp1986/t_c", "measure=[hidden_units]", ["=hidden_units", "input send to hidden"]),
        ("pdp1986/t_c", "measure=[symmetry]", ["measure=symmetry", "task.name=symmetry"]),
        ("pdp1986/t_c", "network.links.hidden=[retina]", ["measure=t_c", "kernel of 9 weights"]),
        ("pdp1986/encoder", "network.one_bias=[hidden]", ["measure=encoder", "links are full"]),
        (
            XOR,
            "+network.hold.hidden={bias: fixed}",
            ["measure=landscape", "no part is held", "fixed"],
        ),
        (XOR, "task.satisfied=0.2", ["measure=landscape", "task.satisfied=null"]),
        (XOR, "network.biases=false", ["measure=xor", "network.biases=true"]),
    ],
)
def test_a_measure_says_what_it_lacks(name, override, named):
    line = refusal(f"experiment={name}", override)
    assert [word for word in named if word not in line] == [], line


def test_every_measure_is_declared_and_needs_what_there_is():
    measured = {*having("measure"), *having("study")} - {"learning"}
    assert {*MEASURES} == measured
    for name in MEASURES:
        asked = needs(name)
        assert asked.schema in SCHEMAS
        assert asked.task is None or asked.task in TASKS


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_called_as_its_class(name):
    assert name.replace("_", "") == SCHEMAS[name].__name__.removesuffix("Experiment").lower()
    assert [*SCHEMAS] == sorted(SCHEMAS)


def test_a_run_with_one_measure_that_the_check_allows_finishes(tmp_path):
    words = ["experiment=pdp1986/xor", "measure=[landscape]", "run.keep_sweeps=[]", "replicas=2"]
    config = compose_experiment([*words, "run.sweeps=1", f"out={tmp_path}", "device=cpu"])
    assert run_experiment(config, "a command", lambda sweeps: None).status == "finished"
