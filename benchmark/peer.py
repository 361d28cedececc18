"""What a way to compute must offer, so that it can be measured beside the others."""

from typing import Any, Protocol

import numpy as np


class Trainer(Protocol):
    """Networks in the middle of some work that can be repeated.

    replicas: how many networks it really works on; 1 where they are taken one after the other, as
    many take that many times as long.
    """

    replicas: int

    def sweep(self, count: int) -> None:
        """Do the work of every network `count` times and return when that is done.

        Peers take turns in one process: what another may have set, such as the number of threads,
        is set here again.
        """


class NetTrainer(Trainer, Protocol):
    """Nets of 1986, whose work is a sweep: a pass over all cases, back, and a weight change."""

    def weights(self) -> np.ndarray:
        """The present weights (P, replicas), rows as `Units.names` has them."""


class Peer(Protocol):
    """A way to compute. threads: how many it may use."""

    name: str
    threads: int

    def missing(self, work: Any) -> str | None:
        """Why it cannot take part in this work, in a few words; None when it can."""

    def prepare(self, work: Any, replicas: int) -> Trainer:
        """The networks before their first sweep. Only asked for where nothing is missing."""
