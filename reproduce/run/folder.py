"""The folder of one run: named after the content of its config, whole or not there.

A run works in `<hash>.partial` and is renamed to `<hash>` when all its files are written. A
finished run is thus never overwritten by half of another, and a killed one goes on from its
partial folder.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from reproduce.config.experiment import Experiment
from reproduce.paper import printed
from reproduce.place import flush_folder
from reproduce.task.characters import OWN_TEXT

HASH_LENGTH = 12


def content(config: Experiment) -> dict:
    """The config without what cannot change a result: where it goes, how often it is saved.

    Printed weights and the hash of a text that it names are written out, so that a correction of
    theirs is another run.
    """
    values = asdict(config)
    for name in ("out", "rerun"):
        del values[name]
    values.get("run", {}).pop("checkpoint_seconds", None)
    if values.get("network", {}).get("weights"):
        values["printed_weights"] = printed(values["network"]["weights"])
    text = values.get("task", {}).get("text", OWN_TEXT)
    if text != OWN_TEXT:
        values["text_sha256"] = hashlib.sha256(Path(text).read_bytes()).hexdigest()
    return values


def sha256(config: Experiment) -> str:
    """Hash of the content of a config whose device is resolved."""
    return hashlib.sha256(json.dumps(content(config), sort_keys=True).encode()).hexdigest()


class RunFolder:
    """Where a run works (`partial`), where it ends (`final`), and who works there."""

    def __init__(self, config: Experiment):
        self.final = Path(config.out, config.name, sha256(config)[:HASH_LENGTH])
        self.partial = self.final.with_name(f"{self.final.name}.partial")
        self.replaced = self.final.with_name(f"{self.final.name}.replaced")
        self._lock = self.final.with_name(f"{self.final.name}.lock")

    @contextmanager
    def claim(self) -> Iterator[bool]:
        """Hold this run; False when another process does. A killed process holds nothing."""
        self.final.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            if not self._is_lock(lock):  # its last holder took the file away: ask again
                with self.claim() as mine:
                    yield mine
                return
            self._mend()
            try:
                yield True
            finally:
                self._lock.unlink(missing_ok=True)

    def _is_lock(self, file: IO) -> bool:
        """Whether the open file is the one that the lock's name stands for now."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._lock.stat())
        except FileNotFoundError:
            return False

    def _mend(self) -> None:
        """Bring back a finished run that was being replaced when its process was killed."""
        if self.replaced.exists():
            if self.final.exists():
                shutil.rmtree(self.replaced)
            else:
                self.replaced.rename(self.final)

    @property
    def finished(self) -> bool:
        """Whether the run is there as a whole."""
        return self.final.exists()

    def finish(self) -> None:
        """Put the partial folder in the place of the final one."""
        if self.final.exists():
            self.final.rename(self.replaced)
        self.partial.rename(self.final)
        flush_folder(self.final.parent)
        shutil.rmtree(self.replaced, ignore_errors=True)
