"""`python -m reproduce keep NAME ...`: make runs at citable size where needed, and keep them.

A run that this program has made already is found and not made again. What is kept of it in results/
takes the place of what was kept before, and every table, figure and page is redrawn.
"""

from reproduce.file.paper import read_papers
from reproduce.file.value import nearest
from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import experiment_names
from reproduce.run.config.key import shown
from reproduce.run.config.sound import compose_all
from reproduce.run.suite import finish_full, in_one_line, make_all, status_of

ALLOWED = "allowed are names of experiments as --list gives them"


def keep_runs(names: list[str]) -> int:
    """The status of the command line. ConfigError or FileError before anything is made."""
    if not names:
        raise ConfigError(f"keep: {ALLOWED}")
    for name in names:
        if name not in experiment_names():
            reason = f"no such experiment; {nearest(name, experiment_names())}"
            raise ConfigError(f"keep {shown(name)}: {reason}")
    read_papers()
    jobs, configs, unsound = compose_all(list(dict.fromkeys(names)), [], lambda config: [])
    folders, failed = make_all(jobs, configs)
    return status_of({**failed, **finish_full(folders)}, unsound)


def main(names: list[str]) -> int:
    """The command line."""
    return in_one_line(lambda: keep_runs(names))
