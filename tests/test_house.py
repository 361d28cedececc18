"""The rules of the house: who may import whom, sizes, and what must not be committed."""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

from reproduce.file.place import ROOT

PACKAGE = ROOT / "reproduce"
MAY_IMPORT = {
    "file": set(),
    "units": {"file"},
    "transformer": set(),
    "verdict": {"file"},
    "page": {"file", "units", "verdict"},
    "run": {"file", "units", "transformer", "verdict", "page"},
    "experiment": {"file", "units", "transformer", "verdict", "page", "run"},
}
ENTRY_POINTS = {"__init__", "__main__", "compare", "suite"}
LONGEST = 250
NETWORK = {"urllib", "http", "requests", "socket", "ftplib", "hub"}
# put together from parts, so that this file holds none of them
PRIVATE = [f"/{folder}/" for folder in ("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")]


def rooms_imported(path: Path) -> set[str]:
    """The parts of the package that a file imports, at whatever depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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
    listed = subprocess.run(git, capture_output=True, encoding="utf-8")
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


def test_nothing_is_loose_beside_the_rooms_but_the_entry_points():
    assert {path.stem for path in PACKAGE.glob("*.py")} == ENTRY_POINTS
    rooms = {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert rooms == MAY_IMPORT.keys()


def test_no_file_is_long_and_none_is_called_utils():
    sources = [path for path in tracked() if path.suffix in (".py", ".j2")]
    sources += [path for path in tracked() if path.parent.name == "scripts"]
    lengths = [(path.name, path.read_bytes().count(b"\n")) for path in sources]
    assert [named for named in lengths if named[1] > LONGEST] == []
    assert [path for path in tracked() if path.stem in ("util", "utils", "helpers")] == []


def takes_the_encoding_of_the_locale(call: ast.Call) -> bool:
    """Whether a call opens a file, or reads from a process, as text of no named encoding."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in given:
        return False
    if isinstance(call.func, ast.Attribute):
        owner, name, mode_at = ast.unparse(call.func.value), call.func.attr, 0
    else:
        owner, name, mode_at = "", getattr(call.func, "id", ""), 1
    if name == "open" and owner != "os":
        mode = given.get("mode", call.args[mode_at] if len(call.args) > mode_at else None)
        return mode is None or "b" not in ast.unparse(mode)
    on_a_path = owner and name in ("read_text", "write_text")
    return bool(on_a_path or name == "FileHandler" or {"text", "universal_newlines"} & {*given})


def test_every_file_is_read_and_written_in_an_encoding_that_is_named():
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and takes_the_encoding_of_the_locale(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "takes"),
    [
        ("path.read_text()", True),
        ("path.write_text(text, encoding='utf-8')", False),
        ("open(path)", True),
        ("open(path, 'wb')", False),
        ("path.open('w')", True),
        ("path.open('rb')", False),
        ("os.open(path, os.O_RDONLY)", False),
        ("subprocess.run(command, text=True)", True),
        ("subprocess.run(command, encoding='utf-8')", False),
        ("read_text(name)", False),
    ],
)
def test_the_check_of_encodings_tells_them_apart(code, takes):
    assert takes_the_encoding_of_the_locale(ast.parse(code, mode="eval").body) is takes


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
