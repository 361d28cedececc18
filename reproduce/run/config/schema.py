"""The schema of every experiment: which keys there are, their types and what each may be.

An experiment's file names its schema.
"""

from hydra.core.config_store import ConfigStore

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.formula import (
    PositionsExperiment,
    ScalingExperiment,
    ScheduleExperiment,
    SmoothingExperiment,
    TrainingCostExperiment,
)
from reproduce.run.config.layers import BlockExperiment, ComplexityExperiment, HeadsCostExperiment
from reproduce.run.config.sequence import (
    CharactersExperiment,
    CopyExperiment,
    DistanceExperiment,
    InductionExperiment,
    RecallExperiment,
    RolesExperiment,
    SequenceExperiment,
    SortExperiment,
)
from reproduce.run.config.study import (
    EquationsExperiment,
    IteratedExperiment,
    MinimizerExperiment,
    TransformerExperiment,
)
from reproduce.run.config.units import UnitsExperiment

SCHEMAS = {
    "units": UnitsExperiment,
    "equations": EquationsExperiment,
    "iterated": IteratedExperiment,
    "minimizer": MinimizerExperiment,
    "transformer": TransformerExperiment,
    "block": BlockExperiment,
    "heads_cost": HeadsCostExperiment,
    "complexity": ComplexityExperiment,
    "scaling": ScalingExperiment,
    "positions": PositionsExperiment,
    "schedule": ScheduleExperiment,
    "smoothing": SmoothingExperiment,
    "training_cost": TrainingCostExperiment,
    "copy": CopyExperiment,
    "sort": SortExperiment,
    "recall": RecallExperiment,
    "induction": InductionExperiment,
    "characters": CharactersExperiment,
    "head_roles": RolesExperiment,
    "distance": DistanceExperiment,
}
KINDS = {  # what the experiments of a schema are, in words
    UnitsExperiment: "nets of 1986",
    MinimizerExperiment: "nets of 1986 with second derivatives",
    EquationsExperiment: "studies of the equations of 1986",
    IteratedExperiment: "studies of the equations of 1986",
    SequenceExperiment: "sequence models",
    Experiment: "studies of layers and formulas of 2017",
}
for schema_name, schema in SCHEMAS.items():
    ConfigStore.instance().store(group="schema", name=schema_name, node=schema, package="_global_")


def kind_of(schema: type) -> str:
    """What the experiments of a schema are, in words."""
    return next(words for kind, words in KINDS.items() if issubclass(schema, kind))
