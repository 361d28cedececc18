"""Where the project's own folders are, files that appear whole or not at all, and UTF-8."""

import io
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONF = ROOT / "conf"
PAPERS = ROOT / "papers"
RESULTS = ROOT / "results"


def speak_utf8() -> None:
    """Let stdout and stderr take every character, whatever the locale: files are UTF-8 too."""
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `content` beside `path`, flush it to the disk, then rename it into place.

    A reader sees the old file or the new one, never a part. `OSError` when it cannot be
    written; what stood at `path` before is then untouched and nothing is left beside it.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make renames inside `folder` survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
