"""What is measured of attention: blocks by length of the text, training steps, populations."""

import pandas as pd
from tqdm import tqdm

from benchmark.attention.block import BlockPeer, block_peers
from benchmark.attention.memory import peak_bytes
from benchmark.attention.table import COLUMNS, rows
from benchmark.attention.training import TrainingPeer, population_peers, training_peers
from benchmark.attention.work import BlockWork, TrainingWork, characters_work, copy_work
from benchmark.conditions import conditions
from benchmark.measure import alternate, calibrate, prepare, say_once

LENGTHS = (128, 256, 512, 1024, 2048)
THREADS = (1, 2)  # of training
POPULATION, SMALL = 8, 64  # models and their d_model
ROUNDS, SECONDS = 9, 0.1  # more and shorter than for nets, whose peers are further apart

Cell = tuple[str, BlockWork | TrainingWork, list[BlockPeer] | list[TrainingPeer], int]


def cells() -> list[Cell]:
    """Series, work, peers with ours first, and models that are to be worked on."""
    blocks = [
        *(BlockWork(n, backward=False) for n in LENGTHS),
        *(BlockWork(n, backward=True) for n in LENGTHS),
        *(BlockWork(n, backward=True, causal=True) for n in LENGTHS),
        *(BlockWork(n, backward=False, around=True) for n in LENGTHS),
        *(BlockWork(n, backward=True, around=True) for n in LENGTHS),
    ]
    models = [
        ("training", work, training_peers(count), 1)
        for work in (copy_work(), characters_work())
        for count in THREADS
    ]
    populations = [
        ("population", copy_work(SMALL), population_peers(count), POPULATION) for count in THREADS
    ]
    named = [
        ("layer" if work.around else "attention", work, block_peers(work), 1) for work in blocks
    ]
    return [*named, *models, *populations]


def measure() -> pd.DataFrame:
    """Everything, one row a figure; a bar goes on by one a round-robin of all peers."""
    table, found = [], conditions("torch", "x-transformers")
    with tqdm(cells(), disable=None) as bar:
        say = say_once(bar)
        for series, work, peers, replicas in bar:
            bar.set_description(f"{series}, {work.name}, {work.n}")
            entries = prepare(work, replicas, peers, say)
            for entry in entries:
                calibrate(entry, SECONDS)
            alternate(entries, ROUNDS)
            peaks = [peak_bytes(lambda entry=entry: entry.trainer.sweep(1)) for entry in entries]
            table.extend(rows(series, work, replicas, entries, peaks, found))
    return pd.DataFrame(table, columns=COLUMNS)
