"""Finished runs read back from their folders, and the ones that are kept in results/."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reproduce.figure.grid import spoken, title_of
from reproduce.place import flush_folder

TEXT_FILES = (
    *("record.json", "config.yaml", "example.json"),
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
        """Its name, paper/experiment."""
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


def read_kept(folder: Path) -> Kept:
    """Read one run folder; FileNotFoundError when a file of it is missing."""
    curves, grid, example = (folder / name for name in ("curves.csv", "grid.csv", "example.json"))
    return Kept(
        folder,
        json.loads((folder / "record.json").read_text(encoding="utf-8")),
        pd.read_csv(folder / "replicas.csv", index_col="replica"),
        pd.read_csv(curves) if curves.exists() else None,
        pd.read_csv(grid) if grid.exists() else None,
        json.loads(example.read_text(encoding="utf-8")) if example.exists() else None,
    )


def read_results(results: Path) -> dict[str, Kept]:
    """All kept runs by experiment."""
    records = sorted(results.glob("*/[!.]*/record.json"))
    kept = [read_kept(path.parent) for path in records]
    return {run.experiment: run for run in kept}


def keep(run: Path, results: Path) -> None:
    """Copy the text files of a finished run to its place in results.

    They change places with what was kept before in two renames; a run is never there in part.
    """
    place = results / read_kept(run).experiment
    beside, before = (place.with_name(f".{place.name}.{end}") for end in ("new", "old"))
    for left in (beside, before):
        shutil.rmtree(left, ignore_errors=True)
    beside.mkdir(parents=True)
    for name in TEXT_FILES:
        if (run / name).exists():
            shutil.copyfile(run / name, beside / name)
    if place.exists():
        place.rename(before)
    beside.rename(place)
    flush_folder(place.parent)
    shutil.rmtree(before, ignore_errors=True)
