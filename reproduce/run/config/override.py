"""The words KEY=VALUE of a command line: which forms are allowed, and what several values mean."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType, RangeSweep, Sweep, ValueType
from hydra.errors import HydraException

from reproduce.run.config.check import ConfigError
from reproduce.run.config.key import shown

LAUNCHERS = ("basic", "joblib", "submitit_local", "submitit_slurm")
OF_HYDRA = (
    f"of Hydra's keys allowed are hydra/launcher={'|'.join(LAUNCHERS)} "
    "and the launcher's own, hydra.launcher.KEY=VALUE"
)
MOST_JOBS = 1_000  # of a multirun: each is composed and checked before the first begins
GRAMMAR = (
    "allowed is KEY=VALUE in Hydra's grammar; a value with special characters stands in quotes "
    "within those of the shell: KEY='\"VALUE\"'"
)


def parse(overrides: list[str]) -> list[Override]:
    """Overrides in Hydra's grammar; ConfigError names the one that is not allowed.

    Which keys an experiment has is not asked here.
    """
    return [parsed_word(text) for text in overrides]


def check_once(overrides: list[str]) -> None:
    """Raise ConfigError where a key is given twice, of which Hydra would take the last."""
    parsed = parse(overrides)
    for key, count in Counter(override.key_or_group for override in parsed).items():
        if count > 1:
            given = ", ".join(shown(text_of(o)) for o in parsed if o.key_or_group == key)
            raise ConfigError(f"{given}: allowed is each key once")


@cache
def parsed_word(text: str) -> Override:
    """One override, checked alone."""
    try:
        (override,) = OverridesParser.create().parse_overrides([text])
    except (HydraException, ValueError, RecursionError):
        raise ConfigError(f"{shown(text)}: {GRAMMAR}") from None
    problem = wrong_in_word(override)
    if problem:
        raise ConfigError(f"{shown(text)}: {problem}")
    return override


def text_of(override: Override) -> str:
    """An override as it was given."""
    assert override.input_line is not None  # Hydra's parser keeps it
    return override.input_line


def wrong_in_word(override: Override) -> str | None:
    """What is not allowed in one override, if anything."""
    key = override.key_or_group
    plain = override.type is OverrideType.CHANGE
    values = [*parts(override._value)]
    if "_target_" in [*key.split("."), *(name for name, _ in values)]:
        return "_target_ names code to run; allowed are values"
    if override.package is not None or not key:
        return GRAMMAR if not key else "allowed is a key without @"
    if is_hydra(override):
        return None if plain and is_of_launcher(override) else OF_HYDRA
    if key == "experiment" and not plain:
        return "allowed is experiment=PAPER/NAME[/READING]"
    if "/" in key or key == "schema":
        return "of Hydra's groups allowed is experiment=PAPER/NAME[/READING]"
    if "???" in [value for _, value in values]:
        return "allowed is a value; ??? stands for none"
    if override.value_type in (ValueType.INTERVAL_SWEEP, ValueType.GLOB_CHOICE_SWEEP):
        return "several values are allowed as a,b,c or as range(start,stop,step)"
    return None


def is_of_launcher(override: Override) -> bool:
    """Whether one of Hydra's keys is the launcher or, with a literal value, one of its keys."""
    if override.key_or_group == "hydra/launcher":
        return override.value() in LAUNCHERS
    literal = not any("${" in str(value) for _, value in parts(override._value))
    own = override.key_or_group.startswith("hydra.launcher.")
    return own and literal and not override.is_sweep_override()


def parts(value: object) -> Iterator[tuple[str, object]]:
    """All names and single values in a parsed value, quotes taken away."""
    if isinstance(value, Sweep):
        value = getattr(value, "list", [])
    if isinstance(value, dict):
        for name, part in value.items():
            yield str(getattr(name, "text", name)), None
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)
    else:
        yield "", getattr(value, "text", value)


def is_hydra(override: Override) -> bool:
    """Whether an override is about Hydra itself."""
    return override.key_or_group.split("/")[0].split(".")[0] == "hydra"


def for_multirun(overrides: list[str]) -> list[str]:
    """The words with which Hydra composes the jobs of a multirun. ConfigError for what it cannot.

    Where experiments are swept, Hydra first composes without one and would refuse every key that
    only an experiment's schema has: KEY=VALUE is then KEY=choice(VALUE), or ++KEY=VALUE where the
    value has quotes, which choice() loses.
    """
    parsed = parse(overrides)
    if not any(o.key_or_group == "experiment" and o.is_sweep_override() for o in parsed):
        return overrides
    words = []
    for override in parsed:
        text, plain = text_of(override), override.type is OverrideType.CHANGE
        if override.type is OverrideType.DEL:
            raise ConfigError(f"{shown(text)}: allowed with several experiments is KEY=VALUE")
        if override.is_sweep_override() or is_hydra(override) or not plain:
            words.append(text)
        elif set(text) & {"'", '"'}:
            words.append(f"++{text}")
        else:
            key, value = override.key_or_group, override.get_value_element_as_str()
            words.append(f"{key}=choice({value})")
    return words


def jobs(overrides: list[str]) -> list[list[str]]:
    """The overrides of every job of a multirun. ConfigError for none and for too many."""
    choices = [values_of(override) for override in parse(overrides)]
    count = math.prod(map(len, choices))
    if count > MOST_JOBS:
        raise ConfigError(f"a multirun of {count:,} jobs: allowed are at most {MOST_JOBS:,}")
    return [list(job) for job in itertools.product(*choices)]


def values_of(override: Override) -> list[str]:
    """KEY=VALUE for each value that one override gives to its key."""
    if not override.is_sweep_override():
        return [text_of(override)]
    text, swept = shown(text_of(override)), override.value()
    if isinstance(swept, RangeSweep) and not 0 < length(swept) <= MOST_JOBS:
        raise ConfigError(f"{text}: allowed are ranges of 1 to {MOST_JOBS:,} numbers")
    values = [*override.sweep_string_iterator()]
    if not values or len({*values}) < len(values):
        raise ConfigError(f"{text}: allowed is at least one value, and each once")
    return [f"{override.get_key_element()}={value}" for value in values]


def length(swept: RangeSweep) -> int:
    """How many numbers a range has, counted to one more than there may be jobs; 0 for no range."""
    try:
        return sum(1 for _ in itertools.islice(swept.range(), MOST_JOBS + 1))
    except (HydraException, ValueError, ArithmeticError):
        return 0
