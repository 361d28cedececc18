"""The rules of the house: who may import whom, sizes, pins, and what must not be committed."""

import ast
import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from reproduce.place import ROOT

PACKAGE = ROOT / "reproduce"
MODULES = {"place", "paper", "statistic", "finished"}  # of the package itself, free of rooms
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


def test_every_pin_is_exact_and_is_what_is_installed():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line.strip() and not line.startswith("#")]
    assert pins
    for pin in pins:
        name, wanted = re.fullmatch(r"([A-Za-z0-9_.-]+)==([0-9][0-9A-Za-z.+!-]*)", pin).groups()
        assert (name, version(name).split("+")[0]) == (name, wanted)


def test_no_tracked_file_names_a_folder_of_somebody_s_machine():
    pattern = re.compile(rb"(?<![\w.])(?:%s)" % "|".join(PRIVATE).encode())
    found = {str(path): hit[0] for path in tracked() if (hit := pattern.search(path.read_bytes()))}
    assert found == {}


def test_git_changes_no_line_ends_whatever_its_user_has_set():
    names = "\n".join(str(path.relative_to(ROOT)) for path in tracked())
    git = ["git", "-C", str(ROOT), "check-attr", "--stdin", "text"]
    told = subprocess.run(git, input=names, capture_output=True, text=True).stdout.splitlines()
    assert [line for line in told if not line.endswith(": text: unset")] == []
    assert len(told) == len(tracked())


def test_the_scripts_can_be_executed_and_what_is_only_sourced_cannot():
    scripts = {path.name: os.access(path, os.X_OK) for path in (ROOT / "scripts").iterdir()}
    assert {name for name, runs in scripts.items() if not runs} == {"setup"}
    assert {"reproduce", "test"} <= scripts.keys()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
