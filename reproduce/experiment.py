"""One experiment from its checked config to its finished folder."""

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from omegaconf import OmegaConf
from safetensors.torch import save as to_safetensors

from reproduce import figure
from reproduce.config.check import ConfigError, work
from reproduce.config.schema import (
    EquationsExperiment,
    Experiment,
    TransformerExperiment,
    UnitsExperiment,
)
from reproduce.learn import learn, try_on_meta
from reproduce.measure import parameters
from reproduce.paper import read_paper
from reproduce.place import write_whole
from reproduce.run.clock import now
from reproduce.run.equations import study
from reproduce.run.folder import RunFolder, content
from reproduce.run.record import dump, make_record, source_sha256
from reproduce.run.tracking import Tracker
from reproduce.show import show_card

Tick = Callable[[int], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    status: `finished`, `found` (it was there), `busy` (another makes it) or `tried` (on meta).
    """

    status: str
    folder: Path
    message: str


def resolve_device(config: Experiment) -> torch.device:
    """The device of the config, with `auto` settled; ConfigError where there is no CUDA."""
    if config.device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device=cuda: no CUDA device is here; allowed are auto, cpu, meta")
    if config.device == "auto":
        usable = isinstance(config, UnitsExperiment) and torch.cuda.is_available()
        config.device = "cuda" if usable else "cpu"
    return torch.device(config.device)


def run_experiment(config: Experiment, command: str, tick: Tick) -> Outcome:
    """Make the run, or say where it is. Raises ConfigError before anything is written.

    tick: called with the number of sweeps made since the last call.
    """
    device = resolve_device(config)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # the same bits on any number of cores
    if device.type == "meta":
        return Outcome("tried", Path(), try_on_meta(config))
    folder = RunFolder(config)
    with folder.claim() as mine:
        if not mine:
            return Outcome("busy", folder.partial, f"another process is making {folder.final}")
        if folder.finished and not config.rerun:
            tick(work(config))
            other = " (made by other source code; rerun=true repeats it)"
            note = "" if made_by_this_program(folder.final) else other
            return Outcome("found", folder.final, f"found finished: {folder.final}{note}")
        if folder.partial.exists() and not (folder.partial / "checkpoint.pt").exists():
            shutil.rmtree(folder.partial)
        folder.partial.mkdir(exist_ok=True)
        for unfinished in folder.partial.glob(".*"):
            unfinished.unlink()
        try:
            make(config, command, device, folder.partial, tick)
        except Exception as error:
            failed = {"experiment": config.name, "command": command, "end": now()}
            failed |= {"status": "failed", "error": f"{type(error).__name__}: {error}"}
            with contextlib.suppress(OSError):
                write_whole(folder.partial / "record.json", dump(failed))
            raise
        folder.finish()
        (folder.final / "checkpoint.pt").unlink(missing_ok=True)
    return Outcome("finished", folder.final, f"finished: {folder.final}")


def made_by_this_program(finished: Path) -> bool:
    """Whether the program's files are those that made the run in this folder."""
    record = json.loads((finished / "record.json").read_text())
    return record["source_sha256"] == source_sha256()


def make(config: Experiment, command: str, device: torch.device, folder: Path, tick: Tick) -> None:
    """Fill the partial folder: all files, the record last."""
    started, clock = now(), time.perf_counter()
    before, curves, data = 0.0, None, None
    write_whole(folder / "config.yaml", OmegaConf.to_yaml(OmegaConf.create(content(config))))
    if isinstance(config, UnitsExperiment):
        learned = learn(config, command, device, folder, tick)
        table, curves, data = learned.table, learned.curves, learned.task.sha256()
        started, before = learned.started, learned.seconds_before
        write_whole(folder / "weights.safetensors", to_safetensors({"weights": learned.weights}))
        write_whole(folder / "curves.csv", curves.to_csv(index=False))
    else:
        table = pd.DataFrame(rows_without_training(config, tick))
        tracker = Tracker(folder)
        show_card(tracker, config, command, table)
        tracker.close()
    write_whole(folder / "replicas.csv", table.to_csv(index_label="replica"))
    seconds = before + time.perf_counter() - clock
    record = make_record(config, command, device, started, seconds, data, table)
    paper = read_paper(config.name.split("/")[0])
    (folder / "figures").mkdir(exist_ok=True)
    for name, drawn in figure.draw(record, table, curves, paper).items():
        write_whole(folder / "figures" / f"{name}.svg", figure.svg(drawn))
        write_whole(folder / "figures" / f"{name}.png", figure.png(drawn))
    write_whole(folder / "record.json", dump(record))


def rows_without_training(config: Experiment, tick: Tick) -> Iterator[dict[str, float]]:
    """One row of quantities a replica for the experiments in which nothing is trained."""
    if isinstance(config, EquationsExperiment):
        rows = study(config)
    elif isinstance(config, TransformerExperiment):
        rows = [parameters.measure(config.network)]
    for row in rows:
        yield row
        tick(1)
