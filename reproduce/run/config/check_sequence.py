"""What concerns several keys of a sequence experiment at once."""

from collections.abc import Iterator

from reproduce.file.text import OWN_TEXT, read_text
from reproduce.run.config.key import shown
from reproduce.run.config.sequence import (
    CharactersExperiment,
    CharactersTask,
    CopyExperiment,
    DistanceExperiment,
    InductionExperiment,
    RecallExperiment,
    SequenceExperiment,
    SortExperiment,
)

MOST_INPUTS = 100_000  # of the sorting task, which holds them all


def wrong_in_sequence(config: SequenceExperiment) -> Iterator[str]:
    """What cannot be run, in one line each."""
    grid, network, rule = config.grid, config.network, config.rule
    if not isinstance(config, DistanceExperiment):
        for key, others in (
            ("network.mixer", {network.mixer} - {"attention"}),
            ("grid.mixer", {*grid.mixer} - {"attention"}),
        ):
            if others:
                yield f"{key}={', '.join(sorted(others))}: allowed is attention for this task"
    if grid.distance and not isinstance(config, DistanceExperiment):
        yield f"grid.distance={shown(grid.distance)}: allowed only where task.distance is a key"
    if network.d_ff == 0 and isinstance(config, CopyExperiment):
        yield "network.d_ff=0: allowed is a number above 0 for an encoder and a decoder"
    if network.positions == "learned" and isinstance(config, CopyExperiment):
        yield "network.positions=learned: allowed is sinusoids for an encoder and a decoder"
    if rule.schedule == "transformer" and rule.warmup == 0:
        yield "rule.warmup=0: allowed are numbers above 0 with rule.schedule=transformer"
    if rule.schedule == "cosine" and rule.warmup >= config.run.steps:
        yield f"rule.warmup={rule.warmup}: allowed are numbers below run.steps={config.run.steps}"
    yield from wrong_in_task(config)


def wrong_in_task(config: SequenceExperiment) -> Iterator[str]:
    """The same of the task alone and with the size of a batch."""
    task = config.task
    if isinstance(config, RecallExperiment):
        if 4 * task.pairs > task.length or task.length % 2:
            yield (
                f"task.length={task.length}: allowed are even numbers from "
                f"4 * task.pairs={4 * task.pairs} up"
            )
        if task.pairs >= task.vocabulary // 2:
            yield f"task.pairs={task.pairs}: allowed are fewer than half of task.vocabulary"
        if config.run.batch > task.train_cases:
            yield f"run.batch={config.run.batch}: allowed is at most {task.train_cases} cases"
    if isinstance(config, SortExperiment) and task.vocabulary**task.length > MOST_INPUTS:
        yield (
            f"task.length={task.length}: allowed is at most {MOST_INPUTS} inputs, "
            f"task.vocabulary={task.vocabulary} to the power of task.length"
        )
    if isinstance(config, InductionExperiment) and not (
        task.shortest <= task.longest <= task.vocabulary - task.shortest
    ):
        yield (
            f"task.longest={task.longest}: allowed are numbers from task.shortest="
            f"{task.shortest} to {task.vocabulary - task.shortest}, so many tokens are left"
        )
    if isinstance(config, CharactersExperiment):
        yield from wrong_in_text(task)


def wrong_in_text(task: CharactersTask) -> Iterator[str]:
    """Whether the text can be read and is long enough."""
    name, least = f"task.text={shown(task.text)}", 20 * (task.length + 1)
    try:
        text = read_text(task.text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        yield f"{name}: {reason}; allowed is {OWN_TEXT} or a text file"
        return
    if len(text) < least:
        yield f"{name}: it has {len(text)} characters; allowed are texts of {least} characters up"
