"""Every package that set-up installs is pinned, locked with its hashes, and what is installed."""

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.markers import Marker

from reproduce.file.place import ROOT

LISTS = sorted(ROOT.glob("requirements*.txt"))
NAME, VERSION = "[A-Za-z0-9_.-]+", r"[0-9][0-9A-Za-z.+!-]*"
HASH = "    --hash=sha256:[0-9a-f]{64}"


def pins(path: Path) -> dict[str, str]:
    """Package and exact version of each line of a list of packages."""
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    assert lines
    return dict(re.fullmatch(f"({NAME})==({VERSION})", line).groups() for line in lines)


def locked(path: Path) -> dict[str, tuple[str, str]]:
    """Package, exact version and marker of each entry of a lock file, which has nothing else."""
    entry = rf"({NAME})==({VERSION})((?: ; .+)?) \\\n{HASH}(?: \\\n{HASH})*\n    # via [\w.,\- ]+\n"
    head, *entries = re.split(r"^(?=[^ #])", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert head.splitlines()[1:] == ["#    ./scripts/lock"]
    found = [re.fullmatch(entry, text).groups() for text in entries]
    return {name: (version, marker.removeprefix(" ; ")) for name, version, marker in found}


@pytest.mark.parametrize("wanted", LISTS, ids=lambda path: path.stem)
def test_every_pin_is_exact_and_locked_with_its_hashes(wanted):
    lock = {name: version for name, (version, _) in locked(wanted.with_suffix(".lock")).items()}
    assert pins(wanted).items() <= lock.items()


@pytest.mark.parametrize("name", ["requirements", "requirements-benchmark", "requirements-cluster"])
def test_what_is_locked_is_what_is_installed(name):
    for package, (exact, marker) in locked(ROOT / f"{name}.lock").items():
        if marker and not Marker(marker).evaluate():
            continue
        try:
            assert (package, version(package).split("+")[0]) == (package, exact)
        except PackageNotFoundError:
            assert name != "requirements", f"{package} is not installed"
