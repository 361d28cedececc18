"""The C++ compiler that torch calls: whether it works here, and in which folder."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from reproduce.units.cache import cache_folder, working_on

TRIAL = 'extern "C" int trial() { return 0; }\n'
FLAGS = ["-shared", "-fPIC", *([] if sys.platform == "darwin" else ["-fopenmp"])]
SECONDS = 60  # after which a compiler is given up that has been asked for the trial


def compiler() -> str:
    """The command of the compiler: what CXX names, or g++ (clang++ on macOS)."""
    return os.environ.get("CXX", "clang++" if sys.platform == "darwin" else "g++")


def trouble() -> str | None:
    """Why no library can be compiled, kept and loaded here, in one line; None when it can.

    A small library is made, once a process.
    """
    try:
        return _trouble_with(compiler(), cache_folder())
    except OSError as error:
        return str(error)


@cache
def _trouble_with(command: str, folder: Path) -> str | None:
    """The same for one command and one cache folder."""
    words = command.split()
    if not words or shutil.which(words[0]) is None:
        return f"there is no C++ compiler ({command or 'CXX is empty'})"
    try:
        with working_on("trial") as work:
            (work / "trial.cpp").write_text(TRIAL, encoding="utf-8")
            return _trouble_in(command, work)
    except OSError as error:
        return f"the cache folder {folder} cannot be used ({error})"


def _trouble_in(command: str, work: Path) -> str | None:
    """The same for a command that is to make a library of work/trial.cpp."""
    library = work / "trial.so"
    words = [*command.split(), *FLAGS, str(work / "trial.cpp"), "-o", str(library)]
    try:
        ended = subprocess.run(
            words,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(work)},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        if ended.returncode:
            said = telling_line(ended.stderr.strip() or f"exit status {ended.returncode}")
            return f"the C++ compiler ({command}) fails: {said}"
        ctypes.CDLL(str(library))
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the C++ compiler ({command}) makes nothing that works here: {error}"
    return None


def telling_line(said: str) -> str:
    """The line of a message that says most: the first with the word error, else the first."""
    lines = said.splitlines()
    return next((line for line in lines if "error:" in line), lines[0]).strip()


@contextmanager
def confined_to(folder: Path) -> Iterator[None]:
    """Have torch and the compiler write in this folder alone, and believe nothing older.

    torch does not quote this folder when it calls the compiler, so that one with a space in its
    path goes by the number under which it is open (Linux).
    """
    handle = os.open(folder, os.O_RDONLY)
    awkward = re.search(r"[\s'\"\\]", str(folder))
    place = f"/proc/{os.getpid()}/fd/{handle}" if awkward else str(folder)
    names = ("TORCHINDUCTOR_CACHE_DIR", "TMPDIR")
    before, directory = {name: os.environ.get(name) for name in names}, tempfile.tempdir
    os.environ |= dict.fromkeys(names, place)
    tempfile.tempdir = place
    try:
        yield
    finally:
        os.close(handle)
        tempfile.tempdir = directory
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
