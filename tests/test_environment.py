"""The set-up with a real environment, which pip alone is in: copied, and without its pip."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reproduce.file.place import ROOT


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    """A copy with a real environment, without any package but pip and a torch of no lines."""
    pytest.importorskip("ensurepip")
    house = tmp_path_factory.mktemp("real") / "house"
    shutil.copytree(ROOT / "scripts", house / "scripts")
    for name in ("requirements-installer.lock", "requirements.lock"):
        (house / name).write_text("# nothing\n")
    (house / "stub").mkdir()
    (house / "stub/torch.py").touch()
    source(house)
    return house


def source(house: Path) -> str:
    """Do the set-up alone; returns what it says."""
    own = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(house / "stub")}
    command = ["bash", "-c", "source scripts/setup"]
    done = subprocess.run(command, cwd=house, env=own, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_programs_of_a_copied_environment_are_those_of_the_copy(real, tmp_path):
    house = tmp_path / "cöpied twice"
    shutil.copytree(real, house, symlinks=True)
    assert "written for this folder" in source(house)
    said = subprocess.run(
        [house / ".venv/bin/pip", "--version"], capture_output=True, encoding="utf-8"
    )
    assert str(house) in said.stdout
    activate = f"source '{house}/.venv/bin/activate'; command -v python"
    found = subprocess.run(["bash", "-c", activate], capture_output=True, encoding="utf-8")
    assert found.stdout.strip() == str(house / ".venv/bin/python")
    assert source(house) == ""


def test_environment_without_pip_gets_it(real, tmp_path):
    house = tmp_path / "house"
    shutil.copytree(real, house, symlinks=True)
    for part in (house / ".venv").glob("lib*/python*/site-packages/pip*"):
        shutil.rmtree(part)
    (house / "requirements.lock").write_text("# something else\n")
    assert "installing" in source(house)
    said = subprocess.run([house / ".venv/bin/python", "-m", "pip", "--version"])
    assert said.returncode == 0
