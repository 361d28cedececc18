"""The folder of one run: named after the content of its config, whole or not there.

A run works in `<hash>.partial` and is renamed to `<hash>` when all its files are written. A
finished run is thus never overwritten by half of another, and a killed one goes on from its
partial folder.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from reproduce.file.finished import is_whole
from reproduce.file.paper import printed
from reproduce.file.place import flush_folder
from reproduce.file.text import read_text
from reproduce.run.checkpoint import remove, remove_checkpoints
from reproduce.run.config.experiment import Experiment

HASH_LENGTH = 12


def content(config: Experiment) -> dict:
    """The config without what cannot change a result: where it goes, how often it is saved.

    What it only names, printed weights and a text, is there in full or by its hash, so that a
    correction of theirs is another run.
    """
    values = asdict(config)
    for name in ("out", "rerun"):
        del values[name]
    values.get("run", {}).pop("checkpoint_seconds", None)
    if values.get("network", {}).get("weights"):
        values["printed_weights"] = printed(values["network"]["weights"])
    named = {
        figure: printed(figure)
        for parts in (values.get("network", {}).get("start") or {}).values()
        for figure in parts.values()
        if isinstance(figure, str)
    }
    if named:
        values["printed_parts"] = named
    if "text" in values.get("task", {}):
        text = read_text(values["task"]["text"])
        values["text_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return values


def sha256(config: Experiment) -> str:
    """Hash of the content of a config whose device is resolved."""
    return hashlib.sha256(json.dumps(content(config), sort_keys=True).encode()).hexdigest()


class RunFolder:
    """Where a run works (`partial`), where it ends (`final`), and who works there."""

    def __init__(self, config: Experiment):
        self.config_sha256 = sha256(config)
        self.final = Path(config.out, config.name, self.config_sha256[:HASH_LENGTH])
        self.partial = self.final.with_name(f"{self.final.name}.partial")
        self.replaced = self.final.with_name(f"{self.final.name}.replaced")
        self._lock = self.final.with_name(f"{self.final.name}.lock")

    @contextmanager
    def claim(self) -> Iterator[bool]:
        """Hold this run; False when another process does. A killed process holds nothing."""
        self.final.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            yield False
            return
        try:
            self._mend()
            yield True
        finally:
            self._lock.unlink(missing_ok=True)  # while it is held: the next one makes another
            lock.release()

    def _mend(self) -> None:
        """Put right what a process left that was killed while it put a run in its place."""
        if is_whole(self.partial, self.config_sha256):
            self.finish()
        elif self.replaced.exists():
            if self.final.exists():
                shutil.rmtree(self.replaced)
            else:
                self.replaced.rename(self.final)
        remove_checkpoints(self.final)

    @property
    def finished(self) -> bool:
        """Whether the run is there as a whole."""
        return self.final.exists()

    def finish(self) -> None:
        """Put the partial folder in the place of the final one."""
        if self.final.exists():
            remove(self.replaced)
            self.final.rename(self.replaced)
        self.partial.rename(self.final)
        flush_folder(self.final.parent)
        shutil.rmtree(self.replaced, ignore_errors=True)
        remove_checkpoints(self.final)
