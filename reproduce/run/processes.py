"""Jobs side by side: each in a process with one thread, and what they tell as it comes."""

import multiprocessing
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import torch

SECONDS_TO_WAIT = 0.2  # for news, before it is asked whether a process failed
END = None  # the last news of a job


def settle() -> None:
    """Let torch give the same bits every time and on any number of cores."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what CUDA needs for the next
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)


def side_by_side(
    work: Callable[[int], Iterator[Any]], jobs: Sequence[int], count: int
) -> Iterator[tuple[int, Any]]:
    """Do `work` on all jobs, `count` at once; yields (job, what its work yields) as it comes.

    With one at once all is done in this process. work: importable by name, with its arguments.
    Whoever stops early must close the iterator, which ends the work. Raises what a work raised.
    """
    count = min(count, len(jobs))
    if count <= 1:
        for job in jobs:
            for news in work(job):
                yield job, news
        return
    context = multiprocessing.get_context("spawn")
    told, stop, ended = context.Queue(), context.Event(), []
    pool = ProcessPoolExecutor(count, context, begin, (work, told, stop))
    try:
        for job in jobs:
            pool.submit(work_on, job).add_done_callback(ended.append)
        missing = len(jobs)
        while missing:
            while ended:
                ended.pop().result()
            try:
                job, news = told.get(timeout=SECONDS_TO_WAIT)
            except queue.Empty:
                continue
            if news is END:
                missing -= 1
            else:
                yield job, news
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def begin(work: Callable, told, stop) -> None:
    """Set up a process; it ends when the one that began it was killed."""
    global WORK, TOLD, STOP
    WORK, TOLD, STOP = work, told, stop
    TOLD.cancel_join_thread()  # what nobody reads any more must not keep the process from ending
    settle()
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait until the process that began this one is gone, and go too."""
    multiprocessing.parent_process().join()
    os._exit(1)


def work_on(job: int) -> None:
    """Do one job in a process, unless all is to stop."""
    for news in WORK(job):
        if STOP.is_set():
            return
        TOLD.put((job, news))
    TOLD.put((job, END))
