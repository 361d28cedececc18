"""A grid of settings as one population: which points there are, and what each replica runs with."""

import itertools
import math

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.units import UnitsExperiment

Point = dict[str, float | str]


def has_grid(config: Experiment) -> bool:
    """Whether the replicas of a run differ in their settings."""
    return any(_grid(config).values())


def points(config: Experiment) -> list[Point]:
    """The settings of every grid point, the last key changing fastest; one empty point without.

    Grid point p has the replicas p * config.replicas and following of the whole population.
    """
    grid = {name: values for name, values in _grid(config).items() if values}
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def number_of_points(config: Experiment) -> int:
    """How many grid points there are, without listing them."""
    return math.prod(len(values) for values in _grid(config).values() if values)


def setting(config: UnitsExperiment, point: Point, name: str) -> list[float | str]:
    """The value of one key for each of the replicas of one point."""
    section = config.network if name == "init" else config.rule
    value = point[name] if name in point else getattr(section, name)
    return value if isinstance(value, list) else [value] * config.replicas


def _grid(config: Experiment) -> dict[str, list]:
    """The values that each key of the grid has, many of them none; most studies have no grid."""
    return vars(config.grid) if hasattr(config, "grid") else {}
