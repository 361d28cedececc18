"""`./scripts/benchmark`: how fast this project computes, beside the usual ways.

Two halves: the training of many small nets, and attention. Each writes its table and its picture
when all of it is measured, and prints the table.
"""

import argparse
from pathlib import Path

import pandas as pd

from benchmark import nets, table
from benchmark.attention import series
from benchmark.attention import table as attention_table
from benchmark.attention.picture import draw_attention
from benchmark.picture import draw_benchmark
from reproduce.file.place import RESULTS, seen_by_caller, speak_utf8, write_whole
from reproduce.page.page import png

HALVES = {  # the name of its files, how it is measured, printed and drawn
    "nets": ("benchmark", nets.measure, table.printed, draw_benchmark),
    "attention": (
        *("benchmark_attention", series.measure),
        *(attention_table.printed, draw_attention),
    ),
}


def make(half: str, out: Path) -> None:
    """Measure a half, then write and print."""
    name, measure, printed, draw = HALVES[half]
    measured = measure()
    write_whole(out / f"{name}.csv", measured.to_csv(index=False))
    figure = draw(pd.read_csv(out / f"{name}.csv"))
    write_whole(out / f"{name}.png", png(figure))
    print(printed(measured))


def main() -> None:
    """Both halves, or the one that is asked for."""
    speak_utf8()
    words = argparse.ArgumentParser(prog="./scripts/benchmark", description=__doc__)
    words.add_argument("--only", choices=HALVES, help="the half to be made; both without")
    words.add_argument("--out", type=seen_by_caller, default=RESULTS, help="folder of the files")
    given = words.parse_args()
    for half in [given.only] if given.only else HALVES:
        make(half, given.out)


if __name__ == "__main__":
    main()
