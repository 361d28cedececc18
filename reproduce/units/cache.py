"""Compiled libraries in the user's cache folder: whole files, checked before they are loaded.

A library is called KEY.SHA256.so, after what it was made for and the hash of its bytes. What is
unfinished has a name that begins with a point and the key, and is touched only under the lock
KEY.lock: where that lock is free, it is what a killed process has left, and is removed.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from reproduce.file.place import write_whole
from reproduce.units.program import Program


def cache_folder() -> Path:
    """Where libraries are kept, below XDG_CACHE_HOME or ~/.cache. OSError without a home."""
    try:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        raise FileNotFoundError("no home folder is known and XDG_CACHE_HOME is not set") from None
    return caches.absolute() / "reproduce"


@contextmanager
def working_on(key: str) -> Iterator[Path]:
    """An empty folder inside the cache folder, under the lock of the key. OSError."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{key}.lock"):
        remove_leftovers(folder, key)
        with TemporaryDirectory("", f".{key}.", folder, ignore_cleanup_errors=True) as work:
            yield Path(work)


def remove_leftovers(folder: Path, mine: str) -> None:
    """Remove what killed processes have left; this process holds the lock of the key `mine`."""
    for left in folder.glob(".*"):
        key = left.name.split(".")[1]
        if key == mine:
            discard(left)
        elif (lock := folder / f"{key}.lock").exists():
            with suppress(OSError), FileLock(lock, blocking=False):
                discard(left)


def discard(path: Path) -> None:
    """Remove a file or a folder where that is possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def find(key: str, work: Path, callers: int) -> Program | None:
    """The kept program of a key; one that is damaged is named on stderr and removed."""
    for path in sorted(cache_folder().glob(f"{key}.*.so")):
        try:
            data = path.read_bytes()
            if path.name != name_of(key, data):
                raise ValueError("its sha256 is not the one in its name")
        except (OSError, ValueError) as error:
            print(f"{path} is damaged ({error}): the sweeps are compiled again", file=sys.stderr)
            discard(path)
        else:
            return load(data, work, callers)
    return None


def keep(key: str, data: bytes, work: Path, callers: int) -> Program:
    """The program of a new library, which is kept when it has been loaded."""
    program, place = load(data, work, callers), cache_folder() / name_of(key, data)
    try:
        write_whole(place, data)
    except OSError as error:
        print(f"the compiled sweeps cannot be kept in {place.parent}: {error}", file=sys.stderr)
    return program


def name_of(key: str, data: bytes) -> str:
    """The name under which a library is kept."""
    return f"{key}.{hashlib.sha256(data).hexdigest()}.so"


def load(data: bytes, work: Path, callers: int) -> Program:
    """Load a library from a copy that no other process knows, so that no byte of it changes.

    The copy has a name of its own: a name that was loaded before would give the old library.
    """
    copy = work / f"{hashlib.sha256(data).hexdigest()}.so"
    copy.write_bytes(data)
    return Program(copy, callers)
