"""Configs composed by Hydra out of experiments' files, with its complaints in one line each."""

import difflib
import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from reproduce.file.experiments import experiment_names, parted, readings
from reproduce.file.place import ROOT
from reproduce.run.config.check import ConfigError, resolve
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.file import read_file
from reproduce.run.config.key import shown
from reproduce.run.config.known import allowed, no_such_key
from reproduce.run.config.override import is_hydra, parse, text_of

HYDRA = str(ROOT / "reproduce" / "run")  # with what Hydra does, command.yaml
SLURM = "hydra/launcher=submitit_slurm"
INSTALL = ".venv/bin/python -m pip install --require-hashes -r requirements-cluster.lock"


def expand_names(overrides: list[str]) -> list[str]:
    """Write out experiment=glob(...), since Hydra's own glob does not look into folders.

    ConfigError for the name of an experiment that stands alone.
    """
    return [
        f"experiment={','.join(globbed(text))}" if text.startswith("experiment=glob(") else text
        for text in map(not_alone, overrides)
    ]


def not_alone(text: str) -> str:
    """The same word, unless it looks like an experiment without experiment=."""
    names = experiment_names()
    named = [name for name in names if text in (name, name.split("/", 1)[1])]
    near = named or difflib.get_close_matches(text, names, n=3, cutoff=0.8)
    if near and "=" not in text:
        meant = " or ".join(f"experiment={name}" for name in near)
        raise ConfigError(f"{shown(text)}: did you mean {meant}?")
    return text


def globbed(text: str) -> list[str]:
    """The experiments that experiment=glob(PATTERN) means; ConfigError when there is none."""
    pattern = text.removeprefix("experiment=glob(").removesuffix(")").strip("'\"")
    names = [name for name in experiment_names() if fnmatch(name, pattern)]
    if not names:
        raise ConfigError(f"{shown(text)}: allowed is a pattern of {', '.join(experiment_names())}")
    return names


def compose_experiment(overrides: list[str]) -> Experiment:
    """The checked config of one job. ConfigError says in one line what cannot be run."""
    given = [str(o.value()) for o in parse(overrides) if o.key_or_group == "experiment"]
    if not given:
        raise ConfigError(f"experiment= is missing; allowed are {', '.join(experiment_names())}")
    name = given[0]
    if len(given) > 1:
        raise ConfigError(f"experiment={','.join(given)}: allowed is one experiment a run")
    check_name(name)
    hand_to_hydra(name)
    own = [text_of(override) for override in parse(overrides) if not is_hydra(override)]
    return resolve(composed(with_deletions(own, name), name), name)


def check_name(name: str) -> None:
    """Raise ConfigError where there is no such experiment, or no such reading of it."""
    known = experiment_names()
    if name in known:
        return
    given, (experiment, reading) = shown(f"experiment={name}"), parted(name)
    if reading and experiment in known:
        there = ", ".join(readings(experiment) or ()) or "no readings"
        raise ConfigError(f"{given}: no such reading; {experiment} has {there}")
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known
    raise ConfigError(f"{given}: no such experiment; nearest: {', '.join(near)}")


def hand_to_hydra(name: str) -> None:
    """Store what an experiment's file sets, and its reading, where Hydra finds experiment=NAME."""
    schema, content, changed = read_file(name)
    experiment, reading = parted(name)
    store(experiment, f"/schema/{schema}", content)
    if reading:
        store(name, f"/experiment/{experiment}", changed)


def store(name: str, below: str, content: dict) -> None:
    """Let Hydra find experiment=NAME: what `below` sets, and over that the content."""
    group, _, last = f"experiment/{name}".rpartition("/")
    node = {"defaults": [below, "_self_"], **content}
    ConfigStore.instance().store(group=group, name=last, node=node, package="_global_")


def composed(overrides: list[str], name: str, hydra: bool = False) -> DictConfig:
    """What Hydra makes of the overrides; `ConfigError` in one line for what it refuses.

    name: the experiment. hydra: whether Hydra's own section is to be there too.
    """
    GlobalHydra.instance().clear()  # of Hydra's own job, which has been composed
    try:
        with initialize_config_dir(HYDRA, version_base="1.3"):
            return compose("command", overrides, return_hydra_config=hydra)
    except RecursionError:
        deepest = shown(max(overrides, key=lambda text: text.count("[") + text.count("{")))
        raise ConfigError(f"{deepest}: allowed are values that are nested less deeply") from None
    except (HydraException, OmegaConfBaseException, ValueError, ArithmeticError) as error:
        raise ConfigError(one_line(error, overrides, name)) from None


def with_deletions(overrides: list[str], name: str) -> list[str]:
    """The overrides, with deletions behind each KEY={}, which Hydra would merge with what is there.

    ConfigError where KEY is a section, whose keys cannot be deleted, or has names with a dot.
    """
    written = []
    for override in parse(overrides):
        written.append(text_of(override))
        for path in empty(override.value(), override.key_or_group):
            section = OmegaConf.select(composed(written, name), path)
            text = shown(text_of(override))
            if not OmegaConf.is_dict(section) or OmegaConf.get_type(section) is not dict:
                words = f"this would change nothing; allowed is a value, as in {path}.KEY=VALUE"
                raise ConfigError(f"{text}: {words}")
            for key in (key for key in section if "." in key):
                words = f"{key} cannot be taken away, since its name has a dot"
                raise ConfigError(f"{text}: {words}; allowed is {path}.NAME=VALUE")
            written += [f"~{path}.{key}" for key in section]
    return written


def empty(value: object, path: str) -> Iterator[str]:
    """Dotted keys at which the value of an override is {}."""
    if value == {}:
        yield path
    for name, part in value.items() if isinstance(value, dict) else ():
        yield from empty(part, f"{path}.{name}")


def check_launcher(overrides: list[str], name: str) -> None:
    """Check what is said of the launcher: that it can be used here, its keys, their types.

    name: one of the experiments that it is to run.
    """
    own = [text_of(override) for override in parse(overrides) if is_hydra(override)]
    if own:
        composed([f"experiment={name}", *own], name, hydra=True)
    if SLURM in own and shutil.which("srun") is None:
        raise ConfigError(f"{SLURM}: no srun is found here; allowed on a Slurm cluster")


def one_line(error: BaseException, overrides: list[str], name: str) -> str:
    """Hydra's or OmegaConf's complaint as: the key, the value, what is allowed."""
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    path = getattr(cause, "full_key", None) or ""
    text = " ".join(str(error if not path else cause).split("full_key:")[0].split())
    if not path and "full_key:" in str(error):
        path = str(error).split("full_key:")[1].split()[0]
    path = path.split("[")[0]
    value = re.search(r"Value '(.*?)' ", text)
    named = f"{path}={value[1]}" if value else path
    given = shown(next((o for o in overrides if o.lstrip("+~").split("=")[0] == path), named))
    if not path:
        return without_key(text, overrides)
    if path.startswith("hydra."):
        return f"{given}: no such key of this launcher, or no value for it"
    unknown = isinstance(cause, ConfigKeyError | ConfigAttributeError) or "KeyError" in str(error)
    schema = schema_of(name)
    words = allowed(schema, path)
    if given.startswith("~"):
        return f"{given}: allowed is {path}=VALUE; an experiment has all its keys"
    if words is None or unknown:
        return f"{given}: {no_such_key(path, schema, name)}"
    return f"{given}: allowed is {words}"


def without_key(text: str, overrides: list[str]) -> str:
    """A complaint that names no key of its own, with the override that it is about."""
    for override in parse(overrides):
        if override.key_or_group == "hydra/launcher" and "hydra/launcher/" in text:
            return f"{text_of(override)}: not installed; {INSTALL}"
        if f"'{override.key_or_group}'" in text:
            return f"{shown(text_of(override))}: {text}"
    return text


def schema_of(name: str) -> type[Experiment]:
    """The schema of an experiment; where its file cannot be composed, what all have."""
    try:
        with initialize_config_dir(HYDRA, version_base="1.3"):
            found = OmegaConf.get_type(compose("command", [f"experiment={name}"]))
            assert found is not None  # a config that is there has a type
            return found
    except (HydraException, OmegaConfBaseException, ValueError):
        return Experiment
