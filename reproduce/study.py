"""The studies in which no population learns: from a config to a row of quantities a replica."""

from collections.abc import Callable, Iterator

from reproduce.config.experiment import Experiment
from reproduce.config.formula import (
    PositionsExperiment,
    ScalingExperiment,
    ScheduleExperiment,
    SmoothingExperiment,
    TrainingCostExperiment,
)
from reproduce.config.layers import BlockExperiment, ComplexityExperiment, HeadsCostExperiment
from reproduce.config.study import (
    EquationsExperiment,
    IteratedExperiment,
    MinimizerExperiment,
    TransformerExperiment,
)
from reproduce.measure import (
    block,
    complexity,
    heads_cost,
    parameters,
    positions,
    scaling,
    schedule,
    smoothing,
    training_cost,
)
from reproduce.run import equations, iterated, minimizer

STUDIES = {
    EquationsExperiment: equations.study,
    IteratedExperiment: iterated.study,
    MinimizerExperiment: minimizer.study,
    TransformerExperiment: lambda config: [parameters.measure(config.network)],
    BlockExperiment: block.study,
    HeadsCostExperiment: heads_cost.study,
    ComplexityExperiment: complexity.study,
    ScalingExperiment: lambda config: scaling.measure(config.network, config.replicas, config.seed),
    PositionsExperiment: lambda config: [positions.measure(config.network)],
    ScheduleExperiment: lambda config: [schedule.measure(config)],
    SmoothingExperiment: lambda config: [smoothing.measure(config)],
    TrainingCostExperiment: lambda config: [training_cost.measure(config.run)],
}
EXAMPLES = {  # what a study keeps in full for its pictures: from a config to values for JSON
    ComplexityExperiment: complexity.example,
    PositionsExperiment: lambda config: positions.example(config.network),
    ScheduleExperiment: schedule.example,
    SmoothingExperiment: smoothing.example,
}


def rows_of_a_study(config: Experiment, tick: Callable[[int], None]) -> Iterator[dict[str, float]]:
    """One row of quantities a replica; `tick` is called after each."""
    for row in STUDIES[type(config)](config):
        yield row
        tick(1)


def example_of_a_study(config: Experiment) -> dict | None:
    """What a study keeps in full, or None."""
    found = EXAMPLES.get(type(config))
    return None if found is None else found(config)
