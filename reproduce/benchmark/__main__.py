"""`./scripts/benchmark`: net-sweeps per second of the ways to train many small nets, side by side.

R nets that each make one sweep are R net-sweeps. Writes benchmark.csv, .svg and .png when all is
measured, and prints the table.
"""

import argparse
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from reproduce.benchmark.c_loop import CLoop
from reproduce.benchmark.conditions import conditions
from reproduce.benchmark.engine import OurEngine
from reproduce.benchmark.jax_scan import JaxScan
from reproduce.benchmark.measure import Entry, alternate, calibrate, calibrate_at, prepare
from reproduce.benchmark.peer import Peer
from reproduce.benchmark.scikit import Scikit
from reproduce.benchmark.table import COLUMNS, printed, rows
from reproduce.benchmark.usual import UsualLoop
from reproduce.benchmark.work import Work, symmetry_work, works
from reproduce.figure.benchmark import draw_benchmark
from reproduce.figure.page import png, svg
from reproduce.place import RESULTS, write_whole

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


def measure(taking_part: list[Peer], bar: tqdm) -> pd.DataFrame:
    """Everything, one row a figure; the bar goes on by one a round-robin of all peers.

    The series over the number of sweeps comes first: its first calls are those of the process.
    """
    told, table, found = set(), [], conditions()

    def say(line: str) -> None:
        if line not in told:
            bar.write(line)
            told.add(line)

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


def main() -> None:
    """Measure, then write and print."""
    words = argparse.ArgumentParser(prog="./scripts/benchmark", description=__doc__)
    words.add_argument("--out", type=Path, default=RESULTS, help="folder of the files")
    out = words.parse_args().out
    with tqdm(total=len(SWEEPS) + len(cells()), disable=None) as bar:
        table = measure(peers(), bar)
    write_whole(out / "benchmark.csv", table.to_csv(index=False))
    figure = draw_benchmark(pd.read_csv(out / "benchmark.csv"))
    write_whole(out / "benchmark.svg", svg(figure))
    write_whole(out / "benchmark.png", png(figure))
    print(printed(table))


if __name__ == "__main__":
    main()
