"""One run of a suite in a process of its own, and what it tells on its way."""

import logging
import shlex
import time

from reproduce.run.config.check import work
from reproduce.run.config.compose import compose_experiment
from reproduce.run.processes import Tell

SECONDS_BETWEEN_NEWS = 0.2  # of a worker
SECONDS_BETWEEN_TRIES = 1.0  # of a run that another process is making
LOG = logging.getLogger("reproduce")


class Telling(logging.Handler):
    """A worker's warnings among its news."""

    def __init__(self, tell: Tell):
        super().__init__(logging.WARNING)
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one warning."""
        self.tell(record.getMessage())


def work_on(jobs: dict[str, list[str]], name: str, tell: Tell) -> None:
    """Make one run in a worker. A run made by another program is repeated.

    It tells the share that is made, lines for the user, and at last an `Outcome`.
    """
    from reproduce.run.make import run_experiment

    config = compose_experiment(jobs[name])
    total, made, told = max(1, work(config)), 0, 0.0
    warnings = Telling(tell)

    def tick(more: int) -> None:
        nonlocal made, told
        made += more
        if time.monotonic() - told > SECONDS_BETWEEN_NEWS:
            told = time.monotonic()
            tell(min(1.0, made / total))

    tell(0.0)
    command = shlex.join(["python", "-m", "reproduce", *jobs[name]])
    LOG.addHandler(warnings)
    try:
        outcome = run_experiment(config, command, tick, tell, repeat_others=True)
    finally:
        LOG.removeHandler(warnings)
    if outcome.status == "busy":
        time.sleep(SECONDS_BETWEEN_TRIES)
    tell(outcome)
