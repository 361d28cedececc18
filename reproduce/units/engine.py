"""How the sweeps of `reproduce.units.sweep` are made: eagerly, compiled, or from a CUDA graph.

An engine takes blocks of nets from one sweep to another. On the CPU a block is what fits the
cache of one core, and the compiled engine works on as many blocks at once as there are threads;
which block a replica is in, and on which thread, changes none of its bits.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import torch

from reproduce.units.compiled import Compiled
from reproduce.units.replayed import Replayed
from reproduce.units.sweep import Sweep, Tensors
from reproduce.units.toolchain import trouble

THREADS = torch.get_num_threads()  # what OMP_NUM_THREADS or the number of cores allows
BLOCKS_PER_THREAD = 8  # that are there at once
Block = tuple[Tensors, Tensors]  # nets and lesson


def trouble_on(device: torch.device) -> str | None:
    """Why the fast engine does not work on a device, in one line; None where it does."""
    return None if device.type == "cuda" else trouble()


class Engine:
    """The way to make one kind of sweep on one device; kind: `eager` or `compiled`."""

    def __init__(self, kind: str, sweeps: Sweep, device: torch.device):
        self.compiled, self.threads = kind == "compiled" and device.type != "meta", 1
        self._advance: Callable = sweeps
        if self.compiled and device.type == "cuda":
            self._advance = Replayed(sweeps)
        elif self.compiled:
            self.threads = THREADS
            self._advance = Compiled(sweeps, THREADS)

    def prepare(self, block: Callable[[], Block]) -> None:
        """Compile for blocks of the kind that `block` makes, where that is still to be done."""
        if isinstance(self._advance, Compiled) and self._advance.program is None:
            self._advance.prepare(*block())

    def advance(self, blocks: Iterable[Block], sweep: int, until: int) -> Iterator[Tensors]:
        """The nets of each block after `until` sweeps; the tensors given may be overwritten."""

        def one(block: Block) -> Tensors:
            nets, lesson = block
            return self._advance(nets, sweep, until, lesson)

        if self.threads == 1:
            yield from map(one, blocks)
        else:
            waiting = iter(blocks)
            with ThreadPoolExecutor(self.threads) as pool:
                while batch := list(islice(waiting, BLOCKS_PER_THREAD * self.threads)):
                    yield from pool.map(one, batch)
