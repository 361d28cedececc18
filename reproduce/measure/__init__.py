"""Pure functions from trained replicas to one value a replica.

Each returns columns: the name of a quantity -> one float64 value a replica, shape (R,). nan means
that the question does not arise for that replica, or, for `sweeps_to_...`, that it never happened.
"""

from reproduce.measure import (
    family_trees,
    generalization,
    hidden_units,
    landscape,
    symmetry,
    xor,
)

MEASURES = {
    "symmetry": symmetry.measure,
    "xor": xor.measure,
    "landscape": landscape.measure,
    "hidden_units": hidden_units.measure,
    "generalization": generalization.measure,
    "family_trees": family_trees.measure,
}
EXAMPLES = {"family_trees": family_trees.example}  # one replica in full, for its pictures
