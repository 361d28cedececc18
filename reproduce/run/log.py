"""What happened while a run was made: `run.log` in its folder."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WARNINGS = logging.getLogger("reproduce")  # shown to the user, and kept
OWN = logging.getLogger("reproduce.run.log")  # kept only
OWN.propagate = False
OWN.setLevel(logging.INFO)


class LogFile(logging.FileHandler):
    """A log that does without a line that cannot be written: the run itself will say why."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing."""


@contextmanager
def logged(folder: Path, command: str) -> Iterator[None]:
    """Keep in the folder when a process worked there, what it warned of and why it failed.

    A process that goes on with a killed run adds its lines to those that are there.
    """
    file = LogFile(folder / "run.log", encoding="utf-8")
    form = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S+00:00")
    form.converter = time.gmtime
    file.setFormatter(form)
    for logger in (WARNINGS, OWN):
        logger.addHandler(file)
    OWN.info("begins: %s", command)
    try:
        yield
    except Exception:
        OWN.exception("failed")
        raise
    finally:
        for logger in (WARNINGS, OWN):
            logger.removeHandler(file)
        with suppress(OSError):
            file.close()
