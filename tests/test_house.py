"""The rules of the house: who may import whom, sizes, pins, and what must not be committed."""

import ast
import os
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.markers import Marker

from reproduce.place import ROOT

PACKAGE = ROOT / "reproduce"
MODULES = {"place", "paper", "statistic"}  # of the package itself, free of rooms
MAY_IMPORT = {
    "task": set(),
    "network": set(),
    "rule": set(),
    "run": {"task", "network", "rule", "config", *MODULES},
    "measure": {"task", "network", "rule"},
    "figure": {"network", "paper", "statistic"},
    "compare": {"figure", *MODULES},
    "benchmark": {"task", "network", "config", "run", "figure", "place"},
}
LONGEST = 250
LISTS = sorted(ROOT.glob("requirements*.txt"))
NAME, VERSION = "[A-Za-z0-9_.-]+", r"[0-9][0-9A-Za-z.+!-]*"
HASH = "    --hash=sha256:[0-9a-f]{64}"
NETWORK = {"urllib", "http", "requests", "socket", "ftplib", "hub"}
# put together from parts, so that this file holds none of them
PRIVATE = [f"/{folder}/" for folder in ("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")]


def rooms_imported(path: Path) -> set[str]:
    """The parts of the package that a file imports, at whatever depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = [node.module]
            if node.module == "reproduce":
                names = [f"reproduce.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("reproduce.")}
    return found


def tracked() -> list[Path]:
    """The files that git knows."""
    git = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(git, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: no list of tracked files")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_the_plan_allows(room):
    files = list((PACKAGE / room).rglob("*.py"))
    assert files
    wrong = {
        path.relative_to(PACKAGE).as_posix(): too_much
        for path in files
        if (too_much := rooms_imported(path) - MAY_IMPORT[room] - {room})
    }
    assert wrong == {}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_every_room_may_import_imports_no_room(module):
    assert rooms_imported(PACKAGE / f"{module}.py") <= MODULES


def test_no_file_is_long_and_none_is_called_utils():
    sources = [path for path in tracked() if path.suffix in (".py", ".j2")]
    sources += [path for path in tracked() if path.parent.name == "scripts"]
    long = {path.name: n for path in sources if (n := len(path.read_text().splitlines())) > LONGEST}
    assert long == {}
    assert [path for path in tracked() if path.stem in ("util", "utils", "helpers")] == []


def pins(path: Path) -> dict[str, str]:
    """Package and exact version of each line of a list of packages."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert lines
    return dict(re.fullmatch(f"({NAME})==({VERSION})", line).groups() for line in lines)


def locked(path: Path) -> dict[str, tuple[str, str]]:
    """Package, exact version and marker of each entry of a lock file, which has nothing else."""
    entry = rf"({NAME})==({VERSION})((?: ; .+)?) \\\n{HASH}(?: \\\n{HASH})*\n    # via [\w.,\- ]+\n"
    head, *entries = re.split(r"^(?=[^ #])", path.read_text(), flags=re.MULTILINE)
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


def test_no_room_asks_the_network_or_counts_processors_itself():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        tree = ast.walk(ast.parse(text))
        nodes = [node for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {alias.name for node in nodes for alias in node.names}
        names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        assert {name.split(".")[0] for name in names} & NETWORK == set(), path
        assert path.name == "place.py" or "cpu_count" not in text, path


def test_no_tracked_file_names_a_folder_of_somebody_s_machine():
    pattern = re.compile(rb"(?<![\w.])(?:%s)" % "|".join(PRIVATE).encode())
    found = {str(path): hit[0] for path in tracked() if (hit := pattern.search(path.read_bytes()))}
    assert found == {}


def test_the_scripts_can_be_executed_and_what_is_only_sourced_cannot():
    scripts = {path.name: os.access(path, os.X_OK) for path in (ROOT / "scripts").iterdir()}
    assert {name for name, runs in scripts.items() if not runs} == {"setup"}
    assert {"reproduce", "test"} <= scripts.keys()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
