"""`python -m reproduce experiment=PAPER/NAME [key=value ...]`, and with -m a Hydra multirun.

Status 0 when the runs were made, 1 when one failed, 2 for a config that cannot be run: every job
is checked before the first begins. torch is imported only when a run begins.
"""

import logging
import os
import shlex
import sys
import tempfile
import time
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from tqdm import tqdm

from reproduce.config.check import ConfigError, resolve, work
from reproduce.config.compose import (
    as_choices,
    compose_experiment,
    expand_names,
    experiment_names,
    jobs,
    parse,
)
from reproduce.config.sound import first_sound
from reproduce.place import CONF, speak_utf8

log = logging.getLogger("reproduce")
SECONDS_FOR_RANK_0 = 10  # to say what is wrong
HELP = {"--help", "-h", "--hydra-help"}
INFORMATION = {*HELP, "--version", "--info", "-i", "--cfg", "-c", "--shell-completion", "-sc"}


failures: list[str] = []  # experiments whose run failed in this process
launched_from: int | None = None  # the process of the command line


class RunFailed(Exception):
    """A run failed in a process that a launcher began; Hydra carries it to the command line."""


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(composed: DictConfig) -> None:
    """One job as Hydra launches it."""
    from reproduce.experiment import run_experiment
    from reproduce.run.compiled import CompilerFailed

    chosen = HydraConfig.get()
    config = resolve(composed, chosen.runtime.choices["experiment"])
    command = shlex.join(["python", "-m", "reproduce", *chosen.overrides.task])
    try:
        quiet = None if is_first() else True
        with tqdm(total=work(config), desc=config.name, disable=quiet) as bar:
            outcome = run_experiment(config, command, bar.update)
    except (OSError, CompilerFailed) as error:
        log.error("%s: failed: %s", config.name, error)
    except Exception:
        log.exception("%s: failed", config.name)
    else:
        if outcome.message:
            log.info(outcome.message)
        return
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        sys.exit(1)  # the other ranks wait for this one in the same run; torchrun ends them
    if launched_from != os.getpid():
        raise RunFailed(config.name)
    failures.append(config.name)


def main() -> int:
    """The command line."""
    global launched_from
    speak_utf8()
    OmegaConf.register_new_resolver(
        "experiments", lambda: "\n".join(experiment_names()), replace=True
    )
    try:
        words = expand_names(sys.argv[1:])
        if set(words) & HELP:
            words.append(f"experiment={first_sound()}")
        if set(words) & INFORMATION:
            if named := [word for word in words if word.startswith("experiment=")]:
                compose_experiment(named)  # Hydra runs the code that a file names as it composes
        else:
            overrides = [word for word in words if not word.startswith("-")]
            flags = [word for word in words if word.startswith("-")]
            multirun = bool({"-m", "--multirun"} & set(flags))
            out = check_all(overrides, multirun)
            if multirun:
                quoted = out.replace("'", "\\'")
                words = [*flags, *as_choices(overrides), f"hydra.sweep.dir='{quoted}'"]
    except ConfigError as error:
        if is_first():
            print(error, file=sys.stderr)
        else:
            time.sleep(SECONDS_FOR_RANK_0)  # torchrun ends all ranks when one ends
        return 2
    sys.argv[1:] = words
    launched_from = os.getpid()
    job()
    return 1 if failures else 0


def is_first() -> bool:
    """Whether this process is the one that speaks: alone, or rank 0 of those of torchrun."""
    return os.environ.get("RANK", "0") == "0"


def check_all(overrides: list[str], multirun: bool) -> str:
    """Check every job before the first begins; returns the folder of the runs. ConfigError."""
    if not multirun:
        for override in parse(overrides):
            if override.is_sweep_override():
                raise ConfigError(f"{override.input_line}: several values go only with -m")
    all_jobs = jobs(overrides) if multirun else [overrides]
    configs = [compose_experiment(words) for words in all_jobs]
    if any(config.device == "cuda" for config in configs):
        from reproduce.experiment import resolve_device

        for config in configs:
            resolve_device(config)
    folders = [config.out for config in configs if config.device != "meta"]
    for out in set(folders):
        check_writable(out)
    return folders[0] if folders else tempfile.gettempdir()


def check_writable(out: str) -> None:
    """Raise ConfigError when the folder of the runs cannot be made or written in."""
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise ConfigError(f"out={out}: {error.strerror}; allowed is a folder to write in") from None


if __name__ == "__main__":
    sys.exit(main())
