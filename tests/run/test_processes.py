"""Jobs in several processes: nothing of what they tell is lost, and none outlives its run."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
import torch

from reproduce.run.processes import side_by_side

JOBS = [3, 1, 2]
LARGE = bytes(1 << 20)  # more than a pipe holds
RUN = """
import time
from tests.run.test_processes import endless
from reproduce.run.processes import side_by_side

if __name__ == "__main__":
    for job, (process, _) in side_by_side(endless, [0, 1], 2):
        print(process, flush=True)
"""


def counting(job: int):
    for number in range(100 * job):
        yield number, torch.get_num_threads(), os.getpid()


def failing(job: int):
    yield LARGE
    if job == 1:
        raise OSError("the disk is full")
    while True:
        time.sleep(0.01)
        yield LARGE


def endless(job: int):
    while True:
        yield os.getpid(), LARGE
        time.sleep(0.05)


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def gone(processes: set[int]) -> bool:
    for _ in range(200):
        if not any(map(is_there, processes)):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("count", [1, 2, 8])
def test_all_that_jobs_tell_comes_in_their_order(count):
    told = {job: [] for job in JOBS}
    processes = set()
    for job, (number, threads, process) in side_by_side(counting, JOBS, count):
        told[job].append(number)
        processes.add(process)
        assert threads == 1
    assert told == {job: list(range(100 * job)) for job in JOBS}
    assert (processes == {os.getpid()}) == (count == 1)
    assert len(processes) <= count


def test_a_failure_is_raised_and_ends_the_others():
    with pytest.raises(OSError, match="the disk is full"):
        list(side_by_side(failing, [0, 1], 2))


def test_who_stops_early_ends_the_work():
    processes = set()
    with closing(side_by_side(endless, [0, 1], 2)) as told:
        for _, (process, _) in told:
            processes.add(process)
            if len(processes) == 2:
                break
    assert gone(processes)


def test_no_process_outlives_a_killed_run(tmp_path, pytestconfig):
    script = tmp_path / "run.py"
    script.write_text(RUN)
    where = os.environ | {"PYTHONPATH": str(pytestconfig.rootpath)}
    run = subprocess.Popen([sys.executable, script], env=where, stdout=subprocess.PIPE, text=True)
    processes = set()
    while len(processes) < 2:
        processes.add(int(run.stdout.readline()))
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert gone(processes)
