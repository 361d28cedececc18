"""What a run says of itself: `record.json`."""

import hashlib
import importlib.metadata
import json
import math
import os
import platform
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from reproduce.file.finished import hashes, own_sha256
from reproduce.file.found import places
from reproduce.file.place import ROOT, cores
from reproduce.file.sources import sources
from reproduce.run.clock import now
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.grid import has_grid
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.folder import content, sha256
from reproduce.run.ranks import Ranks
from reproduce.units.engine import THREADS
from reproduce.verdict.statistic import summary

PROGRAM = (  # what a result follows from
    *("reproduce", "conf", "papers"),
    *("requirements.txt", "requirements.lock"),
)
ENGINE_OF_UNITS = ("reproduce.run.population", "reproduce.units.measure.learning")
ENGINE_OF_SEQUENCES = ("reproduce.run.train_sequence",)
NO_PART_OF_A_NUMBER = (
    *("reproduce.file", "reproduce.page", "reproduce.verdict"),
    *("reproduce.run.config", "reproduce.run.tracking"),
)
MAKES_NUMBERS = {"cases", "held_out", "texts", "measure", "example", "study"}
PACKAGES = ("torch", "numpy", "scipy", "statsmodels", "pandas", "hydra-core", "matplotlib")


def program_of(config: Experiment) -> tuple[str, ...]:
    """The modules that make the numbers of a run: its engine, and its own cases and measures."""
    engine: tuple[str, ...] = ()
    names = [*config.measure]
    task: Any = vars(config).get("task")  # each kind of experiment has a section of its own
    if isinstance(config, UnitsExperiment):
        engine, names = ENGINE_OF_UNITS, [*names, task.name]
    elif isinstance(config, SequenceExperiment):
        engine, names = ENGINE_OF_SEQUENCES, [*names, task.module]
    own = {places(name)[what] for name in names for what in MAKES_NUMBERS & {*places(name)}}
    return (*engine, *sorted(own))


@cache
def sha256_of(program: tuple[str, ...]) -> str:
    """Hash of the files that these modules are made of, as this process found them."""
    digest = hashlib.sha256()
    for name, text in sources(program, ROOT, NO_PART_OF_A_NUMBER).items():
        digest.update(f"{name}\n{text}".encode())
    return digest.hexdigest()


def source_sha256(config: Experiment) -> str:
    """Hash of the program that makes the numbers of this run, and of nothing else.

    It is the same when a picture, a page, a check of configs or another experiment changes.
    """
    return sha256_of(program_of(config))


def origin(config: Experiment) -> dict[str, str]:
    """What the bits of a result depend on: what a checkpoint must agree with to be gone on from."""
    return {
        "config": sha256(config),
        "source code": source_sha256(config),
        "torch version": str(torch.__version__),
    }


def commit() -> tuple[str | None, bool | None]:
    """The commit of the program, and whether its files differ from it.

    None where that is not certain: without git, or where the folder is not the top of a checkout
    of its own. What git is set to on this machine makes no difference.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    settings = {"safe.directory": ROOT, "core.fileMode": "false", "core.excludesFile": ""}
    settings |= {"core.autocrlf": "false", "core.fsmonitor": "false"}
    chosen = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def git(*words: str) -> str:
        command = ["git", "--no-optional-locks", *chosen, "-C", str(ROOT), *words]
        done = subprocess.run(command, env=own, capture_output=True, encoding="utf-8", check=True)
        return done.stdout.strip()

    try:
        if not os.path.samefile(git("rev-parse", "--show-toplevel"), ROOT):
            return None, None
        changed = git("status", "--porcelain", "--untracked-files=all", "--", *PROGRAM)
        return git("rev-parse", "HEAD"), bool(changed)
    except (OSError, subprocess.CalledProcessError):
        return None, None


def provenance(config: Experiment) -> dict:
    """By which program a run is made: to be asked as it begins, before somebody edits a file."""
    commit_hash, dirty = commit()
    return {"source_sha256": source_sha256(config), "commit": commit_hash, "dirty": dirty}


def device_name(device: torch.device) -> str:
    """The processor's own name."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {cores()} cores"


def make_record(
    config: Experiment,
    command: str,
    device: torch.device,
    ranks: Ranks,
    started: str,
    wall_seconds: float,
    data_sha256: str | None,
    table: pd.DataFrame,
    program: dict,
) -> dict:
    """All of design's record of a finished run; table: a row a replica, a column a quantity.

    program: what `provenance` said when the run began.

    A grid has no quantities of all its replicas together; its summaries stand in grid.csv.
    """
    quantities = (
        {} if has_grid(config) else {name: summary(name, table[name]) for name in table.columns}
    )
    on_all = isinstance(config, SequenceExperiment) or getattr(config, "engine", "") == "compiled"
    return {
        "experiment": config.name,
        "command": command,
        "config": content(config),
        "config_sha256": sha256(config),
        **program,
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "device": device_name(device),
        "processes": ranks.size,
        "threads": THREADS if on_all and device.type == "cpu" else 1,
        "seed": config.seed,
        "replicas": config.replicas,
        "start": started,
        "end": now(),
        "wall_seconds": round(wall_seconds, 2),
        "status": "finished",
        "data_sha256": data_sha256,
        "quantities": quantities,
    }


def seal(record: dict, folder: Path) -> str:
    """The text of record.json, once every other file of the run is whole in `folder`."""
    written = json.loads(dump(record | {"files": hashes(folder)}))
    return dump(written | {"record_sha256": own_sha256(written)})


def dump(record: dict) -> str:
    """The record as text; numbers that are not finite are written as null."""
    return json.dumps(finite(record), indent=1, allow_nan=False) + "\n"


def finite(value: object) -> object:
    """The same with None for every number that is not finite."""
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
