"""Every experiment file: that it composes, what it says of itself, and that it runs."""

import json
import re

import pandas as pd
import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from reproduce.config.compose import FOLDER, compose_experiment, experiment_names
from reproduce.config.schema import SCHEMAS
from reproduce.config.units import UnitsExperiment
from reproduce.experiment import run_experiment
from reproduce.paper import read_papers
from reproduce.place import CONF
from reproduce.run.folder import content

PUBLISHED = {  # what the third line must say; a reading says what the file says that it inherits
    "attention2017/parameters": "65, 58, 60, 36, 50, 80, 28, 168, 53, 90 and 213",
    "attention2017/parameters_vocabulary": "Table 3",
    "nature1986/equations": "no number is printed",
    "nature1986/symmetry": "1,425 sweeps (Nature 1986, Fig. 1, p. 534)",
    "nature1986/symmetry_published": "Nature 1986, Fig. 1 (p. 534)",
    "pdp1986/xor": 'Two of "hundreds" stuck (PDP 1986, p. 332)',
    "pdp1986/xor_direct": "558 sweeps (PDP 1986, Fig. 3, p. 331)",
    "pdp1986/xor_epsilon": "(PDP 1986, footnote 2, p. 332)",
    "pdp1986/xor_minimum": "PDP 1986, Fig. 5 (p. 333)",
    "pdp1986/xor_minimum_epsilon_0.5": '"If we set eta = 0.5 or above',
    "pdp1986/xor_published": "PDP 1986, Fig. 3 (p. 331)",
    "pdp1986/xor_published_minimum": "PDP 1986, Fig. 5 (p. 333)",
}

TO_0_1 = {"task.target_off": 0.0, "task.target_on": 1.0}
TO_01_09 = {"task.target_off": 0.1, "task.target_on": 0.9}
PUT_IN = {
    **{"replicas": 1, "dtype": "float64", "network.init": 0.0},
    **{"run.sweeps": 0, "run.keep_sweeps": []},
}
GRID = {
    **{"measure": [], "replicas": 500, "run.stop": "settled"},
    **{"run.sweeps": 6587, "run.keep_sweeps": [], "run.tolerances": []},
    **{"grid.update": ["presentation", "sweep"], "grid.init": [0.3, 1.0]},
    **{"grid.alpha": [0.0, 0.9], "grid.epsilon": [0.1, 0.25, 0.5, 0.75]},
}
NO_WEIGHT = {"run.keep_largest_weight": None, "run.keep_link": []}
READINGS = {  # the file that is inherited, and all that the reading's name and third line change
    "attention2017/parameters_vocabulary_40960": (
        "attention2017/parameters",
        {"network.vocabulary": 40960},
    ),
    "nature1986/symmetry_published": (
        "nature1986/symmetry",
        {**PUT_IN, **NO_WEIGHT, "network.weights": "nature1986/figure1"},
    ),
    "nature1986/symmetry_published_targets_0.1_0.9": ("nature1986/symmetry_published", TO_01_09),
    "nature1986/symmetry_targets_0.1_0.9": ("nature1986/symmetry", TO_01_09),
    "pdp1986/xor_direct_sweep": ("pdp1986/xor_direct", {"rule.update": "sweep"}),
    "pdp1986/xor_direct_sweep_targets_0_1": ("pdp1986/xor_direct_sweep", TO_0_1),
    "pdp1986/xor_direct_targets_0_1": ("pdp1986/xor_direct", TO_0_1),
    "pdp1986/xor_grid": ("pdp1986/xor", GRID),
    "pdp1986/xor_alpha_0": ("pdp1986/xor", {"rule.alpha": 0.0}),
    "pdp1986/xor_init_1.0": ("pdp1986/xor", {"network.init": 1.0}),
    "pdp1986/xor_epsilon_0.1": ("pdp1986/xor", {"rule.epsilon": 0.1, "run.sweeps": 25000}),
    "pdp1986/xor_epsilon_0.5": ("pdp1986/xor", {"rule.epsilon": 0.5}),
    "pdp1986/xor_minimum": (
        "pdp1986/xor",
        {"network.init": 0.05, "network.weights": "pdp1986/figure5", "run.sweeps": 6587},
    ),
    "pdp1986/xor_minimum_epsilon_0.5": ("pdp1986/xor_minimum", {"rule.epsilon": 0.5}),
    "pdp1986/xor_published": (
        "pdp1986/xor_direct",
        {**PUT_IN, **NO_WEIGHT, "network.weights": "pdp1986/figure3"},
    ),
    "pdp1986/xor_published_minimum": (
        "pdp1986/xor",
        {**PUT_IN, "network.weights": "pdp1986/figure5"},
    ),
    "pdp1986/xor_sweep": ("pdp1986/xor", {"rule.update": "sweep"}),
    "pdp1986/xor_sweep_targets_0_1": ("pdp1986/xor_sweep", TO_0_1),
    "pdp1986/xor_targets_0_1": ("pdp1986/xor", TO_0_1),
}

PRINTED_SETTINGS = {  # N5, P6, P7, P2
    "nature1986/symmetry": {
        **{"network.groups.input": 6, "network.groups.hidden": 2, "network.groups.output": 1},
        **{"network.init": 0.3, "rule.epsilon": 0.1, "rule.alpha": 0.9, "rule.decay": 0.0},
        **{"rule.update": "sweep", "run.keep_sweeps": [1425], "run.keep_largest_weight": 14.2},
        **TO_0_1,
    },
    "pdp1986/xor": {
        **{"network.groups.input": 2, "network.groups.hidden": 2, "network.groups.output": 1},
        **{"network.links.output": ["hidden"], "rule.epsilon": 0.25, "rule.alpha": 0.9},
        **{"rule.update": "presentation", "run.keep_sweeps": [6587]},
        **TO_01_09,
    },
    "pdp1986/xor_direct": {
        **{"network.groups.input": 2, "network.groups.hidden": 1, "network.groups.output": 1},
        **{"network.links.output": ["input", "hidden"], "rule.epsilon": 0.5, "rule.alpha": 0.9},
        **{"rule.update": "presentation", "run.keep_sweeps": [558]},
        **TO_01_09,
    },
}

TABLE_3 = {  # N d_model d_ff h d_k d_v, from the rows of A1; what is blank there is as in base
    "base": (6, 512, 2048, 8, 64, 64),
    "A_h1": (6, 512, 2048, 1, 512, 512),
    "A_h4": (6, 512, 2048, 4, 128, 128),
    "A_h16": (6, 512, 2048, 16, 32, 32),
    "A_h32": (6, 512, 2048, 32, 16, 16),
    "B_dk16": (6, 512, 2048, 8, 16, 64),
    "B_dk32": (6, 512, 2048, 8, 32, 64),
    "C_N2": (2, 512, 2048, 8, 64, 64),
    "C_N4": (4, 512, 2048, 8, 64, 64),
    "C_N8": (8, 512, 2048, 8, 64, 64),
    "C_d256": (6, 256, 2048, 8, 32, 32),
    "C_d1024": (6, 1024, 2048, 8, 128, 128),
    "C_dff1024": (6, 512, 1024, 8, 64, 64),
    "C_dff4096": (6, 512, 4096, 8, 64, 64),
    "D_dropout_0.0": (6, 512, 2048, 8, 64, 64),
    "D_dropout_0.2": (6, 512, 2048, 8, 64, 64),
    "D_smoothing_0.0": (6, 512, 2048, 8, 64, 64),
    "D_smoothing_0.2": (6, 512, 2048, 8, 64, 64),
    "big": (6, 1024, 4096, 16, 64, 64),
}

each_experiment = pytest.mark.parametrize("name", experiment_names())


def lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.yaml").read_text().splitlines()


def inherits(name: str) -> str:
    """The one file or schema that stands before _self_ in the defaults list."""
    parent, own = yaml.safe_load("\n".join(lines(name)))["defaults"]
    assert own == "_self_"
    return parent


def experiment(name: str):
    return compose_experiment([f"experiment={name}"])


def flat(section: dict, prefix: str = "") -> dict:
    """Dotted key -> value; lists and empty sections are values."""
    found = {}
    for key, value in section.items():
        deeper = isinstance(value, dict) and value
        found |= flat(value, f"{prefix}{key}.") if deeper else {f"{prefix}{key}": value}
    return found


@each_experiment
def test_the_first_three_lines_are_package_command_and_published_number(name):
    package, command, published = lines(name)[:3]
    assert package == "# @package _global_"
    assert command == f"# python -m reproduce experiment={name}"
    nearest = max((key for key in PUBLISHED if name.startswith(key)), key=len)
    assert published.startswith("# ")
    assert PUBLISHED[nearest] in published


@each_experiment
def test_an_experiment_has_exactly_the_keys_of_the_schema_that_it_names(name):
    ancestor = inherits(name)
    while not ancestor.startswith("/schema/"):
        ancestor = inherits(ancestor.removeprefix("/experiment/"))
    schema = SCHEMAS[ancestor.removeprefix("/schema/")]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("config", [f"experiment={name}"])
    free = ("network.groups", "network.links", "network.rows")  # names that the file chooses
    fixed = [
        {key for key in flat(OmegaConf.to_container(config)) if not key.startswith(free)}
        for config in (composed, OmegaConf.structured(schema))
    ]
    assert fixed[0] == fixed[1]
    assert type(experiment(name)) is schema


def test_every_file_that_inherits_another_is_a_known_reading_of_it():
    found = {name: inherits(name) for name in experiment_names()}
    inheriting = {
        name: parent.removeprefix("/experiment/")
        for name, parent in found.items()
        if parent.startswith("/experiment/")
    }
    assert inheriting == {name: parent for name, (parent, _) in READINGS.items()}


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_changes_only_what_its_name_and_third_line_say(name):
    parent, changes = READINGS[name]
    contents = [content(experiment(which)) for which in (name, parent)]
    for values in contents:
        values.pop("printed_weights", None)  # they follow from network.weights
    ours, theirs = map(flat, contents)
    assert ours.keys() == theirs.keys()
    differing = {key: ours[key] for key in ours if ours[key] != theirs[key]}
    assert differing == {"name": name, **changes}


@pytest.mark.parametrize("name", PRINTED_SETTINGS)
def test_a_literal_reading_has_the_settings_that_the_paper_prints(name):
    ours = flat(content(experiment(name)))
    assert {key: ours[key] for key in PRINTED_SETTINGS[name]} == PRINTED_SETTINGS[name]


def test_the_rows_are_those_of_table_3():
    rows = experiment("attention2017/parameters").network.rows
    letters = ("N", "d_model", "d_ff", "h", "d_k", "d_v")
    assert {n: tuple(getattr(row, x) for x in letters) for n, row in rows.items()} == TABLE_3


def shrink(config) -> dict[int, int]:
    """A few replicas and two sweeps; returns what has become of the moments in quantities."""
    config.replicas = min(config.replicas, 3)
    if not isinstance(config, UnitsExperiment) or config.run.sweeps == 0:
        return {}
    moments = dict.fromkeys(config.run.keep_sweeps, 1) | {config.run.sweeps: 2}
    config.run.keep_sweeps = [moments[sweep] for sweep in config.run.keep_sweeps]
    config.run.sweeps = 2
    return moments


def asked_of(name: str, moments: dict[int, int]) -> set[str]:
    """The quantities that papers/*.yaml check in an experiment, moments as in the shrunk run."""
    checks = [c for paper in read_papers() for claim in paper.claims for c in claim.checks]
    asked = {c.quantity for c in checks if name in c.experiments or name == c.against}
    for before, after in moments.items():
        asked = {re.sub(rf"_(after|by)_{before}$", rf"_\1_{after}", word) for word in asked}
    return asked


@each_experiment
def test_a_shrunk_run_finishes_with_every_quantity_that_is_asked_of_it(name, tmp_path):
    config = compose_experiment([f"experiment={name}", f"out={tmp_path}", "device=cpu"])
    asked = asked_of(name, shrink(config))
    outcome = run_experiment(config, "a command", lambda sweeps: None)
    record = json.loads((outcome.folder / "record.json").read_text())
    replicas = pd.read_csv(outcome.folder / "replicas.csv", index_col="replica")
    assert (outcome.status, record["status"]) == ("finished", "finished")
    assert asked
    assert asked <= set(replicas)
    if (outcome.folder / "grid.csv").exists():
        assert record["quantities"] == {}
    else:
        assert set(record["quantities"]) == set(replicas)
        assert replicas.index.tolist() == list(range(config.replicas))
    assert {path.suffix for path in (outcome.folder / "figures").iterdir()} == {".svg", ".png"}
