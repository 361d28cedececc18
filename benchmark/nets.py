"""Net-sweeps per second of the ways to train many small nets of 1986.

R nets that each make one sweep are R net-sweeps.
"""

import pandas as pd
from tqdm import tqdm

from benchmark.c_loop import COMPILER, CLoop
from benchmark.conditions import compiler, conditions
from benchmark.engine import OurEngine
from benchmark.jax_scan import JaxScan
from benchmark.measure import Entry, alternate, calibrate, calibrate_at, prepare, say_once
from benchmark.peer import Peer
from benchmark.scikit import Scikit
from benchmark.table import COLUMNS, rows
from benchmark.usual import UsualLoop
from benchmark.work import Work, symmetry_work, works

REPLICAS, SIZE_REPLICAS = 4096, 1024
OTHER_REPLICAS = (1, 10, 100, 1000, 10_000, 100_000)
SWEEPS = (1, 10, 100, 300, 1000, 3000)
HIDDEN = (1, 2, 4, 8, 16, 32)


def peers() -> list[Peer]:
    """All ways to train, in the order in which they take their turn."""
    return [
        *(UsualLoop(), Scikit(), OurEngine("eager"), OurEngine("compiled")),
        *(JaxScan(tuned=False), JaxScan(tuned=True), CLoop()),
    ]


def cells() -> list[tuple[str, Work, int]]:
    """What is measured at the speed of long calls: series, work and replicas."""
    return [
        *(("works", work, REPLICAS) for work in works()),
        *(("replicas", symmetry_work(), replicas) for replicas in OTHER_REPLICAS),
        *(("sizes", symmetry_work(hidden), SIZE_REPLICAS) for hidden in HIDDEN),
    ]


def found_here() -> dict[str, int | str]:
    """The conditions that matter to the peers."""
    return conditions("torch", "jax", "scikit-learn") | {"compiler": compiler(COMPILER)}


def measure() -> pd.DataFrame:
    """Everything, one row a figure; a bar goes on by one a round-robin of all peers.

    The series over the number of sweeps comes first: its first calls are those of the process.
    """
    table, found, taking_part = [], found_here(), peers()
    with tqdm(total=len(SWEEPS) + len(cells()), disable=None) as bar:
        say = say_once(bar)

        def timed(series: str, work: Work, replicas: int, fitting: list[Entry], what: str) -> None:
            alternate(fitting)
            table.extend(rows(series, work, replicas, fitting, found))
            bar.set_description(what)
            bar.update()

        entries = prepare(symmetry_work(), REPLICAS, taking_part, say)
        for sweeps in SWEEPS:
            fitting = [entry for entry in entries if calibrate_at(entry, sweeps)]
            timed("sweeps", symmetry_work(), REPLICAS, fitting, f"{sweeps} sweeps")
        for series, work, replicas in cells():
            entries = prepare(work, replicas, taking_part, say)
            fitting = [entry for entry in entries if calibrate(entry)]
            timed(series, work, replicas, fitting, f"{work.name}, {replicas} replicas")
    return pd.DataFrame(table, columns=COLUMNS)
