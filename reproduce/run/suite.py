"""`python -m reproduce.suite`: every experiment, then the table of claims.

At quick size each population has at most QUICK_REPLICAS starts, a large grid fewer, and sequence
models one start and at most QUICK_STEPS steps; with --full each has the size its file gives, and
the runs are kept in results/. Experiments run side by side, one process a core, each with one
thread; a finished run of the same program is not made again.
"""

import argparse
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Quote, QuotedString

from reproduce.file.experiments import experiment_names
from reproduce.file.finished import DamagedRun, open_run
from reproduce.file.paper import read_papers
from reproduce.file.place import RESULTS, cores, seen_by_caller, speak_utf8, write_whole
from reproduce.file.yaml_file import FileError
from reproduce.page.rebuild import refresh
from reproduce.page.report import tables
from reproduce.run.config.cases import cases_of
from reproduce.run.config.check import ConfigError
from reproduce.run.config.check_units import plan_of
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.grid import points
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.config.sound import compose_all, wrong_points
from reproduce.run.config.study import MinimizerExperiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.config.writable import check_writable
from reproduce.run.processes import side_by_side
from reproduce.run.progress import Progress, expected_seconds
from reproduce.run.worker import work_on
from reproduce.verdict.claims import markdown, short
from reproduce.verdict.kept import damaged, keep, read_or_name

os.environ["OMP_NUM_THREADS"] = "1"  # of each worker: there is one for every core
QUICK_REPLICAS = 200
QUICK_WORK = 5e9  # of a grid at quick size: sweeps times weights times cases, of all its nets
QUICK_TRAINED = 1  # sequence models, of each grid point
QUICK_STEPS = 600  # of a sequence model
QUICK_MINIMIZED = 10  # starts of a method that takes them one by one
STATEMENT_WIDTH = 40  # at least, in the printed table


def overrides_of(config: Experiment, full: bool) -> list[str]:
    """The overrides that bring an experiment to the size asked for."""
    words = []
    if not full and config.replicas > (quick := quick_replicas(config)):
        words.append(f"replicas={quick}")
    if not full and isinstance(config, SequenceExperiment) and config.run.steps > QUICK_STEPS:
        words.append(f"run.steps={QUICK_STEPS}")
    return words


def out_word(out: str) -> list[str]:
    """The override for the folder of the runs, where it is not that of the configs."""
    folder = QuotedString(out, Quote.single).with_quotes()
    return [] if out == "runs" else [f"out={folder}"]


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
    links = plan_of(config.network).links.values()
    weights = sum(link.ties for link in links) * (config.network.steps or 1)
    return config.run.sweeps * weights * cases_of(config.task.name).count * len(points(config))


def make_all(
    jobs: dict[str, list[str]], configs: dict[str, Experiment]
) -> tuple[dict[str, Path], dict[str, str]]:
    """Make every run, the longest first: folders by experiment, and what failed and why.

    A run that another process is making is tried again after the others, until it is there.
    """
    expected = {name: expected_seconds(config) for name, config in configs.items()}
    waiting = deque(sorted(jobs, key=expected.__getitem__, reverse=True))
    workers = min(cores(), len(jobs))
    progress = Progress(expected, workers)
    folders: dict[str, Path] = {}
    failures: dict[str, str] = {}
    told: set[str] = set()

    def hear(name: str, news: Any) -> None:
        if isinstance(news, float):
            progress.advance(name, news)
        elif isinstance(news, str):
            if news not in told:
                told.add(news)
                progress.write(news)
        elif news.status == "busy":
            hear(name, f"{name}: another process is making it; waiting for that")
            progress.put_off(name)
            waiting.append(name)
        else:
            folders[name] = news.folder
            progress.end(name, news.status == "finished")

    def failed(name: str, error: BaseException) -> None:
        failures[name] = f"{type(error).__name__}: {error}"
        progress.end(name, False)

    with closing(progress):
        side_by_side(partial(work_on, jobs), waiting, workers, hear, failed)
    return folders, failures


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
    files["claims.md"] = markdown(short(table))
    for name, text in files.items():
        write_whole(out / name, text)
    brief = short(table).drop(columns=["n", "kind", "decided_by"])
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
    print(f"figures: {out}/**/figures; curves: .venv/bin/tensorboard --logdir {out}")
    return damaged(runs)


def run_suite() -> int:
    """Run all that the command line asks for. FileError when what was published is not sound."""
    parser = argparse.ArgumentParser(prog="./scripts/reproduce", description=__doc__)
    parser.add_argument("--full", action="store_true", help="citable size; refreshes results/")
    where = "folder of the runs (default: runs of the clone)"
    parser.add_argument("--out", type=seen_by_caller, default=Path("runs"), help=where)
    arguments = parser.parse_args()
    papers, out = read_papers(), str(arguments.out)
    check_writable([out])
    jobs, configs, unsound = compose_all(
        experiment_names(), out_word(out), lambda config: overrides_of(config, arguments.full)
    )
    for problem in wrong_points(papers, configs):
        raise FileError(problem)
    for name, reason in unsound.items():
        print(f"{name} is left out: {reason}", file=sys.stderr)
    folders, failed = make_all(jobs, configs)
    if arguments.full and not failed and not unsound:
        broken = finish_full(folders)
    else:
        quick = (
            f"quick size (at most {QUICK_REPLICAS} starts; a sequence model {QUICK_STEPS} steps)"
        )
        size = "citable size, but not all runs were made" if arguments.full else quick
        broken = finish_quick(folders, arguments.out, size)
    return status_of({**failed, **broken}, unsound)


def status_of(failed: Mapping[str, object], unsound: dict[str, str]) -> int:
    """The status after all that could be made; what failed is said on stderr."""
    for name, reason in failed.items():
        print(f"{name}: failed: {reason}", file=sys.stderr)
    return 1 if failed or unsound else 0


def in_one_line(run: Callable[[], int]) -> int:
    """The status that `run` returns, or that of an error, which is said in one line on stderr."""
    try:
        return run()
    except (FileError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1


def main() -> int:
    """The command line."""
    speak_utf8()
    return in_one_line(run_suite)
