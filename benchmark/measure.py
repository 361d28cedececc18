"""Timing in alternating rounds: every peer once, then every peer again."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from benchmark.peer import Peer, Trainer

ROUNDS = 5
SECONDS = 0.3  # that a timed call should last
LONGEST = 3.0  # a peer whose single call lasts longer is left out of that figure


@dataclass
class Entry:
    """A peer with its nets. first_call: seconds for the preparation and the first sweep.

    sweeps, repeats: a timed call is `repeats` times `sweep(sweeps)`. rates: sweeps times replicas
    per second, one for each round.
    """

    peer: Peer
    trainer: Trainer
    first_call: float
    sweeps: int = 1
    repeats: int = 1
    rates: list[float] = field(default_factory=list)

    def call(self) -> float:
        """Seconds of one timed call."""
        clock = time.perf_counter()
        for _ in range(self.repeats):
            self.trainer.sweep(self.sweeps)
        return time.perf_counter() - clock

    def warm_call(self) -> float:
        """Seconds of a call whose like was made just before, so that nothing is compiled in it."""
        self.call()
        return self.call()


def say_once(bar: tqdm) -> Callable[[str], None]:
    """A way to tell above the bar, where the same line is told a single time."""
    told = set()

    def say(line: str) -> None:
        if line not in told:
            bar.write(line)
            told.add(line)

    return say


def prepare(work: Any, replicas: int, peers: list[Peer], say: Callable) -> list[Entry]:
    """The peers that can do the work, each after its first sweep; `say` tells of the others."""
    entries = []
    for peer in peers:
        reason = peer.missing(work)
        if reason:
            say(f"{peer.name} is left out: {reason}")
            continue
        clock = time.perf_counter()
        trainer = peer.prepare(work, replicas)
        trainer.sweep(1)
        entries.append(Entry(peer, trainer, time.perf_counter() - clock))
    return entries


def calibrate(entry: Entry, wanted: float = SECONDS) -> bool:
    """Choose the sweeps of a call so that it lasts about `wanted` seconds. False: a single one is
    too long.

    It ends on a number of sweeps that has been called, so that nothing is left to be compiled.
    """
    entry.sweeps = entry.repeats = 1
    while (seconds := entry.warm_call()) < wanted / 2:
        entry.sweeps = max(entry.sweeps + 1, round(entry.sweeps * wanted / seconds))
    return seconds <= LONGEST


def calibrate_at(entry: Entry, sweeps: int) -> bool:
    """Choose how often a call of `sweeps` sweeps is repeated. False: a single one is too long.

    What is foreseen from the call before, of fewer sweeps, is not tried when it is too long.
    """
    if entry.call() / entry.repeats * sweeps / entry.sweeps > LONGEST:
        return False
    entry.sweeps, entry.repeats = sweeps, 1
    seconds = entry.warm_call()
    entry.repeats = max(1, round(SECONDS / seconds))
    return seconds <= LONGEST


def alternate(entries: list[Entry], rounds: int = ROUNDS) -> None:
    """Time so many rounds; fills in `rates`."""
    for entry in entries:
        entry.rates = []
    for _ in range(rounds):
        for entry in entries:
            sweeps = entry.trainer.replicas * entry.sweeps * entry.repeats
            entry.rates.append(sweeps / entry.call())


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, lowest and highest."""
    return statistics.median(values), min(values), max(values)


def ratio(entry: Entry, other: Entry) -> tuple[float, float, float]:
    """How many times as fast as the other: spread of the ratio within each round."""
    return spread([own / its for own, its in zip(entry.rates, other.rates, strict=True)])
