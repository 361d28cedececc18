"""The studies in which no population learns: from a config to a row of quantities a replica."""

from collections.abc import Callable, Iterator

from reproduce.file.found import given
from reproduce.run.config.experiment import Experiment


def rows_of_a_study(
    config: Experiment, tick: Callable[[int], object]
) -> Iterator[dict[str, float]]:
    """One row of quantities a replica; `tick` is called after each."""
    (name,) = config.measure
    for row in given(name, "study")(config):
        yield row
        tick(1)


def example_of_a_study(config: Experiment) -> dict | None:
    """What a study keeps in full for its pictures, as values for JSON; or None."""
    (name,) = config.measure
    example = given(name, "example")
    return None if example is None else example(config)
