"""The set-up scripts, tried on a copy with an interpreter that only notes how it is called."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reproduce.place import ROOT

FAKE_PYTHON = """#!/usr/bin/env bash
echo "$*" >>"{log}"
case "$*" in
    *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"-m pip"*) exit {pip_status} ;;
esac
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The scripts and a requirements.txt of one line, in a folder with a space in its name."""
    house = tmp_path / "a house"
    shutil.copytree(ROOT / "scripts", house / "scripts")
    (house / "requirements.txt").write_text("anything==1\n")
    return house


def call(house: Path, script: str, pip_status: int = 0, **environment: str):
    """Run a script from another folder; returns its end and the interpreter's notes."""
    log, python = house / "calls", house / "python"
    log.unlink(missing_ok=True)
    python.write_text(FAKE_PYTHON.format(log=log, pip_status=pip_status))
    python.chmod(0o755)
    if (house / ".venv/bin/python").exists():
        shutil.copy(python, house / ".venv/bin/python")
    done = subprocess.run(
        [house / "scripts" / script],
        cwd="/",
        env={**os.environ, "PYTHON": str(python), **environment},
        capture_output=True,
        text=True,
    )
    return done, log.read_text() if log.exists() else ""


def test_first_call_makes_the_environment_and_installs_then_does_its_job(copy):
    done, calls = call(copy, "reproduce")
    assert done.returncode == 0, done.stderr
    assert "-m venv .venv" in calls
    assert "install" in calls
    assert calls.splitlines()[-1] == "-m reproduce.suite"


def test_second_call_installs_nothing_until_requirements_change(copy):
    call(copy, "reproduce")
    _, calls = call(copy, "reproduce")
    assert "install" not in calls
    assert "venv" not in calls
    (copy / "requirements.txt").write_text("anything==2\n")
    _, calls = call(copy, "reproduce")
    assert "install" in calls
    stamp = (copy / ".venv/installed-requirements").read_text().strip()
    assert stamp == hashlib.sha256(b"anything==2\n").hexdigest()


def test_failed_install_says_so_and_is_tried_again(copy):
    done, _ = call(copy, "reproduce", pip_status=1)
    assert done.returncode != 0
    assert "pip could not install" in done.stderr
    assert not (copy / ".venv/installed-requirements").exists()
    done, calls = call(copy, "reproduce")
    assert done.returncode == 0
    assert "install" in calls


def test_interpreter_that_is_too_old_or_missing_gives_one_line(copy):
    for python in ("/bin/false", "/no/such/python"):
        done, _ = call(copy, "test", PYTHON=python)
        assert done.returncode != 0
        assert done.stderr.count("\n") == 1
        assert f"{python} is no Python 3.11" in done.stderr
        assert not (copy / ".venv").exists()


def test_broken_environment_gives_one_line(copy):
    call(copy, "reproduce")
    (copy / ".venv/bin/python").write_text("#!/bin/sh\nexit 1\n")
    done = subprocess.run([copy / "scripts/reproduce"], capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert ".venv is broken" in done.stderr


def test_ci_calls_the_tests():
    assert "scripts/test" in (ROOT / ".ci/run").read_text()
