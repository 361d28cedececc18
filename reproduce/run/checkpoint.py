"""The state of an unfinished run on the disk: whole, hashed, and safe to read."""

import hashlib
import io
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import torch

from reproduce.file.place import write_whole

log = logging.getLogger("reproduce")
DIGEST_LENGTH = 64
DAMAGED = ".damaged.pt"


class DamagedCheckpoint(ValueError):
    """A checkpoint whose content does not fit its hash, or that is not one."""


def save(path: Path, state: dict, origin: dict[str, str]) -> None:
    """Write `state` so that a kill at any moment leaves the old checkpoint or the new one.

    origin: what the bits depend on (config, source code, torch).
    """
    buffer = io.BytesIO()
    torch.save({"origin": origin, "state": state}, buffer)
    data = buffer.getvalue()
    write_whole(path, hashlib.sha256(data).hexdigest().encode() + data)


def checkpoints(folder: Path) -> list[Path]:
    """Those in a folder, but for what was set aside as damaged."""
    return [path for path in folder.glob("checkpoint*.pt") if not path.name.endswith(DAMAGED)]


def remove_checkpoints(folder: Path) -> None:
    """Take all checkpoints out of a finished run, those that were set aside too."""
    for path in folder.glob("checkpoint*.pt"):
        remove(path)


def remove(path: Path) -> None:
    """Take away whatever has that name: a file, a link or a whole folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def resume(saved: Path, origin: dict[str, str], fields: set[str]) -> dict | None:
    """The state of a killed run, on the CPU; None where there is none or it is damaged.

    fields: the names that a state has. A damaged checkpoint is named and set aside.
    """
    if not os.path.lexists(saved):
        return None
    try:
        return load(saved, origin, fields)
    except DamagedCheckpoint as error:
        aside = saved.with_suffix(DAMAGED)
        remove(aside)
        saved.rename(aside)
        log.warning("%s: %s; set aside as %s, what it held starts over", saved, error, aside.name)
        return None


def load(path: Path, origin: dict[str, str], fields: set[str]) -> dict[str, Any]:
    """Read the state back on the CPU. `DamagedCheckpoint`: damaged, or of another origin."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedCheckpoint(f"it cannot be read ({error.strerror})") from error
    digest, data = content[:DIGEST_LENGTH], content[DIGEST_LENGTH:]
    if hashlib.sha256(data).hexdigest().encode() != digest:
        raise DamagedCheckpoint("its content does not fit its sha256")
    try:
        saved = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    except Exception as error:  # what torch raises depends on what the file is instead
        raise DamagedCheckpoint("it holds no state of a run") from error
    if not is_state(saved, origin, fields):
        raise DamagedCheckpoint("it holds something else than the state of a run")
    for name, value in origin.items():
        if saved["origin"][name] != value:
            raise DamagedCheckpoint(f"it was made with another {name}")
    return saved["state"]


def is_state(saved: Any, origin: dict[str, str], fields: set[str]) -> bool:
    """Whether something that was read back has the parts of a state."""
    if not isinstance(saved, dict) or {*saved} != {"origin", "state"}:
        return False
    its_origin, state = saved["origin"], saved["state"]
    if not isinstance(its_origin, dict) or not isinstance(state, dict):
        return False
    return {*its_origin} == {*origin} and {*state} == fields
