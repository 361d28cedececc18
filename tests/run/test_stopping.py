"""Suites and runs that are interrupted, killed, or made twice at once: all end with everything."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from reproduce.file.place import ROOT

FEW = ["attention2017/schedule", "attention2017/training_cost", "nature1986/iterative"]
SUITE = f"""
import sys
from reproduce.run.processes import stop_on_interrupt
from reproduce.run import suite

suite.experiment_names = lambda: {FEW}

if __name__ == "__main__":
    stop_on_interrupt()
    sys.exit(suite.main())
"""
STOPPED = "stopped; the same command goes on from here"


@pytest.fixture
def begin(tmp_path):
    """Begin the suite of a few experiments; all that still runs at the end is killed."""
    begun, out = [], tmp_path / "runs"
    where = os.environ | {"PYTHONPATH": str(ROOT)}

    def suite() -> subprocess.Popen:
        command = [sys.executable, "-c", SUITE, "--out", str(out)]
        begun.append(subprocess.Popen(command, env=where, **PIPES))
        return begun[-1]

    yield suite, out
    for process in begun:
        process.kill()
        process.communicate()


PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}


def offspring(process: int) -> set[int]:
    """The processes that a process began, and those that these began."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, parent = path.parent.name, path.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == process:
            found |= {int(number)} | offspring(int(number))
    return found


def gone(processes: set[int]) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not any(Path(f"/proc/{number}/cmdline").exists() for number in processes):
            return True
        time.sleep(0.05)
    return False


def wait_for(process: subprocess.Popen, pattern: str, out: Path) -> None:
    while not list(out.glob(pattern)):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def assert_whole(out: Path) -> None:
    """Every run is there once and finished, and the table has all of them."""
    records = [json.loads(path.read_text()) for path in out.glob("*/*/*/record.json")]
    assert sorted(record["experiment"] for record in records) == FEW
    left = [p for p in out.rglob("*") if p.suffix in (".partial", ".lock", ".replaced")]
    assert left == []
    table = pd.read_csv(out / "claims.csv")
    ran = table[table["experiment"].isin(FEW)]
    assert {*ran["experiment"]} == {*FEW}
    assert "not run" not in set(ran["decided_by"])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_a_suite_that_is_ended_leaves_no_process_and_goes_on(begin, how):
    suite, out = begin
    first = suite()
    wait_for(first, "*/*/*.partial", out)
    processes = offspring(first.pid)
    assert processes
    first.send_signal(how)
    stdout, stderr = first.communicate()
    assert gone(processes)
    if how == signal.SIGINT:
        assert first.returncode == 130
        assert stdout == ""
        assert stderr.splitlines()[-1] == STOPPED
        assert "Traceback" not in stderr
    second = suite()
    assert second.communicate()[1].count("Traceback") == 0
    assert second.returncode == 0
    assert_whole(out)


def test_two_suites_at_once_both_end_with_the_whole_table(begin):
    suite, out = begin
    both = [suite(), suite()]
    ended = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    tables = [stdout[stdout.index("id ") :] for stdout, _ in ended]
    assert tables[0] == tables[1]
    assert_whole(out)


def test_an_interrupted_run_says_that_it_goes_on_and_ends_the_same(tmp_path):
    words = ["experiment=nature1986/symmetry", "replicas=64", "device=cpu", "engine=eager"]
    words += ["run.sweeps=10000", "run.checkpoint_seconds=0.2", f"out={tmp_path}"]
    command = [sys.executable, "-m", "reproduce", *words]
    with subprocess.Popen(command, **PIPES) as first:
        wait_for(first, "*/*/*.partial/checkpoint.pt", tmp_path)
        first.send_signal(signal.SIGINT)
        stdout, stderr = first.communicate()
    assert (first.returncode, stdout, stderr) == (130, "", f"{STOPPED}\n")
    second = subprocess.run(command, **{**PIPES, "timeout": 300})
    assert second.returncode == 0, second.stderr
    (log,) = tmp_path.glob("nature1986/symmetry/*/run.log")
    assert log.read_text().count(" begins: ") == 2


def test_an_interrupt_before_the_run_has_begun_is_as_quiet(tmp_path):
    command = [sys.executable, "-X", "importtime", "-m", "reproduce"]
    command += ["experiment=nature1986/symmetry", f"out={tmp_path}"]
    with subprocess.Popen(command, **PIPES) as run:
        for line in run.stderr:
            if "hydra" in line:
                break
        run.send_signal(signal.SIGINT)
        rest = run.stderr.read()
    assert run.returncode == 130
    assert [line for line in rest.splitlines() if "import time:" not in line] == [STOPPED]
