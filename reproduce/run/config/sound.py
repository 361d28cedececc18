"""Which experiments can be run, and whether the claims ask for points of a grid that they have."""

import contextlib
from collections.abc import Callable, Iterator

from reproduce.file.claim import TWO_SIDED, Check
from reproduce.file.experiments import experiment_names
from reproduce.file.paper import Paper
from reproduce.file.yaml_file import FileError
from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.grid import Point, has_grid, points

NONE = "conf/experiment: there is no experiment that can be run"


def first_sound() -> str:
    """The first experiment that composes, for help that is the same for all. ConfigError."""
    for name in experiment_names():
        with contextlib.suppress(ConfigError):
            return compose_experiment([f"experiment={name}"]).name
    raise ConfigError(NONE)


def compose_all(
    names: list[str], common: list[str], smaller: Callable[[Experiment], list[str]]
) -> tuple[dict[str, list[str]], dict[str, Experiment], dict[str, str]]:
    """By experiment its overrides and its config, or why it cannot be run.

    common: overrides of all. smaller: those that make one smaller; most have none, and are composed
    once. FileError when none can be run: what is wrong is then not in one file.
    """
    jobs, configs, unsound = {}, {}, {}
    for name in names:
        try:
            words = [f"experiment={name}", *common]
            config = compose_experiment(words)
            if more := smaller(config):
                words += more
                config = compose_experiment(words)
        except ConfigError as error:
            unsound[name] = str(error)
        else:
            jobs[name], configs[name] = words, config
    if not jobs:
        raise FileError(next(iter(unsound.values()), NONE))
    return jobs, configs, unsound


def wrong_points(papers: list[Paper], configs: dict[str, Experiment]) -> Iterator[str]:
    """Checks that name points which the grid of their experiment does not have, in one line each.

    configs: of the experiments that are known; what is asked of others is not looked at.
    """
    for paper in papers:
        for claim in paper.claims:
            for place, check in enumerate(claim.checks, 1):
                where = f"papers/{paper.name}.yaml: {claim.id} check {place} ({check.quantity})"
                for problem in _wrong(check, configs):
                    yield f"{where}: {problem}"


def _wrong(check: Check, configs: dict[str, Experiment]) -> Iterator[str]:
    asked = [("at", name, check.at) for name in check.experiments]
    for key, name, settings in [*asked, ("against_at", check.against, check.against_at)]:
        if name not in configs:
            continue
        grid = points(configs[name]) if has_grid(configs[name]) else [{}]
        for setting, value in (settings or {}).items():
            if value not in (values := [point.get(setting) for point in grid]):
                there = sorted({f"{v:g}" if isinstance(v, float) else str(v) for v in values})
                has = "is no grid over it" if None in values else f"has {', '.join(there)}"
                yield f"{key}: {setting}={value}: {name} {has}"
        if check.rule in TWO_SIDED and not check.best and len(_chosen(grid, settings)) > 1:
            yield f"{key}: {name} has several such points; allowed is one, or best: true"


def _chosen(grid: list[Point], settings: dict | None) -> list[Point]:
    """The points of a grid that have the settings."""
    return [point for point in grid if (settings or {}).items() <= point.items()]
