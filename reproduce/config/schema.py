"""The schema of every experiment: which keys there are, their types and what each may be.

An experiment file names its schema in its defaults list.
"""

from hydra.core.config_store import ConfigStore

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
}
for schema_name, schema in SCHEMAS.items():
    ConfigStore.instance().store(group="schema", name=schema_name, node=schema, package="_global_")
