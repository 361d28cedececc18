"""Runs that fail, diverge or are made by another process: what is said, and with which status."""

import errno
import importlib
import json
import os

from reproduce.run.config.compose import compose_experiment
from reproduce.run.folder import RunFolder
from tests.run.command.test_command_line import BRIEF, SYMMETRY, XOR, made


def test_a_full_disk_ends_with_1_and_one_line_and_keeps_what_was_there(command, out, monkeypatch):
    assert command(XOR, *BRIEF)[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def no_space(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full_disk:
        full_disk.setattr(os, "fsync", no_space)
        status, stdout, stderr = command(XOR, *BRIEF, "rerun=true")
    assert (status, stdout, stderr.count("\n")) == (1, "", 1)
    assert os.strerror(errno.ENOSPC) in stderr
    assert {path: path.read_bytes() for path in before} == before
    assert command(XOR, *BRIEF)[0] == 0


def test_a_run_that_fails_makes_the_status_1_and_does_not_stop_the_others(
    command, out, monkeypatch
):
    experiment = importlib.import_module("reproduce.run.make")
    make = experiment.make

    def fails_for_seed_0(config, *rest):
        if config.seed == 0:
            raise RuntimeError("broken on purpose")
        make(config, *rest)

    monkeypatch.setattr(experiment, "make", fails_for_seed_0)
    status, stdout, stderr = command("-m", XOR, "seed=0,1", *BRIEF)
    assert status == 1
    assert ["broken on purpose" in text for text in (stdout, stderr)] == [False, True]
    assert [json.loads(p.read_text())["seed"] for p in out.glob("*/*/*[!l]/record.json")] == [1]


def test_a_run_that_another_process_is_making_ends_with_3_and_says_so(command, out):
    words = [XOR, *BRIEF, "engine=eager", "device=cpu"]
    with RunFolder(compose_experiment([*words, f"out={out}"])).claim() as mine:
        assert mine
        status, stdout, stderr = command(*words)
        assert (status, stdout, stderr.count("\n")) == (3, "", 1)
        assert "pdp1986/xor: another process is making" in stderr
        assert command("-m", *words, "seed=0,1")[0] == 3
        assert made(out) == {("pdp1986/xor", 1)}
    assert command(*words)[0] == 0


def test_a_population_that_all_diverges_is_a_finished_run_that_counts_them(command, out):
    words = [SYMMETRY, "replicas=1", "rule.epsilon=1e38", "run.sweeps=30", "run.keep_sweeps=[]"]
    assert command(*words)[0] == 0
    (record,) = out.glob("*/*/*/record.json")
    quantities = json.loads(record.read_text())["quantities"]
    assert quantities["diverged"]["median"] == 1
    assert quantities["sweeps_to_solve"]["unsolved"] == 1
