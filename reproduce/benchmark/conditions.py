"""Under which conditions was measured: processor, cores, versions."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reproduce.benchmark.c_loop import COMPILER
from reproduce.benchmark.peer import cores


def conditions() -> dict[str, int | str]:
    """One value a column of the table; an empty text for what is not installed."""
    return {
        "cores": cores(),
        "processor": processor(),
        "torch": installed("torch"),
        "jax": installed("jax"),
        "scikit_learn": installed("scikit-learn"),
        "compiler": compiler(),
    }


def processor() -> str:
    """The processor's name as the system gives it."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def installed(package: str) -> str:
    """Its version, or an empty text."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def compiler() -> str:
    """The first line in which the C compiler names itself, or an empty text."""
    try:
        asked = subprocess.run([COMPILER, "--version"], capture_output=True, text=True)
    except OSError:
        return ""
    return next(iter(asked.stdout.splitlines()), "")
