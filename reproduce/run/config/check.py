"""A composed config is held against its schema; what cannot be run is said in one line."""

from collections.abc import Iterable, Iterator
from dataclasses import Field, fields, is_dataclass
from typing import ClassVar, Protocol

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from reproduce.run.config.check_sequence import wrong_in_sequence
from reproduce.run.config.check_units import (
    wrong_for_measure,
    wrong_in_units,
)
from reproduce.run.config.experiment import MEASURES, Experiment, needs
from reproduce.run.config.grid import number_of_points
from reproduce.run.config.key import MOST, is_in_range, shown
from reproduce.run.config.known import allowed, no_such_key
from reproduce.run.config.schema import SCHEMAS
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.config.written import (
    as_written,
    interpolations,
    refers,
    value_at,
    wrong_in_written,
    wrong_reference,
)


class Section(Protocol):
    """An experiment, or a part of it: a dataclass that declares keys."""

    __dataclass_fields__: ClassVar[dict[str, Field]]


class ConfigError(ValueError):
    """A config that cannot be run, said in one line."""


def refuse(problems: Iterable[str]) -> None:
    """Raise ConfigError with the first of what is wrong, if there is any."""
    for problem in problems:
        raise ConfigError(problem)


def work(config: Experiment) -> int:
    """How far the progress bar of a run goes: sweeps, steps of all replicas, or replicas."""
    if isinstance(config, SequenceExperiment):
        return config.run.steps * config.replicas * number_of_points(config)
    return config.run.sweeps if isinstance(config, UnitsExperiment) else config.replicas


def resolve(config: DictConfig, name: str) -> Experiment:
    """Turn a composed config into a checked experiment.

    Every value is held against what its key allows, then the network's plan and the lists of
    one value a replica. Raises `ConfigError`.
    """
    written, schema = plain(config), OmegaConf.get_type(config)
    assert schema is not None  # a config that is there has a type
    if written.get("name"):
        given = shown(written["name"])
        raise ConfigError(f"name={given}: not to be set; it follows from experiment=")
    refuse(wrong_in_written(schema, written))
    references = interpolations(written)
    experiment = with_values({**written, "name": name}, references, schema)
    check(experiment, references)
    try:
        check_together(experiment)
    except ConfigError as error:
        raise ConfigError(as_written(str(error), experiment, references)) from None
    return experiment


def check_together(experiment: Experiment) -> None:
    """Check what concerns several keys at once."""
    if isinstance(experiment, UnitsExperiment):
        refuse(wrong_in_units(experiment))
    elif isinstance(experiment, SequenceExperiment):
        refuse(wrong_in_sequence(experiment))
    refuse(experiment.wrong_together())
    refuse(wrong_measures(experiment))


def plain(config: DictConfig, resolve: bool = False) -> dict:
    """A config as nested dicts and lists; resolve: with what each `${KEY}` stands for."""
    values = OmegaConf.to_container(config, resolve=resolve)
    assert isinstance(values, dict)  # of a DictConfig
    return values


def with_values(written: dict, references: dict[str, str], schema: type[Experiment]) -> Experiment:
    """The experiment with every `${KEY}` resolved. ConfigError for a value that does not fit.

    written: the config with its interpolations as text. references: these alone, by key.
    """
    try:
        values = plain(OmegaConf.create(written), resolve=True)
        for path in interpolations(values):  # put together out of parts
            raise ConfigError(wrong_reference(path, references, schema))
        config = OmegaConf.merge(OmegaConf.structured(schema), values)
        for path in sorted(OmegaConf.missing_keys(config)):
            raise ConfigError(f"{path} is not set; allowed: {allowed(schema, path)}")
        experiment = OmegaConf.to_object(config)
        assert isinstance(experiment, Experiment)  # what the structured config was made of
        return experiment
    except (OmegaConfBaseException, RecursionError) as error:
        path = (getattr(error, "full_key", None) or "").split("[")[0]
        if refers(path, references) or (references and allowed(schema, path) is None):
            raise ConfigError(wrong_reference(path, references, schema)) from None
        given = f"{path}={shown(value_at(written, path))}"
        raise ConfigError(f"{given}: {no_such_key(path, schema, written['name'])}") from None


def check(section: Section, references: dict[str, str], path: str = "") -> None:
    """Hold each value of `section` against what its key allows, depth first.

    references: keys whose values come from others, and what a refusal shows in place of these.
    """
    for declared in fields(section):
        value = getattr(section, declared.name)
        full = f"{path}{declared.name}"
        fits = is_in_range(value)
        if "holds" in declared.metadata and not (fits and declared.metadata["holds"](value)):
            given = shown(references.get(full, value))
            more = "" if fits else f", and of whole numbers those up to {MOST}"
            raise ConfigError(f"{full}={given}: allowed is {declared.metadata['allowed']}{more}")
        inner = value.items() if isinstance(value, dict) else [(None, value)]
        for name, part in inner:
            if is_dataclass(part) and not isinstance(part, type):
                check(part, references, f"{full}." if name is None else f"{full}.{name}.")


def wrong_measures(experiment: Experiment) -> Iterator[str]:
    """Measures that do not find what they need, in one line each."""
    learns = isinstance(experiment, UnitsExperiment | SequenceExperiment)
    if not experiment.measure and not learns:
        yield "measure=[]: allowed is an empty list only where nets learn"
    for name in experiment.measure:
        if SCHEMAS[needs(name).schema] is not type(experiment):
            fitting = [m for m in MEASURES if SCHEMAS[needs(m).schema] is type(experiment)]
            words = f"a list out of {', '.join(fitting)}" if fitting else "an empty list"
            yield f"measure={name}: allowed here is {words}"
        elif isinstance(experiment, UnitsExperiment):
            yield from wrong_for_measure(experiment, name)
