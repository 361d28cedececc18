"""Jobs side by side, each in a process with one thread; and how all of them are stopped."""

import atexit
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

Tell = Callable[[Any], None]
Work = Callable[[Any, Tell], None]

NEWS, DONE, FAILED, DIED = "news", "done", "failed", "died"
SECONDS_TO_END = 1.0  # for a process that has closed its connection
STDERR = 2
INTERRUPTED = 130  # the status of a process that Ctrl-C ended, as shells say it
STOPPED = "stopped; the same command goes on from here"


class ProcessDied(RuntimeError):
    """A process that was killed, or crashed, before its job was done."""


def make_deterministic() -> None:
    """Let torch give the same bits every time and on any number of cores."""
    import torch  # here, so that a process can be stopped from its first moment on

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what CUDA needs for the same
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)


def stop_on_interrupt() -> None:
    """From now on Ctrl-C ends this process and those that it began at once, with one line.

    Nothing is tidied up: whatever is written is written whole, so that a process may end anywhere.
    Once all is done and Python only leaves, Ctrl-C changes nothing any more.
    """
    signal.signal(signal.SIGINT, _stop)
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def _stop(number: int, frame: object) -> None:
    for process in multiprocessing.active_children():
        kill(process)
    if os.environ.get("RANK", "0") == "0":
        below_the_bar = "\n" if os.isatty(STDERR) else ""
        os.write(STDERR, f"{below_the_bar}{STOPPED}\n".encode())
    os._exit(INTERRUPTED)


def kill(process: BaseProcess) -> None:
    """End a process of `side_by_side` and whatever it began, such as a compiler."""
    if process.pid is None:  # it was not begun
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:  # it has no group of its own yet
        process.kill()


def side_by_side(
    work: Work,
    jobs: deque[Any],
    count: int,
    hear: Callable[[Any, Any], None],
    failed: Callable[[Any, BaseException], None],
) -> None:
    """Do `work(job, tell)` on all jobs, `count` at once; with one at once in this process.

    hear: called with the job and each of the news that its work told, in their order; it may add
    to `jobs`. failed: called with the job and what its work raised, or `ProcessDied`; the other
    jobs go on unless it raises. work: importable by name, with its arguments. When this process
    ends in whatever way, the others end too.
    """
    if count <= 1:
        while jobs:
            _do_here(work, jobs.popleft(), hear, failed)
        return
    crew: dict[Connection, tuple[BaseProcess, Any]] = {}  # connection -> process and its job
    idle: list[tuple[Connection, BaseProcess]] = []
    try:
        while jobs or crew:
            while jobs and len(crew) < count:
                connection, process = idle.pop() if idle else _begin(work)
                job = jobs.popleft()
                with suppress(OSError):  # of a process that has just died: it is seen below
                    connection.send(job)
                crew[connection] = process, job
            ready = wait(list(crew))
            for connection in [one for one in crew if one in ready]:
                process, job = crew[connection]
                kind, content = _receive(connection, process)
                if kind == NEWS:
                    hear(job, content)
                    continue
                del crew[connection]
                if kind == DIED:
                    connection.close()
                else:
                    idle.append((connection, process))
                if kind != DONE:
                    failed(job, content)
    finally:
        for connection, _ in idle:
            connection.close()  # so that it ends by itself, with all that it has open
        for process in [p for p, _ in crew.values()]:
            kill(process)
            process.join()
        for _, process in idle:
            process.join(SECONDS_TO_END)
            kill(process)
            process.join()


def _do_here(work: Work, job: Any, hear: Callable, failed: Callable) -> None:
    try:
        work(job, lambda news: hear(job, news))
    except Exception as error:
        failed(job, error)


def _begin(work: Work) -> tuple[Connection, BaseProcess]:
    """A process that waits for jobs. Ctrl-C, blocked in it, is the business of this one."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    return ours, process


def _receive(connection: Connection, process: BaseProcess) -> tuple[str, Any]:
    """The next message; of a process that ended instead, how it did."""
    try:
        return connection.recv()
    except (EOFError, ConnectionError):
        process.join(SECONDS_TO_END)
        kill(process)  # with whatever it began
        process.join()
        status = process.exitcode
        how = f"signal {-status}" if status is not None and status < 0 else f"{status}"
        return DIED, ProcessDied(f"its process ended before it was done, with {how}")


def _serve(connection: Connection, work: Work) -> None:
    """Do jobs as they come, in a group of its own, until the process that began this one ends."""
    os.setpgid(0, 0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    make_deterministic()
    while True:
        try:
            job = connection.recv()
        except (EOFError, ConnectionError):
            return
        try:
            work(job, lambda news: connection.send((NEWS, news)))
        except Exception as error:
            connection.send((FAILED, _portable(error)))
        else:
            connection.send((DONE, None))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _portable(error: Exception) -> Exception:
    """The error as another process can read it, with the lines in which it was raised."""
    lines = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(lines)
    return error
