"""`python -m reproduce.suite`: every experiment, then the table of claims.

At quick size each population has at most QUICK_REPLICAS starts, a large grid fewer, and sequence
models one start and at most QUICK_STEPS steps; with --full each has the size its file gives, and
the runs are kept in results/. Experiments run side by side, one process a core, each with one
thread; a finished run of the same program is not made again.
"""

import argparse
import multiprocessing
import os
import shlex
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor, wait
from pathlib import Path

from tqdm import tqdm

from reproduce.compare.__main__ import refresh
from reproduce.compare.kept import damaged, keep, read_or_name
from reproduce.compare.report import tables
from reproduce.compare.table import short
from reproduce.config.check import work
from reproduce.config.compose import compose_experiment, experiment_names
from reproduce.config.experiment import Experiment
from reproduce.config.grid import points
from reproduce.config.sequence import SequenceExperiment
from reproduce.config.study import MinimizerExperiment
from reproduce.config.units import TASK_CASES, UnitsExperiment
from reproduce.finished import DamagedRun, open_run
from reproduce.paper import read_papers
from reproduce.place import RESULTS, write_whole

os.environ["OMP_NUM_THREADS"] = "1"  # of each worker: there is one for every core
QUICK_REPLICAS = 200
QUICK_WORK = 5e9  # of a grid at quick size: sweeps times weights times cases, of all its nets
QUICK_TRAINED = 1  # sequence models, of each grid point
QUICK_STEPS = 600  # of a sequence model
QUICK_MINIMIZED = 10  # starts of a method that takes them one by one
TICKS_AT_ONCE = 100
STATEMENT_WIDTH = 40  # at least, in the printed table
PROGRESS = None


def overrides_of(name: str, full: bool, out: str) -> list[str]:
    """The overrides with which the suite makes one experiment."""
    words = [f"experiment={name}"]
    config = compose_experiment(words)
    if not full and config.replicas > (quick := quick_replicas(config)):
        words.append(f"replicas={quick}")
    if not full and isinstance(config, SequenceExperiment) and config.run.steps > QUICK_STEPS:
        words.append(f"run.steps={QUICK_STEPS}")
    return words if out == "runs" else [*words, f"out={out}"]


def quick_replicas(config: Experiment) -> int:
    """The most starts of an experiment, or of each of its grid points, at quick size."""
    if isinstance(config, MinimizerExperiment):
        return QUICK_MINIMIZED
    if isinstance(config, SequenceExperiment):
        return QUICK_TRAINED
    if not isinstance(config, UnitsExperiment) or len(points(config)) == 1:
        return QUICK_REPLICAS
    affordable = int(QUICK_WORK // max(1, work_of_a_replica(config)))
    return min(QUICK_REPLICAS, max(1, affordable))


def work_of_a_replica(config: UnitsExperiment) -> int:
    """Sweeps times weights times cases of one start, at all grid points."""
    network = config.network
    weights = sum(
        network.groups[source] * network.groups[group]
        for group, sources in network.links.items()
        for source in sources
    )
    return config.run.sweeps * weights * TASK_CASES[config.task.name] * len(points(config))


def prepare(progress) -> None:
    """Set up a worker: where its progress, in sweeps, and what it has to tell go."""
    global PROGRESS
    PROGRESS = progress


def work_on(overrides: list[str]) -> str:
    """Make one run in a worker; returns its folder. A run made by another program is repeated."""
    from reproduce.experiment import (
        made_by_this_program,
        resolve_device,
        resolve_engine,
        run_experiment,
    )
    from reproduce.run.folder import RunFolder

    waiting = 0

    def tick(sweeps: int) -> None:
        nonlocal waiting
        waiting += sweeps
        if waiting >= TICKS_AT_ONCE:
            PROGRESS.put(waiting)
            waiting = 0

    config = compose_experiment(overrides)
    resolve_engine(config, resolve_device(config), PROGRESS.put)
    folder = RunFolder(config)
    config.rerun = folder.finished and not made_by_this_program(folder.final)
    command = shlex.join(["python", "-m", "reproduce", *overrides])
    outcome = run_experiment(config, command, tick, PROGRESS.put)
    PROGRESS.put(waiting)
    if outcome.status == "busy":
        raise RuntimeError(outcome.message)
    return str(outcome.folder)


def make_all(jobs: dict[str, list[str]], total: int) -> tuple[dict[str, Path], dict[str, str]]:
    """Make every run with one progress bar: folders by experiment, and what failed and why."""
    context = multiprocessing.get_context("spawn")
    folders, failed, told = {}, {}, set()
    with (
        context.Manager() as manager,
        tqdm(total=total, unit="sweep", unit_scale=True, desc="all experiments") as bar,
    ):
        progress = manager.Queue()
        with ProcessPoolExecutor(os.cpu_count(), context, prepare, (progress,)) as pool:
            running = {pool.submit(work_on, words): name for name, words in jobs.items()}
            while running:
                done, _ = wait(running, timeout=0.2)
                for future in done:
                    name = running.pop(future)
                    if error := future.exception():
                        failed[name] = f"{type(error).__name__}: {error}"
                    else:
                        folders[name] = Path(future.result())
                while not progress.empty():
                    news = progress.get()
                    if isinstance(news, int):
                        bar.update(news)
                    elif news not in told:
                        told.add(news)
                        tqdm.write(news)
    return folders, failed


def duration(config: Experiment) -> float:
    """How long a run lasts, about, so that the longest can begin first."""
    if isinstance(config, MinimizerExperiment):
        return float("inf")
    if isinstance(config, SequenceExperiment):
        width = config.network.N * config.network.d_model**2
        return config.run.steps * config.run.batch * width * config.replicas * len(points(config))
    if not isinstance(config, UnitsExperiment):
        return 0
    return config.replicas * work_of_a_replica(config)


def finish_full(folders: dict[str, Path]) -> dict[str, DamagedRun]:
    """Keep the runs and redraw all that follows from the records; returns what is damaged."""
    found = {}
    for name, folder in folders.items():
        try:
            keep(folder, RESULTS)
        except DamagedRun as error:
            found[name] = error
    found = refresh(RESULTS) | found
    print(f"\nkept in {RESULTS}; the page to read is {RESULTS / 'README.md'}")
    return found


def finish_quick(folders: dict[str, Path], out: Path, size: str) -> dict[str, DamagedRun]:
    """Write the tables beside the runs, which were made at that size; returns what is damaged."""
    runs = {name: read_or_name(folder, open_run) for name, folder in folders.items()}
    table, files = tables(read_papers(), runs)
    for name, text in files.items():
        write_whole(out / name, text)
    brief = short(table).drop(columns=["n"])
    others = brief.drop(columns=["statement"]).astype(str)
    taken = sum(others[name].str.len().max() + 1 for name in others)
    room = max(shutil.get_terminal_size().columns - taken - 1, STATEMENT_WIDTH)
    brief["statement"] = brief["statement"].str.slice(0, room).str.ljust(room)
    print("\n" + brief.to_string(index=False, justify="left"))
    print(
        "\n" + ", ".join(f"{n} {verdict}" for verdict, n in table["verdict"].value_counts().items())
    )
    print(f"at {size}; citable numbers are in {RESULTS}")
    print(f"the same table: {out / 'claims.md'}, {out / 'claims.csv'}")
    print(f"figures: {out}/*/*/*/figures; curves: .venv/bin/tensorboard --logdir {out}")
    return damaged(runs)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="./scripts/reproduce", description=__doc__)
    parser.add_argument("--full", action="store_true", help="citable size; refreshes results/")
    parser.add_argument("--out", default="runs", help="folder of the runs (default: runs)")
    arguments = parser.parse_args()
    jobs = {name: overrides_of(name, arguments.full, arguments.out) for name in experiment_names()}
    configs = {name: compose_experiment(words) for name, words in jobs.items()}
    jobs = dict(sorted(jobs.items(), key=lambda job: -duration(configs[job[0]])))
    folders, failed = make_all(jobs, sum(work(config) for config in configs.values()))
    if arguments.full and not failed:
        broken = finish_full(folders)
    else:
        quick = (
            f"quick size (at most {QUICK_REPLICAS} starts; a sequence model {QUICK_STEPS} steps)"
        )
        size = "citable size, but not all runs were made" if arguments.full else quick
        broken = finish_quick(folders, Path(arguments.out), size)
    for name, reason in (failed | broken).items():
        print(f"{name}: failed: {reason}", file=sys.stderr)
    return 1 if failed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
