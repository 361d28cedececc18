"""Jobs in several processes: nothing of what they tell is lost, and none outlives its run."""

import os
import signal
import subprocess
import sys
import time
from collections import deque

import pytest
import torch

from reproduce.file.place import ROOT
from reproduce.run.processes import ProcessDied, side_by_side

JOBS = [3, 1, 2]
LARGE = bytes(1 << 20)  # more than a pipe holds
RUN = """
from collections import deque
from reproduce.run.processes import side_by_side, stop_on_interrupt
from tests.run.test_processes import endless, fail

if __name__ == "__main__":
    stop_on_interrupt()
    side_by_side(endless, deque([0, 1]), 2, lambda job, news: print(*news, flush=True), fail)
"""
LEAVING = """
import os, time
from reproduce.run.processes import stop_on_interrupt

class Leaving:
    def __del__(self, write=os.write, sleep=time.sleep):
        write(1, b"leaving")
        sleep(0.5)

leaving = Leaving()
stop_on_interrupt()
"""


def counting(job: int, tell):
    for number in range(100 * job):
        tell((number, torch.get_num_threads(), os.getpid()))


def failing(job: int, tell):
    tell(LARGE)
    if job == 1:
        raise OSError("the disk is full")
    while True:
        time.sleep(0.01)
        tell(LARGE)


def fails_or_dies(job: str, tell):
    if job == "fails":
        raise ValueError(job)
    if job == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    tell(job)


def endless(job: int, tell):
    """It begins a process of its own, as a compiler is one."""
    with subprocess.Popen(["sleep", "600"]) as child:
        while True:
            tell((os.getpid(), child.pid))
            time.sleep(0.05)


def fail(job, error):
    raise error


def gone(processes: set[int], seconds: float) -> bool:
    """Whether all of them end within so many seconds; one whose status nobody asks for is gone."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        states = [state(process) for process in processes]
        if all(found in (None, "Z") for found in states):
            return True
        time.sleep(0.05)
    return False


def state(process: int) -> str | None:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return None


@pytest.mark.parametrize("count", [1, 2, 8])
def test_all_that_jobs_tell_comes_in_their_order(count):
    told = {job: [] for job in JOBS}
    processes = set()

    def hear(job, news):
        number, threads, process = news
        told[job].append(number)
        processes.add(process)
        assert threads == 1

    side_by_side(counting, deque(JOBS), count, hear, fail)
    assert told == {job: list(range(100 * job)) for job in JOBS}
    assert (processes == {os.getpid()}) == (count == 1)
    assert len(processes) <= count


def test_a_failure_that_is_raised_again_ends_the_others():
    with pytest.raises(OSError, match="the disk is full") as raised:
        side_by_side(failing, deque([0, 1]), 2, lambda job, news: None, fail)
    assert "in failing" in "".join(raised.value.__notes__)


def test_a_job_that_fails_or_whose_process_is_killed_leaves_the_others_alone():
    jobs = deque(["fails", "a", "dies", "b", "dies", "c", "d"])
    failed, heard = [], []
    side_by_side(
        fails_or_dies,
        jobs,
        2,
        lambda job, news: heard.append(news),
        lambda job, error: failed.append((job, type(error), str(error))),
    )
    assert sorted(heard) == ["a", "b", "c", "d"]
    assert sorted({(job, kind) for job, kind, _ in failed}, key=str) == [
        ("dies", ProcessDied),
        ("fails", ValueError),
    ]
    assert len(failed) == 3
    assert next(text for job, _, text in failed if job == "dies").endswith("signal 9")


@pytest.mark.parametrize("count", [1, 2])
def test_a_job_can_be_put_off(count):
    jobs, heard = deque(["a", "b"]), []

    def hear(job, news):
        heard.append(news)
        if heard.count("a") < 3 and news == "a":
            jobs.append("a")

    side_by_side(fails_or_dies, jobs, count, hear, fail)
    assert sorted(heard) == ["a", "a", "a", "b"]


@pytest.fixture
def working(tmp_path, pytestconfig):
    """A process that lets two others work, and the numbers of these and of what they began."""
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    where = os.environ | {"PYTHONPATH": str(pytestconfig.rootpath)}
    command, pipe = [sys.executable, script], subprocess.PIPE
    with subprocess.Popen(command, env=where, stdout=pipe, stderr=pipe, text=True) as run:
        processes = set()
        while len(processes) < 4:
            line = run.stdout.readline()
            assert line, run.stderr.read()
            processes |= {*map(int, line.split())}
        yield run, processes
        run.kill()


def test_no_process_outlives_a_killed_run(working):
    run, processes = working
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert gone(processes, 2)


def test_an_interrupt_ends_all_of_them_at_once_with_one_line(working):
    run, processes = working
    run.send_signal(signal.SIGINT)
    assert run.wait() == 130
    assert gone(processes, 2)
    assert run.stderr.read() == "stopped; the same command goes on from here\n"


def test_ctrl_c_changes_nothing_once_all_is_done():
    where = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", LEAVING], env=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.read(7) == b"leaving"
        process.send_signal(signal.SIGINT)
        assert (process.wait(10), process.stderr.read()) == (0, b"")
