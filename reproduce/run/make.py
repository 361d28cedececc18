"""One experiment from its checked config to its finished folder."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from omegaconf import OmegaConf
from safetensors.torch import save as to_safetensors
from tqdm import tqdm

from reproduce.file.finished import RECORD, REPEAT, open_run, read_record
from reproduce.file.paper import read_paper
from reproduce.file.place import write_whole
from reproduce.page.draw import draw
from reproduce.page.page import png
from reproduce.run.checkpoint import checkpoints, remove
from reproduce.run.clock import now
from reproduce.run.config.check import ConfigError, work
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.folder import RunFolder, content, sha256
from reproduce.run.learn import learn, try_on_meta
from reproduce.run.learn_sequences import learn_sequences, try_sequences_on_meta
from reproduce.run.log import logged
from reproduce.run.processes import make_deterministic
from reproduce.run.ranks import Ranks, join
from reproduce.run.record import dump, make_record, provenance, seal, source_sha256
from reproduce.run.show import show_card
from reproduce.run.study import example_of_a_study, rows_of_a_study
from reproduce.run.tracking import Tracker
from reproduce.units.compiled import CompilerFailed
from reproduce.units.engine import trouble_on

Tick = Callable[[int], object]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    status: `finished`, `found` (it was there), `busy` (another makes it), `tried` (on meta) or
    `helped` (a rank that is not the first).
    """

    status: str
    folder: Path
    message: str


def resolve_device(config: Experiment) -> torch.device:
    """The device of the config, with `auto` resolved; ConfigError where there is no CUDA."""
    if config.device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device=cuda: no CUDA device is here; allowed are auto, cpu, meta")
    if config.device == "auto":
        usable = (
            isinstance(config, UnitsExperiment | SequenceExperiment) and torch.cuda.is_available()
        )
        config.device = "cuda" if usable else "cpu"
    return torch.device(config.device)


def resolve_engine(config: Experiment, device: torch.device, tell: Tell) -> None:
    """Resolve `auto`: compiled wherever that is possible and there are sweeps to make."""
    if not isinstance(config, UnitsExperiment) or config.engine != "auto":
        return
    reason = trouble_on(device) if config.run.sweeps else None
    if config.rule.order == "drawn":
        reason = "rule.order=drawn: the order of the cases cannot be compiled"
    config.engine = "eager" if reason or not config.run.sweeps else "compiled"
    if reason:
        tell(f"{reason}; sweeps are made eagerly, with the same meaning but slower")


def tell_user(line: str) -> None:
    """Say something on stderr, above a progress bar."""
    tqdm.write(line, file=sys.stderr)


def run_experiment(
    config: Experiment,
    command: str,
    tick: Tick,
    tell: Tell = tell_user,
    repeat_others: bool = False,
) -> Outcome:
    """Make the run, or say where it is.

    Raises ConfigError before anything is written, and DamagedRun when the run is there but not
    whole.

    tick: called with the number of sweeps made since the last call. tell: called with what a user
    should know. repeat_others: make a run again that another program has made. Under torchrun every
    rank calls this and rank 0 alone writes. Where engine=auto was asked for and the sweeps cannot
    be compiled after all, the run is made eagerly.
    """
    auto = isinstance(config, UnitsExperiment) and config.engine == "auto"
    try:
        return _run(config, command, tick, tell, repeat_others)
    except CompilerFailed as error:
        several = int(os.environ.get("WORLD_SIZE", "1")) > 1
        if not isinstance(config, UnitsExperiment) or not auto or several:
            raise
        tell(f"{config.name}: {error}; sweeps are made eagerly")
        config.engine = "eager"
        return _run(config, command, tick, tell, repeat_others)


def _run(
    config: Experiment,
    command: str,
    tick: Tick,
    tell: Tell,
    repeat_others: bool,
) -> Outcome:
    """The same with the engine that was chosen."""
    device = resolve_device(config)
    make_deterministic()  # threads are the engine's and processes those of sequence models
    if device.type == "meta" and isinstance(config, UnitsExperiment):
        return Outcome("tried", Path(), try_on_meta(config))
    if device.type == "meta" and isinstance(config, SequenceExperiment):
        return Outcome("tried", Path(), try_sequences_on_meta(config))
    ranks = join(device)
    resolve_engine(config, device, tell if ranks.first else lambda line: None)
    if isinstance(config, UnitsExperiment):
        config.engine = ranks.share(config.engine)  # the bits of all ranks are of one kind
    folder = RunFolder(config)
    if not ranks.first:
        if ranks.share() == "make" and isinstance(config, UnitsExperiment):
            learn(config, command, device, ranks, folder.partial, tick)
        return Outcome("helped", folder.final, "")
    with folder.claim() as mine:
        if not mine:
            ranks.share("busy")
            return Outcome("busy", folder.partial, f"another process is making {folder.final}")
        there = folder.finished and not config.rerun
        ours = there and made_by_this_program(folder.final, config)
        if there and (ours or not repeat_others):
            ranks.share("found")
            open_run(folder.final).check()
            tick(work(config))
            note = "" if ours else " (made by other source code; rerun=true repeats it)"
            return Outcome("found", folder.final, f"found finished: {folder.final}{note}")
        ranks.share("make")
        prepare(folder)
        try:
            with logged(folder.partial, command):
                make(config, command, device, ranks, folder.partial, tick)
        except Exception as error:
            failed = {"experiment": config.name, "command": command, "end": now()}
            failed |= {"status": "failed", "error": f"{type(error).__name__}: {error}"}
            with contextlib.suppress(OSError):
                write_whole(folder.partial / RECORD, dump(failed))
            raise
        folder.finish()
    return Outcome("finished", folder.final, f"finished: {folder.final}")


def prepare(folder: RunFolder) -> None:
    """Have the partial folder, empty but for what a killed run can go on from."""
    if not checkpoints(folder.partial):
        remove(folder.partial)
    folder.partial.mkdir(exist_ok=True)
    going_on = {
        *checkpoints(folder.partial),
        folder.partial / "weights",
        folder.partial / "run.log",
    }
    for left in {*folder.partial.iterdir()} - going_on | {*folder.partial.rglob(".*")}:
        remove(left)


def made_by_this_program(finished: Path, config: Experiment) -> bool:
    """Whether the program's files are those that made the run in this folder. DamagedRun."""
    _, record = read_record(finished, REPEAT)
    return record.get("source_sha256") == source_sha256(config)


def make(
    config: Experiment,
    command: str,
    device: torch.device,
    ranks: Ranks,
    folder: Path,
    tick: Tick,
) -> None:
    """Fill the partial folder: all files, the record last."""
    started, clock = now(), time.perf_counter()
    before, learned = 0.0, None
    curves = grid = example = data = None
    identity, program = content(config), provenance(config)
    write_whole(folder / "config.yaml", OmegaConf.to_yaml(OmegaConf.create(identity)))
    if isinstance(config, UnitsExperiment):
        learned = learn(config, command, device, ranks, folder, tick)
    elif isinstance(config, SequenceExperiment):
        learned = learn_sequences(config, command, device, folder, tick)
    if learned is not None:
        table, curves, data = learned.table, learned.curves, learned.data_sha256
        started, before = learned.started, learned.seconds_before
        if learned.weights is not None:
            weights = to_safetensors({"weights": learned.weights})
            write_whole(folder / "weights.safetensors", weights)
        write_whole(folder / "curves.csv", curves.to_csv(index=False))
        example = learned.example
        if learned.grid is not None:
            grid = learned.grid
            write_whole(folder / "grid.csv", grid.to_csv(index=False))
    else:
        table = pd.DataFrame(rows_of_a_study(config, tick))
        example = example_of_a_study(config)
        tracker = Tracker(folder)
        show_card(tracker, config, command, table)
        tracker.close()
    if example is not None:
        write_whole(folder / "example.json", dump(example))
    write_whole(folder / "replicas.csv", table.to_csv(index_label="replica"))
    unchanged = identity.get("text_sha256", data) == data and content(config) == identity
    if not unchanged or not sha256(config).startswith(folder.stem):
        raise OSError("task.text or a paper's printed weights changed meanwhile; make it again")
    seconds = before + time.perf_counter() - clock
    record = make_record(config, command, device, ranks, started, seconds, data, table, program)
    paper = read_paper(config.name.split("/")[0])
    (folder / "figures").mkdir(exist_ok=True)
    for name, drawn in draw(record, table, curves, grid, example, paper).items():
        write_whole(folder / "figures" / f"{name}.png", png(drawn))
    write_whole(folder / RECORD, seal(record, folder))
