"""Pure functions from trained replicas to one value a replica.

Of a population of units each returns columns: the name of a quantity -> one float64 value a
replica, shape (R,). Of a sequence model each returns one number a quantity. nan means that the
question does not arise for that replica, or, for `sweeps_to_...`, that it never happened.
"""

from reproduce.measure import (
    characters,
    copying,
    distance,
    family_trees,
    generalization,
    hidden_units,
    induction,
    landscape,
    roles,
    sorting,
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
OF_A_SEQUENCE_MODEL = {  # from one trained replica to one number a quantity
    "copy": copying.measure,
    "sort": sorting.measure,
    "induction": induction.measure,
    "characters": characters.measure,
    "head_roles": roles.measure,
    "distance": distance.measure,
}
EXAMPLES = {"family_trees": family_trees.example}  # one replica in full, for its pictures
