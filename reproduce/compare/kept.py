"""Finished runs read back from their folders, and the ones that are kept in results/."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reproduce.figure.grid import title_of
from reproduce.place import flush_folder

TEXT_FILES = ("record.json", "config.yaml", "replicas.csv", "curves.csv", "grid.csv")


@dataclass(frozen=True)
class Kept:
    """One finished run: curves is None where nothing happened over time, grid without a grid."""

    folder: Path
    record: dict
    replicas: pd.DataFrame
    curves: pd.DataFrame | None
    grid: pd.DataFrame | None = None

    @property
    def experiment(self) -> str:
        """Its name, paper/experiment."""
        return self.record["experiment"]

    def readings(self, quantity: str) -> dict[str, pd.Series | None]:
        """One value a replica by reading: the experiment, or its name with each grid point.

        None where the run does not have the quantity.
        """
        column = self.replicas.get(quantity)
        if self.grid is None or column is None:
            return {self.experiment: column}
        keys = [key for key, values in self.record["config"]["grid"].items() if values]
        return {
            f"{self.experiment}: {title_of(dict(zip(keys, point, strict=True)))}": group[quantity]
            for point, group in self.replicas.groupby(keys, sort=False)
        }


def read_kept(folder: Path) -> Kept:
    """Read one run folder; FileNotFoundError when a file of it is missing."""
    curves, grid = folder / "curves.csv", folder / "grid.csv"
    return Kept(
        folder,
        json.loads((folder / "record.json").read_text()),
        pd.read_csv(folder / "replicas.csv", index_col="replica"),
        pd.read_csv(curves) if curves.exists() else None,
        pd.read_csv(grid) if grid.exists() else None,
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
