"""The studies in which no population learns: from a config to a row of quantities a replica."""

from collections.abc import Callable, Iterator

from reproduce.config.experiment import Experiment
from reproduce.config.study import (
    EquationsExperiment,
    IteratedExperiment,
    MinimizerExperiment,
    TransformerExperiment,
)
from reproduce.measure import parameters
from reproduce.run import equations, iterated, minimizer

STUDIES = {
    EquationsExperiment: equations.study,
    IteratedExperiment: iterated.study,
    MinimizerExperiment: minimizer.study,
    TransformerExperiment: lambda config: [parameters.measure(config.network)],
}
EXAMPLES = {}  # what a study keeps in full for its pictures: from a config to values for JSON


def rows_of_a_study(config: Experiment, tick: Callable[[int], None]) -> Iterator[dict[str, float]]:
    """One row of quantities a replica; `tick` is called after each."""
    for row in STUDIES[type(config)](config):
        yield row
        tick(1)


def example_of_a_study(config: Experiment) -> dict | None:
    """What a study keeps in full, or None."""
    found = EXAMPLES.get(type(config))
    return None if found is None else found(config)
