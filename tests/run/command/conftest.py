"""The command line in this process."""

import importlib
import logging
import sys

import pytest
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

program = importlib.import_module("reproduce.run.command")


@pytest.fixture
def out(tmp_path):
    """The folder of the runs, not there yet."""
    return tmp_path / "runs"


@pytest.fixture
def command(monkeypatch, capsys, out):
    """Run the command line in this process: its status, stdout and stderr."""
    handlers, level = logging.root.handlers[:], logging.root.level

    def run(*words: str) -> tuple[int, str, str]:
        OmegaConf.clear_resolver("experiments")
        monkeypatch.setattr(program, "statuses", [])
        given = [] if any(word.startswith("out=") for word in words) else [f"out={out}"]
        monkeypatch.setattr(sys, "argv", ["reproduce", *words, *given])
        capsys.readouterr()
        try:
            status = program.main()
        except SystemExit as ended:
            status = ended.code or 0
        return status, *capsys.readouterr()

    yield run
    GlobalHydra.instance().clear()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
