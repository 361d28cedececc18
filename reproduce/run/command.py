"""`python -m reproduce experiment=PAPER/NAME[/READING] [key=value ...]`, with -m a Hydra multirun.

Without words, or with --list, the names of the experiments and of their readings.
`python -m reproduce keep NAME ...` makes runs at citable size and keeps them.
Status 0 when the runs are there, 1 when one failed, 2 for a config that cannot be run (every job is
checked before the first begins), 3 when another process is making a run, 130 after Ctrl-C. torch
is imported only when a run begins.
"""

import argparse
import logging
import os
import shlex
import sys
import tempfile
import time
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Quote, QuotedString
from omegaconf import DictConfig, OmegaConf
from tqdm import tqdm

from reproduce.file.experiments import experiment_names
from reproduce.file.place import speak_utf8
from reproduce.run.config.check import ConfigError, refuse, work
from reproduce.run.config.compose import (
    HYDRA,
    SLURM,
    check_launcher,
    compose_experiment,
    expand_names,
)
from reproduce.run.config.key import shown
from reproduce.run.config.memory import too_large
from reproduce.run.config.override import check_once, for_multirun, is_hydra, jobs, parse
from reproduce.run.config.sound import first_sound
from reproduce.run.config.writable import check_writable
from reproduce.run.processes import stop_on_interrupt

log = logging.getLogger("reproduce")
SECONDS_FOR_RANK_0 = 10  # to say what is wrong
ALLOWED_FLAGS = "-m (--multirun), --list, -h (--help), -c (--cfg) job"

WHERE = ("experiment", "out", "device", "engine", "rerun")  # they change no setting of the paper's
FAILED, REFUSED, BUSY = 1, 2, 3  # statuses; the least of several is the one of the process
statuses: list[int] = []  # of the runs in this process that are not there
launched_from: int | None = None  # the process of the command line


class RunFailed(Exception):
    """A run failed in a process that a launcher began; Hydra carries it to the command line."""


@hydra.main(version_base="1.3", config_path=HYDRA, config_name="command")
def job(_: DictConfig) -> None:
    """One job as Hydra launches it."""
    stop_on_interrupt()  # also in the processes of a launcher
    from reproduce.file.finished import DamagedRun
    from reproduce.page.summary import summary
    from reproduce.run.make import run_experiment
    from reproduce.run.processes import ProcessDied
    from reproduce.units.compiled import CompilerFailed

    chosen = HydraConfig.get()
    config = compose_experiment(chosen.overrides.task)
    command = shlex.join(["python", "-m", "reproduce", *chosen.overrides.task])
    try:
        quiet = None if is_first() else True
        with tqdm(total=work(config), desc=config.name, disable=quiet) as bar:
            outcome = run_experiment(config, command, bar.update)
    except (OSError, CompilerFailed, DamagedRun, ProcessDied) as error:
        log.error("%s: failed: %s", config.name, error)
        status = FAILED
    except Exception:
        log.exception("%s: failed", config.name)
        status = FAILED
    else:
        if outcome.status != "busy":
            if outcome.status in ("finished", "found"):
                print(summary(outcome.folder, changed(chosen.overrides.task)))
            if outcome.message:
                print(outcome.message)
            return
        log.error("%s: %s", config.name, outcome.message)
        status = BUSY
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        sys.exit(1)  # the other ranks wait for this one in the same run; torchrun ends them
    if launched_from != os.getpid():
        raise RunFailed(config.name)
    statuses.append(status)


def main() -> int:
    """The command line."""
    global launched_from
    speak_utf8()
    OmegaConf.register_new_resolver(
        "experiments", lambda: "\n".join(experiment_names()), replace=True
    )
    if sys.argv[1:2] == ["keep"]:
        from reproduce.run.keep import main as keep

        return keep(sys.argv[2:])
    try:
        asked = read_words(sys.argv[1:])
        if asked.list:
            print(*experiment_names(), sep="\n")
            return 0
        words = for_hydra(asked)
    except ConfigError as error:
        if is_first():
            print(*str(error).splitlines(), file=sys.stderr)
        else:
            time.sleep(SECONDS_FOR_RANK_0)  # torchrun ends all ranks when one ends
        return REFUSED
    sys.argv[1:] = words
    launched_from = os.getpid()
    job()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        from reproduce.run.ranks import leave

        leave()
    return min(statuses, default=0)


def changed(overrides: list[str]) -> list[str]:
    """Those of the overrides that change what is run, and not only where."""
    return [word for word in overrides if word.split("=")[0] not in WHERE]


def is_first() -> bool:
    """Whether this process is the one that speaks: alone, or rank 0 of those of torchrun."""
    return os.environ.get("RANK", "0") == "0"


class Flags(argparse.ArgumentParser):
    """The flags of the command line, with their complaints as a `ConfigError`."""

    def __init__(self) -> None:
        super().__init__(add_help=False, allow_abbrev=False)
        self.add_argument("overrides", nargs="*")
        self.add_argument("--list", action="store_true")
        self.add_argument("-m", "--multirun", action="store_true")
        self.add_argument("-h", "--help", action="store_true")
        self.add_argument("-c", "--cfg", choices=("job",))

    def error(self, message: str) -> NoReturn:
        """Raise ConfigError where argparse would print and exit."""
        raise ConfigError(message)


def read_words(words: list[str]) -> argparse.Namespace:
    """What is asked for on the command line; without words the list of experiments. ConfigError."""
    asked, unknown = Flags().parse_known_intermixed_args(words)
    if unknown:
        raise ConfigError(f"{shown(unknown[0])}: no such flag; allowed are {ALLOWED_FLAGS}")
    if asked.multirun and asked.cfg:
        raise ConfigError("-m --cfg: allowed is one of them")
    asked.list = asked.list or not words
    return asked


def for_hydra(asked: argparse.Namespace) -> list[str]:
    """The words with which Hydra does what is asked for, when all of it is checked. ConfigError."""
    if asked.help:
        return ["--help", f"experiment={first_sound()}"]
    overrides = expand_names(asked.overrides)
    check_once(overrides)
    if asked.cfg:
        compose_experiment(overrides)
        return ["--cfg", asked.cfg, *overrides]
    out = check_all(overrides, asked.multirun)
    if not asked.multirun:
        return overrides
    folder = QuotedString(out, Quote.single).with_quotes()
    return ["-m", *for_multirun(overrides), f"hydra.sweep.dir={folder}"]


def check_all(overrides: list[str], multirun: bool) -> str:
    """Check every job before the first begins; returns the folder of the runs. ConfigError."""
    for override in parse(overrides):
        if not multirun and override.is_sweep_override():
            raise ConfigError(f"{shown(override.input_line)}: several values go only with -m")
        if not multirun and is_hydra(override):
            raise ConfigError(f"{shown(override.input_line)}: a launcher goes only with -m")
    all_jobs = jobs(overrides) if multirun else [overrides]
    configs = [compose_experiment(words) for words in all_jobs]
    check_launcher(overrides, configs[0].name)
    if is_first() and SLURM not in overrides:  # whose runs are on other machines
        refuse(filter(None, map(too_large, configs)))
    if any(config.device == "cuda" for config in configs):
        from reproduce.run.make import resolve_device

        for config in configs:
            resolve_device(config)
    folders = [config.out for config in configs if config.device != "meta"]
    check_writable(folders)
    return folders[0] if folders else tempfile.gettempdir()
