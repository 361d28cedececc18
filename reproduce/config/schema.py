"""The schema of every experiment: which keys there are, their types and what each may be.

An experiment file names its schema in its defaults list.
"""

from hydra.core.config_store import ConfigStore

from reproduce.config.formula import (
    PositionsExperiment,
    ScalingExperiment,
    ScheduleExperiment,
    SmoothingExperiment,
    TrainingCostExperiment,
)
from reproduce.config.layers import BlockExperiment, ComplexityExperiment, HeadsCostExperiment
from reproduce.config.sequence import (
    CharactersExperiment,
    CopyExperiment,
    DistanceExperiment,
    InductionExperiment,
    RecallExperiment,
    RolesExperiment,
    SortExperiment,
)
from reproduce.config.study import (
    EquationsExperiment,
    IteratedExperiment,
    MinimizerExperiment,
    TransformerExperiment,
)
from reproduce.config.units import UnitsExperiment

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
for schema_name, schema in SCHEMAS.items():
    ConfigStore.instance().store(group="schema", name=schema_name, node=schema, package="_global_")
