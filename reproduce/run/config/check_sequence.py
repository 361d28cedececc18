"""What concerns several keys of a sequence experiment at once."""

from collections.abc import Iterator

from reproduce.run.config.key import shown
from reproduce.run.config.sequence import SequenceExperiment


def wrong_in_sequence(config: SequenceExperiment) -> Iterator[str]:
    """What cannot be run, in one line each."""
    grid, network, rule, task = config.grid, config.network, config.rule, config.task
    for key, others in (
        ("network.mixer", {network.mixer} - {*task.mixers}),
        ("grid.mixer", {*grid.mixer} - {*task.mixers}),
    ):
        if others:
            fitting = ", ".join(task.mixers)
            yield f"{key}={', '.join(sorted(others))}: allowed is {fitting} for this task"
    if grid.distance and not hasattr(task, "distance"):
        yield f"grid.distance={shown(grid.distance)}: allowed only where task.distance is a key"
    if network.d_ff == 0 and task.decodes:
        yield "network.d_ff=0: allowed is a number above 0 for an encoder and a decoder"
    if network.positions == "learned" and task.decodes:
        yield "network.positions=learned: allowed is sinusoids for an encoder and a decoder"
    if rule.schedule == "transformer" and rule.warmup == 0:
        yield "rule.warmup=0: allowed are numbers above 0 with rule.schedule=transformer"
    if rule.schedule == "cosine" and rule.warmup >= config.run.steps:
        yield f"rule.warmup={rule.warmup}: allowed are numbers below run.steps={config.run.steps}"
    yield from task.wrong(config.run.batch)
