"""Composed configs, as the tests of this folder look at them."""

from functools import cache

from reproduce.run.config.compose import compose_experiment
from reproduce.run.folder import content

TO_0_1 = {"task.target_off": 0.0, "task.target_on": 1.0}
TO_01_09 = {"task.target_off": 0.1, "task.target_on": 0.9}
NO_WEIGHT = {"run.keep_largest_weight": None, "run.keep_link": []}


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
    """What an experiment or a reading has otherwise than another one, beside its name."""
    ours, theirs = settings(name), settings(parent)
    assert ours.keys() == theirs.keys()
    differing = {key: ours[key] for key in ours if ours[key] != theirs[key]}
    assert differing.pop("name") == name
    return differing


def part(name: str, keys) -> dict:
    """Some settings of an experiment."""
    ours = settings(name)
    return {key: ours[key] for key in keys}
