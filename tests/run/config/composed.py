"""Experiment files and their composed configs, as the tests of this folder look at them."""

from functools import cache

import yaml
from omegaconf import OmegaConf

from reproduce.run.config.compose import FOLDER, compose_experiment
from reproduce.run.folder import content

TO_0_1 = {"task.target_off": 0.0, "task.target_on": 1.0}
TO_01_09 = {"task.target_off": 0.1, "task.target_on": 0.9}
NO_WEIGHT = {"run.keep_largest_weight": None, "run.keep_link": []}


def lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()


def inherits(name: str) -> str:
    """The one file or schema that stands before _self_ in the defaults list."""
    parent, own = yaml.safe_load("\n".join(lines(name)))["defaults"]
    assert own == "_self_"
    return parent


@cache
def written(name: str) -> dict:
    """What the file and those that it inherits say together, without what its schema adds."""
    parent, own = inherits(name), yaml.safe_load("\n".join(lines(name)))
    of_parent = written(parent.removeprefix("/experiment/")) if "/experiment/" in parent else {}
    return OmegaConf.to_container(OmegaConf.merge(of_parent, own))


def experiment(name: str):
    return compose_experiment([f"experiment={name}"])


def flat(section: dict, prefix: str = "") -> dict:
    """Dotted key -> value; lists and empty sections are values."""
    found = {}
    for key, value in section.items():
        deeper = isinstance(value, dict) and value
        found |= flat(value, f"{prefix}{key}.") if deeper else {f"{prefix}{key}": value}
    return found


@cache
def settings(name: str) -> dict:
    """Dotted key -> value of all that can change a result."""
    values = content(experiment(name))
    values.pop("printed_weights", None)  # they follow from network.weights
    return flat(values)


def changes(name: str, parent: str) -> dict:
    """What an experiment has otherwise than the one that it inherits, beside its name."""
    ours, theirs = settings(name), settings(parent)
    assert ours.keys() == theirs.keys()
    differing = {key: ours[key] for key in ours if ours[key] != theirs[key]}
    assert differing.pop("name") == name
    return differing


def part(name: str, keys) -> dict:
    """Some settings of an experiment."""
    ours = settings(name)
    return {key: ours[key] for key in keys}
