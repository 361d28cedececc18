"""The text that a character model learns: Python's own help, or a file."""

import errno
import os
from pathlib import Path
from pydoc_data.topics import topics

OWN_TEXT = "pydoc_data.topics"  # Python's own help, which every machine has
LARGEST_TEXT = 10**9  # bytes


def read_text(name: str) -> str:
    """The text of that name: OWN_TEXT, or a file. OSError or ValueError for anything else."""
    if name == OWN_TEXT:
        return "\n\n".join(topics[topic] for topic in sorted(topics))
    return read_file(Path(name))


def read_file(path: Path) -> str:
    """A text file as a whole. OSError or ValueError for anything else.

    What is no file, empty or too large is refused unread.
    """
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if not path.is_file():  # a device or a pipe could be read for ever
        raise ValueError("it is no file")
    size = path.stat().st_size
    if not 0 < size <= LARGEST_TEXT:
        raise ValueError("it is empty" if not size else f"it has more than {LARGEST_TEXT:,} bytes")
    try:
        text = path.read_bytes().decode()
    except UnicodeError:
        raise ValueError("it is no UTF-8 text") from None
    if "\0" in text:
        raise ValueError("it is no text, since it holds zero bytes")
    return text
