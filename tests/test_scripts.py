"""The set-up scripts, tried on a copy with an interpreter that only notes how it is called."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reproduce.file.place import ROOT

TOOLS = [
    "bash",
    "cat",
    "cp",
    "dirname",
    "env",
    "find",
    "ls",
    "mkdir",
    "readlink",
    "rm",
    "sleep",
    "tail",
]
LOCKS = {"requirements-installer.lock": "pip==1\n", "requirements.lock": "anything==1\n"}
FAKE_PYTHON = """#!/usr/bin/env bash
case "$*" in
    *fcntl*) exec "{real}" "$@" ;;
    *version_info*) echo {version}; exit ;;
esac
echo "$* from $REPRODUCE_CALLER" >>"{log}"
case "$*" in
    *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"-m pip install"*) {pip} ;;
esac
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The scripts and short lock files, in a folder with a space and an umlaut in its name."""
    house = tmp_path / "a höuse"
    shutil.copytree(ROOT / "scripts", house / "scripts")
    for name, line in LOCKS.items():
        (house / name).write_text(line)
    return house


def fake(path: Path, house: Path, version: str = "3.12", pip: str = "true") -> Path:
    """An interpreter that notes its calls; pip: what it does when it is asked to install."""
    path.parent.mkdir(exist_ok=True)
    log = house / "calls"
    code = FAKE_PYTHON.format(real=sys.executable, log=log, version=version, pip=pip)
    path.write_text(code, encoding="utf-8")
    path.chmod(0o755)
    return path


def call(house: Path, script: str = "reproduce", pip: str = "true", **environment: str):
    """Run a script from another folder; returns its end and the interpreter's notes."""
    (house / "calls").unlink(missing_ok=True)
    python = fake(house / "python", house, pip=pip)
    if (house / ".venv/bin/python").exists():
        shutil.copy(python, house / ".venv/bin/python")
    return run(house, script, **{"PYTHON": str(python), **environment}), notes(house)


def run(house: Path, script: str = "reproduce", folder: Path | str = "/", **environment: str):
    """Run a script as the user who stands in `folder`."""
    words, own = [house / "scripts" / script], {**os.environ, **environment}
    return subprocess.run(words, cwd=folder, env=own, capture_output=True, encoding="utf-8")


def notes(house: Path) -> str:
    log = house / "calls"
    return log.read_text(encoding="utf-8") if log.exists() else ""


def refuses(done: subprocess.CompletedProcess, reason: str) -> None:
    """The script ended with one line."""
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr


def test_first_call_makes_the_environment_and_installs_then_does_its_job(copy):
    done, calls = call(copy)
    assert done.returncode == 0, done.stderr
    assert "-m venv .venv" in calls
    installs = [line for line in calls.splitlines() if "pip install" in line]
    assert [line.split("-r ")[1].split()[0] for line in installs] == list(LOCKS)
    assert all("--require-hashes" in line for line in installs)
    assert calls.splitlines()[-1] == "-m reproduce.suite from /"


def test_second_call_installs_nothing_until_a_lock_file_changes(copy):
    call(copy)
    for name in LOCKS:
        _, calls = call(copy)
        assert "install" not in calls
        assert "venv" not in calls
        (copy / name).write_text("anything==2\n")
        _, calls = call(copy)
        assert "install" in calls
        assert "venv" not in calls


def test_no_tool_is_needed_that_a_system_may_lack(copy, tmp_path):
    """Neither sha256sum, which macOS lacks, nor a HOME; and with the strictest file mode."""
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    python = fake(tmp_path / "bin" / "python3", copy)
    words = ["-c", f"umask 077; exec '{copy}/scripts/reproduce'"]
    done = subprocess.run(
        ["bash", *words], env={"PATH": str(python.parent), "LC_ALL": "C"}, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupted_install_says_so_and_is_made_anew(copy):
    done, _ = call(copy, pip="kill -INT $PPID; exit 130")
    assert (done.returncode, done.stderr) == (130, "stopped; the same command goes on from here\n")
    done, calls = call(copy)
    assert done.returncode == 0
    assert "install" in calls


def test_failed_install_says_so_and_is_tried_again(copy):
    done, _ = call(copy, pip="exit 1")
    refuses(done, "pip could not install")
    done, calls = call(copy)
    assert done.returncode == 0
    assert "install" in calls


def test_interpreter_that_is_too_old_or_missing_gives_one_line(copy, tmp_path):
    old, new = (fake(tmp_path / name, copy, name) for name in ("3.10", "3.14"))
    for python in ("/bin/false", "/no/such/python", str(old), str(new)):
        done, _ = call(copy, "test", PYTHON=python)
        refuses(done, f"{python} is not Python 3.11, 3.12 or 3.13")
        assert not (copy / ".venv").exists()


def test_first_allowed_python_of_the_path_is_taken(copy, tmp_path):
    fake(tmp_path / "bin" / "python3", copy, "3.9")
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    wanted = fake(tmp_path / "bin" / "python3.11", copy, "3.11")
    done, calls = call(copy, PYTHON="", PATH=path)
    assert done.returncode == 0, done.stderr
    assert f"making .venv with {wanted.name}" in done.stdout
    assert "-m venv" in calls
    for name in ("python3.11", "python3.12", "python3.13"):
        fake(tmp_path / "bin" / name, copy, "2.7")
    shutil.rmtree(copy / ".venv")
    refuses(call(copy, PYTHON="", PATH=path)[0], "there is no Python 3.11, 3.12 or 3.13 here")


def test_python_is_seen_from_where_the_user_stands_and_must_be_that_of_the_environment(copy):
    python = fake(copy / "deep" / "python", copy)
    done = run(copy, folder=copy, PYTHON="deep/python")
    assert done.returncode == 0, done.stderr
    assert f"making .venv with {python}" in done.stdout
    other = fake(copy / "other", copy, "3.13")
    done = run(copy, PYTHON=str(other))
    refuses(done, f".venv has Python 3.12 and not that of {other}")


def test_broken_environment_gives_one_line_with_the_reason(copy):
    call(copy)
    fake(copy / ".venv/bin/python", copy)
    torch = copy / ".venv/bin/python"
    torch.write_text(
        torch.read_text(encoding="utf-8")
        + 'case "$*" in *torch*) printf "Trace:\\nno libx\\n" >&2; exit 1 ;; esac'
    )
    done = run(copy, PYTHON="")
    refuses(done, ".venv is broken (no libx); remove .venv")


def test_environment_whose_python_is_gone_is_made_anew(copy):
    call(copy)
    (copy / ".venv/bin/python").unlink()
    (copy / ".venv/bin/python").symlink_to("/no/such/python")
    (copy / ".venv/remains").touch()
    done, calls = call(copy)
    assert done.returncode == 0, done.stderr
    assert "it is made anew" in done.stdout
    assert "-m venv" in calls
    assert not (copy / ".venv/remains").exists()


def test_what_is_not_ours_is_named_and_left_as_it_is(copy):
    venv = copy / ".venv"
    venv.write_text("a file")
    refuses(call(copy)[0], ".venv is not a folder; remove it")
    assert venv.read_text() == "a file"
    venv.unlink()
    venv.symlink_to("nowhere")
    refuses(call(copy)[0], ".venv is not a folder; remove it")
    venv.unlink()
    (venv / "of somebody").mkdir(parents=True)
    refuses(call(copy)[0], ".venv is not an environment with Python 3.11, 3.12 or 3.13; remove it")
    assert (venv / "of somebody").exists()


def begin(house: Path, pip: str) -> subprocess.Popen:
    """A set-up that goes on while `pip` does, in a group of processes of its own."""
    python = fake(house / "python", house, pip=pip)
    command, own = [house / "scripts/reproduce"], {**os.environ, "PYTHON": str(python)}
    begun = subprocess.Popen(
        command, env=own, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True
    )
    while "pip install" not in notes(house):
        assert begun.poll() is None
    return begun


def test_set_up_that_was_killed_is_made_anew(copy):
    killed = begin(copy, pip="sleep 100")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    (copy / ".venv/half a package").touch()
    done, calls = call(copy)
    assert done.returncode == 0, done.stderr
    assert "it is made anew" in done.stdout
    assert "-m venv" in calls
    assert not (copy / ".venv/half a package").exists()
    assert "-m venv" not in call(copy)[1]


def test_second_set_up_waits_for_the_first_and_makes_nothing(copy):
    first = begin(copy, pip="sleep 1")
    second = run(copy, PYTHON=str(copy / "python"))
    first.communicate()
    assert (first.returncode, second.returncode, second.stderr) == (0, 0, "")
    assert "waiting for another set-up" in second.stdout
    assert notes(copy).count("-m venv") == 1
    assert notes(copy).count("-m reproduce.suite") == 2


def test_ci_calls_the_tests():
    assert "scripts/test" in (ROOT / ".ci/run").read_text()
