"""From trained replicas to one value a replica: what more than one experiment asks.

Each returns columns: the name of a quantity -> one float64 value a replica, shape (R,). nan means
that a net has no such value (the weights of a net that never solved, say), or, for `sweeps_to_...`,
that it never happened.
"""
