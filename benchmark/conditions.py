"""Under which conditions was measured: processor, cores, versions."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reproduce.file.place import cores


def conditions(*packages: str) -> dict[str, int | str]:
    """Cores, processor and the versions of packages, one a column of a table.

    An empty text for what is not installed.
    """
    versions = {package.replace("-", "_"): installed(package) for package in packages}
    return {"cores": cores(), "processor": processor(), **versions}


def processor() -> str:
    """The processor's name as the system gives it."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def installed(package: str) -> str:
    """Its version, or an empty text."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def compiler(command: str) -> str:
    """The first line in which the compiler of this name names itself, or an empty text."""
    try:
        asked = subprocess.run(
            [command, "--version"], capture_output=True, encoding="utf-8", errors="replace"
        )
    except OSError:
        return ""
    return next(iter(asked.stdout.splitlines()), "")
