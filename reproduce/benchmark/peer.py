"""What a way to train must offer, so that it can be measured beside the others."""

import os
from typing import Protocol

import numpy as np

from reproduce.benchmark.work import Work


class Trainer(Protocol):
    """Nets of one work in the middle of their training.

    replicas: how many nets it really trains; 1 where nets are trained one after the other, as
    many take that many times as long.
    """

    replicas: int

    def sweep(self, count: int) -> None:
        """Make `count` sweeps of every net and return when they are done.

        Peers take turns in one process: what another may have set, such as the number of threads,
        is set here again.
        """

    def weights(self) -> np.ndarray:
        """The present weights (P, replicas), rows as `Units.names` has them."""


class Peer(Protocol):
    """A way to train. threads: how many it may use."""

    name: str
    threads: int

    def missing(self, work: Work) -> str | None:
        """Why it cannot take part in this work, in a few words; None when it can."""

    def prepare(self, work: Work, replicas: int) -> Trainer:
        """The nets before their first sweep. Only asked for where nothing is missing."""


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
