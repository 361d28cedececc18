"""Names of experiments, and configs composed by Hydra, with its complaints in one line each."""

import difflib
import itertools
import re
from fnmatch import fnmatch

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from reproduce.config.check import ConfigError, allowed, resolve
from reproduce.config.experiment import Experiment
from reproduce.config.file import check_file, experiment_files
from reproduce.config.schema import SCHEMAS
from reproduce.place import CONF

FOLDER = CONF / "experiment"


def experiment_names() -> list[str]:
    """All experiments, paper/name, in alphabetical order."""
    return experiment_files(FOLDER)


def parse(overrides: list[str]) -> list[Override]:
    """Overrides in Hydra's grammar; ConfigError names the one that it cannot read."""
    parsed = []
    for text in overrides:
        try:
            parsed += OverridesParser.create().parse_overrides([text])
        except HydraException:
            raise ConfigError(f"{text}: allowed is key=value in Hydra's grammar") from None
    return parsed


def expand_names(overrides: list[str]) -> list[str]:
    """Write out experiment=glob(...), since Hydra's own glob does not look into folders."""
    return [
        f"experiment={','.join(globbed(text))}" if text.startswith("experiment=glob(") else text
        for text in overrides
    ]


def globbed(text: str) -> list[str]:
    """The experiments that experiment=glob(PATTERN) means; ConfigError when there is none."""
    pattern = text.removeprefix("experiment=glob(").removesuffix(")").strip("'\"")
    names = [name for name in experiment_names() if fnmatch(name, pattern)]
    if not names:
        raise ConfigError(f"{text}: allowed is a pattern of {', '.join(experiment_names())}")
    return names


def as_choices(overrides: list[str]) -> list[str]:
    """Each key=value as key=choice(value): what a multirun over experiments needs.

    Hydra first composes without the values that are swept, thus without an experiment, and would
    refuse every key that only an experiment's schema has.
    """
    return [
        f"{override.get_key_element()}=choice({override.get_value_element_as_str()})"
        if is_plain(override)
        else override.input_line
        for override in parse(overrides)
    ]


def is_plain(override: Override) -> bool:
    """Whether an override gives one value to a key of an experiment."""
    swept = override.is_sweep_override()
    return override.type is OverrideType.CHANGE and not swept and not is_hydra(override)


def is_hydra(override: Override) -> bool:
    """Whether an override is about Hydra itself."""
    return override.key_or_group.split("/")[0].split(".")[0] == "hydra"


def jobs(overrides: list[str]) -> list[list[str]]:
    """The overrides of every job of a multirun."""
    choices = [
        [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]
        if override.is_sweep_override()
        else [override.input_line]
        for override in parse(overrides)
    ]
    return [list(job) for job in itertools.product(*choices)]


def compose_experiment(overrides: list[str]) -> Experiment:
    """The checked config of one job. ConfigError says in one line what cannot be run."""
    names = [str(o.value()) for o in parse(overrides) if o.get_key_element() == "experiment"]
    known = experiment_names()
    if len(names) > 1:
        raise ConfigError(f"experiment={','.join(names)}: allowed is one experiment a run")
    if not names or names[0] not in known:
        given = names[0] if names else ""
        near = difflib.get_close_matches(given, known, n=3, cutoff=0.5) or known
        raise ConfigError(f"experiment={given}: no such experiment; nearest: {', '.join(near)}")
    check_file(FOLDER, names[0])
    own = [override.input_line for override in parse(overrides) if not is_hydra(override)]
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = compose("config", own)
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise ConfigError(one_line(error, own)) from None
    return resolve(config, names[0])


def one_line(error: BaseException, overrides: list[str]) -> str:
    """Hydra's or OmegaConf's complaint as: the key, the value, what is allowed."""
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    path = getattr(cause, "full_key", None) or ""
    text = " ".join(str(error if not path else cause).split("full_key:")[0].split())
    if not path and "full_key:" in str(error):
        path = str(error).split("full_key:")[1].split()[0]
    path = path.split("[")[0]
    value = re.search(r"Value '(.*?)' ", text)
    named = f"{path}={value[1]}" if value else path
    given = next((o for o in overrides if o.lstrip("+~").split("=")[0] == path), named)
    unknown = isinstance(cause, ConfigKeyError | ConfigAttributeError) or "KeyError" in str(error)
    words = next((w for schema in SCHEMAS.values() if (w := allowed(schema, path))), None)
    if words is not None and not unknown:
        return f"{given}: allowed is {words}"
    if not path:
        return text
    near = difflib.get_close_matches(path, known_keys(), n=3, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    return f"{given}: no such key{hint}"


def known_keys() -> list[str]:
    """All dotted keys of all schemas."""
    found = set()
    sections = [("", OmegaConf.structured(schema)) for schema in SCHEMAS.values()]
    for prefix, section in sections:
        for key in section:
            found.add(f"{prefix}{key}")
            node = section._get_node(key)
            if OmegaConf.is_dict(node):
                sections.append((f"{prefix}{key}.", node))
    return sorted(found)
