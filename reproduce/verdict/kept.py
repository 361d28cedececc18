"""Finished runs read back from their folders, and the ones that are kept in results/."""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from filelock import FileLock

from reproduce.file.finished import (
    PACKED,
    RECORD,
    DamagedRun,
    Finished,
    as_kept,
    open_kept,
    open_run,
    packed_name,
    run_folders,
)
from reproduce.file.place import flush_folder, is_unfinished, write_whole
from reproduce.verdict.point import spoken, title_of

FIGURES = "figures"
TEXT_FILES = (
    *(RECORD, "config.yaml", "example.json"),
    *("replicas.csv", "curves.csv", "grid.csv"),
)


@dataclass(frozen=True)
class Kept:
    """One finished run: curves is None where nothing happened over time, grid without a grid.

    example: one replica in full, where the measure gives one.
    """

    folder: Path
    record: dict
    replicas: pd.DataFrame
    curves: pd.DataFrame | None
    grid: pd.DataFrame | None = None
    example: dict | None = None

    @property
    def experiment(self) -> str:
        """Its name, PAPER/NAME or PAPER/NAME/READING."""
        return self.record["experiment"]

    @property
    def settings(self) -> dict[str, list]:
        """The values of each key of its grid; none without a grid."""
        if self.grid is None:
            return {}
        return {key: values for key, values in self.record["config"]["grid"].items() if values}

    def points(self, at: dict | None = None) -> dict[str, pd.DataFrame]:
        """Its replicas by reading: the experiment, or its name with each grid point.

        at: settings that a point must have; ValueError where the grid does not have them.
        """
        at, settings = at or {}, self.settings
        for key, value in at.items():
            if key not in settings:
                there = f"has {', '.join(settings)}" if settings else "is no grid"
                raise ValueError(f"{self.experiment} at {key} {value}: it {there}")
            if value not in settings[key]:
                there = ", ".join(map(spoken, settings[key]))
                raise ValueError(f"{self.experiment} at {key} {value}: allowed are {there}")
        if not settings:
            return {self.experiment: self.replicas}
        groups = self.replicas.groupby(list(settings), sort=False)
        points = [(dict(zip(settings, values, strict=True)), group) for values, group in groups]
        return {
            f"{self.experiment}: {title_of(point)}": group
            for point, group in points
            if at.items() <= point.items()
        }


Runs = dict[str, Kept | DamagedRun]  # by experiment


def texts(run: Finished) -> dict[str, bytes]:
    """The text files that a run has, by name. DamagedRun when one of them is not whole."""
    names = {"config.yaml", "replicas.csv", *run.record["files"]}
    return {RECORD: run.text, **{name: run.read(name) for name in TEXT_FILES if name in names}}


def read_kept(run: Finished) -> Kept:
    """A run as its text files say it. DamagedRun when one of them is not whole."""
    found = texts(run)

    def table(name: str, index: str | None = None) -> pd.DataFrame:
        return pd.read_csv(io.BytesIO(found[name]), index_col=index)

    example = found.get("example.json")
    return Kept(
        run.folder,
        run.record,
        table("replicas.csv", "replica"),
        table("curves.csv") if "curves.csv" in found else None,
        table("grid.csv") if "grid.csv" in found else None,
        None if example is None else json.loads(example),
    )


def read_or_name(folder: Path, opened: Callable[[Path], Finished]) -> Kept | DamagedRun:
    """The run in a folder, or what is damaged of it."""
    try:
        return read_kept(opened(folder))
    except DamagedRun as error:
        return error


def read_results(results: Path) -> Runs:
    """All kept runs by experiment, the damaged ones too."""
    folders = run_folders(results, (*TEXT_FILES, *map(packed_name, PACKED)))
    return {f.relative_to(results).as_posix(): read_or_name(f, open_kept) for f in folders}


def whole(runs: Runs, name: str) -> Kept | None:
    """The run of an experiment, where there is one and nothing of it is damaged."""
    run = runs.get(name)
    return run if isinstance(run, Kept) else None


def damaged(runs: Runs) -> dict[str, DamagedRun]:
    """Those of which a file is damaged, by experiment."""
    return {name: run for name, run in runs.items() if isinstance(run, DamagedRun)}


@contextmanager
def alone_in(results: Path) -> Iterator[None]:
    """Be the only process that changes a folder of kept runs; mend what a killed one left there."""
    lock = results / ".lock"
    with FileLock(lock):
        for before in [*results.rglob(".*.old")]:
            place = before.with_name(before.name.removeprefix(".").removesuffix(".old"))
            if place.exists():
                clear(before, place)
            else:
                before.rename(place)
        for beside in [*results.rglob(".*.new")]:
            shutil.rmtree(beside)
        for unfinished in filter(is_unfinished, results.rglob(".*")):
            unfinished.unlink()
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)  # while it is held: the next one makes another


def clear(before: Path, place: Path) -> None:
    """Remove what was kept before; readings, which lie in folders inside it, go on to `place`."""
    for reading in [*before.iterdir()]:
        if reading.is_dir() and reading.name != FIGURES:
            reading.rename(place / reading.name)
    shutil.rmtree(before, ignore_errors=True)


def keep(folder: Path, results: Path) -> None:
    """Copy the text files of a finished run to its place in results. DamagedRun.

    They change places with what was kept before in two renames; a run is never there in part.
    Kept readings of it stay as they are.
    """
    run = open_run(folder)
    run.check()
    place = results / run.record["experiment"]
    beside, before = (place.with_name(f".{place.name}.{end}") for end in ("new", "old"))
    results.mkdir(parents=True, exist_ok=True)
    with alone_in(results):
        for name, content in texts(run).items():
            kept_name, kept_content = as_kept(name, content)
            write_whole(beside / kept_name, kept_content)
        if place.exists():
            place.rename(before)
        beside.rename(place)
        flush_folder(place.parent)
        if before.exists():
            clear(before, place)
