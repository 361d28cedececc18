"""One line that says how far all runs are and how long the rest will take, in time."""

import sys
import time
from dataclasses import asdict, dataclass, field

from tqdm import tqdm

from reproduce.file.duration import in_words
from reproduce.file.finished import DamagedRun, open_kept
from reproduce.file.place import RESULTS
from reproduce.run.config.experiment import Experiment

SECONDS_AROUND = 3.0  # of one thread for what is not training: start, measures, pictures
SECONDS_UNKNOWN = 30.0  # of a run of which no kept record tells
ENOUGH_TO_TELL = 0.05  # share of a run after which its own pace says more than its kept record
ENOUGH_SECONDS = 5.0  # of finished runs after which they say how fast this machine is
SECONDS_BETWEEN_LOOKS = 0.1  # at a terminal
SECONDS_BETWEEN_LINES = 30.0  # where the output is no terminal


def expected_seconds(config: Experiment) -> float:
    """How long one thread needs for a run, by its kept record, scaled by replicas and sweeps."""
    try:
        record = open_kept(RESULTS / config.name).record
    except DamagedRun:
        return SECONDS_UNKNOWN
    kept = record["wall_seconds"] * record["threads"] / _amount(record["config"])
    return SECONDS_AROUND + kept * _amount(asdict(config))


def _amount(config: dict) -> float:
    run = config.get("run", {})
    return max(1, config["replicas"] * run.get("sweeps", run.get("steps", 1)))


@dataclass
class _Running:
    """A run on its way: when it began, and the share that is made."""

    began: float = field(default_factory=lambda: time.monotonic())
    share: float = 0.0


class Progress:
    """The line and its bar; expected: seconds of each run by name, of which `workers` go at once.

    What is left is measured against the pace of this machine as soon as some runs have ended.
    """

    def __init__(self, expected: dict[str, float], workers: int):
        self.left, self.workers, self.count = dict(expected), workers, len(expected)
        self.running: dict[str, _Running] = {}
        self.expected_of_made = self.seconds_of_made = 0.0
        self.began = time.monotonic()
        self.spoken = self.began
        form = "{bar:20} {desc}"
        self.bar = tqdm(total=1.0, bar_format=form, disable=None, dynamic_ncols=True)

    def advance(self, name: str, share: float) -> None:
        """A run, which may just begin, is made to this share."""
        self.running.setdefault(name, _Running()).share = share
        self._show()

    def end(self, name: str, made: bool) -> None:
        """A run is over; made: whether it was made now, so that its seconds tell something."""
        run, expected = self.running.pop(name, _Running()), self.left.pop(name, 0.0)
        if made:
            self.expected_of_made += expected
            self.seconds_of_made += time.monotonic() - run.began
        self._show()

    def put_off(self, name: str) -> None:
        """A run is left to another process for a while."""
        self.running.pop(name, None)
        self._show()

    def seconds_left(self) -> float:
        """How long the rest will take, with all workers busy as long as there is work."""
        each = [self._left_of(name) for name in self.left]
        return max(sum(each) / self.workers, max(each, default=0.0))

    def _left_of(self, name: str) -> float:
        known = self.expected_of_made > ENOUGH_SECONDS
        pace = self.seconds_of_made / self.expected_of_made if known else 1.0
        run = self.running.get(name)
        if run is None:
            return self.left[name] * pace
        worked = time.monotonic() - run.began
        if run.share > ENOUGH_TO_TELL:
            return worked / run.share - worked
        return max(0.0, self.left[name] * pace - worked)

    def _show(self) -> None:
        left, worked = self.seconds_left(), time.monotonic() - self.began
        self.bar.n = worked / max(worked + left, 1e-9)
        words = [f"{self.count - len(self.left)} of {self.count} done"]
        words += [f"about {in_words(left)} left"] if self.left else []
        words += [f"now {', '.join(self.running)}"] if self.running else []
        if not self.bar.disable:
            self.bar.set_description_str(", ".join(words), refresh=False)
            if time.monotonic() - self.spoken > SECONDS_BETWEEN_LOOKS:
                self.spoken = time.monotonic()
                self.bar.refresh()
        elif time.monotonic() - self.spoken > SECONDS_BETWEEN_LINES:
            self.spoken = time.monotonic()
            print(", ".join(words), file=sys.stderr)

    def write(self, line: str) -> None:
        """Print a line above the bar."""
        self.bar.write(line, file=sys.stderr)

    def close(self) -> None:
        """Leave the last state of the bar on the screen."""
        self.bar.close()
