"""The state of an unfinished run on the disk: whole, hashed, and safe to read."""

import hashlib
import io
import pickle
from pathlib import Path

import torch

from reproduce.place import write_whole

DIGEST_LENGTH = 64
DAMAGED = ".damaged.pt"


class DamagedCheckpoint(ValueError):
    """A checkpoint whose content does not fit its hash, or that is not one."""


def save(path: Path, state: dict, origin: dict[str, str]) -> None:
    """Write `state` so that a kill at any moment leaves the old checkpoint or the new one.

    origin: what the bits depend on beside the config (source code, torch).
    """
    buffer = io.BytesIO()
    torch.save({"origin": origin, "state": state}, buffer)
    data = buffer.getvalue()
    write_whole(path, hashlib.sha256(data).hexdigest().encode() + data)


def checkpoints(folder: Path) -> list[Path]:
    """Those in a folder, but for what was set aside as damaged."""
    return [path for path in folder.glob("checkpoint*.pt") if not path.name.endswith(DAMAGED)]


def resume(saved: Path, origin: dict[str, str]) -> dict | None:
    """The state of a killed run, on the CPU; a damaged checkpoint is named and set aside."""
    if not saved.exists():
        return None
    try:
        return load(saved, origin)
    except DamagedCheckpoint as error:
        aside = saved.with_suffix(DAMAGED)
        saved.rename(aside)
        for events in saved.parent.glob("events.out.tfevents.*"):
            events.unlink()
        print(f"{saved}: {error}; set aside as {aside.name}, what it held starts over")
        return None


def load(path: Path, origin: dict[str, str]) -> dict:
    """Read the state back on the CPU. `DamagedCheckpoint`: damaged, or of another origin."""
    content = path.read_bytes()
    digest, data = content[:DIGEST_LENGTH], content[DIGEST_LENGTH:]
    if hashlib.sha256(data).hexdigest().encode() != digest:
        raise DamagedCheckpoint("its content does not fit its sha256")
    try:
        saved = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError) as error:
        raise DamagedCheckpoint("it holds no state of a run") from error
    for name, value in origin.items():
        if saved["origin"].get(name) != value:
            raise DamagedCheckpoint(f"it was made with another {name}")
    return saved["state"]
