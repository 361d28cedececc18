"""Where the program stands: folders, processors, terminal, and files that appear whole or not."""

import contextlib
import io
import os
import re
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONF = ROOT / "conf"
PAPERS = ROOT / "papers"
RESULTS = ROOT / "results"


def speak_utf8() -> None:
    """Let stdout and stderr take every character, whatever the locale: files are UTF-8 too."""
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def cores() -> int:
    """Processor cores that this process may use: fewer than the machine has, under `taskset`."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def seen_by_caller(folder: str) -> Path:
    """A folder that the user named: the scripts step into the clone and say where the user stands.

    As it is where the user stands in the clone, or where no script was called.
    """
    caller = Path(os.environ.get("REPRODUCE_CALLER", ""))
    return Path(folder) if caller == ROOT else caller / folder


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `content` beside `path`, flush it to the disk, then rename it into place.

    A reader sees the old file or the new one, never a part. `OSError` when it cannot be
    written; what stood at `path` before is then untouched and nothing is left beside it.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # less the umask
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def is_unfinished(path: Path) -> bool:
    """Whether a file is what `write_whole` has left where it was killed."""
    return re.fullmatch(r"\..+\.[0-9a-f]{8}", path.name) is not None


def flush_folder(folder: Path) -> None:
    """Make renames inside `folder` survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot
            os.fsync(handle)
    finally:
        os.close(handle)
