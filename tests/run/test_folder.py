"""The folder of a run: named by its content, held by one process, whole or not there."""

import errno
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from reproduce.file.place import ROOT
from reproduce.run.config.compose import compose_experiment
from reproduce.run.folder import RunFolder
from reproduce.run.make import run_experiment

SMALL = [
    "engine=eager",
    *("experiment=pdp1986/xor_direct", "replicas=3", "device=cpu"),
    *("run.sweeps=5", "run.keep_sweeps=[]", "run.keep_largest_weight=null"),
]
HOLDER = """
import sys, time
from reproduce.run.config.compose import compose_experiment
from reproduce.run.folder import RunFolder
with RunFolder(compose_experiment(sys.argv[1:])).claim() as mine:
    print(mine, flush=True)
    time.sleep(600)
"""


def small(out, *overrides: str):
    return compose_experiment([*SMALL, f"out={out}", *overrides])


def run(out, *overrides: str, tick=lambda sweeps: None):
    return run_experiment(small(out, *overrides), "command", tick)


def contents(folder) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder: which file it is, and its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): (p.stat().st_ino, p.read_bytes()) for p in files}


def names(out) -> list[str]:
    return sorted(path.name for path in (out / "pdp1986" / "xor_direct").iterdir())


def test_of_two_holders_the_second_gets_nothing_until_the_first_lets_go(tmp_path):
    with RunFolder(small(tmp_path)).claim() as first:
        with RunFolder(small(tmp_path)).claim() as second:
            assert (first, second) == (True, False)
        with RunFolder(small(tmp_path, "seed=1")).claim() as of_another_run:
            assert of_another_run
        outcome = run(tmp_path)
        assert outcome.status == "busy"
        assert "another process" in outcome.message
        assert not list(tmp_path.rglob("*.csv"))
    with RunFolder(small(tmp_path)).claim() as third:
        assert third


def test_a_killed_process_holds_nothing(tmp_path):
    words = [*SMALL, f"out={tmp_path}"]
    command = [sys.executable, "-c", HOLDER, *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline().strip() == "True"
            with RunFolder(small(tmp_path)).claim() as mine:
                assert not mine
        finally:
            holder.send_signal(signal.SIGKILL)
    with RunFolder(small(tmp_path)).claim() as mine:
        assert mine


def test_one_holder_at_most_when_the_first_lets_go_between_two_steps_of_the_second(
    tmp_path, monkeypatch
):
    """The second has opened the lock file, the first then ends and removes it."""
    flock = fcntl.flock
    with ExitStack() as held:
        first = ExitStack()
        assert first.enter_context(RunFolder(small(tmp_path)).claim())

        def flock_after_the_first_let_go(*arguments):
            first.close()
            return flock(*arguments)

        monkeypatch.setattr(fcntl, "flock", flock_after_the_first_let_go)
        second = held.enter_context(RunFolder(small(tmp_path)).claim())
        third = held.enter_context(RunFolder(small(tmp_path)).claim())
        assert not (second and third)


@pytest.mark.parametrize("content", [b"important", b""])
def test_a_lock_is_never_taken_through_a_link_that_somebody_laid(tmp_path, content):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(content)
    folder = RunFolder(small(tmp_path))
    folder.final.parent.mkdir(parents=True)
    folder.final.with_name(f"{folder.final.name}.lock").symlink_to(elsewhere)
    with pytest.raises(OSError, match="lock"), folder.claim():
        pass
    assert elsewhere.read_bytes() == content
    assert not folder.partial.exists()


def test_what_stands_in_the_place_of_a_partial_folder_is_made_anew(tmp_path):
    folder = RunFolder(small(tmp_path))
    folder.partial.parent.mkdir(parents=True)
    folder.partial.write_text("a file")
    assert run(tmp_path).status == "finished"


def test_the_log_of_a_run_says_when_it_began_and_why_it_failed(tmp_path):
    made = run(tmp_path)
    (line,) = (made.folder / "run.log").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 begins: command", line)
    with pytest.raises(RuntimeError, match="interrupted"):
        run(tmp_path, "seed=1", tick=interrupted)
    (partial,) = (tmp_path / "pdp1986" / "xor_direct").glob("*.partial")
    failed = (partial / "run.log").read_text(encoding="utf-8")
    assert "RuntimeError: interrupted" in failed
    assert "in interrupted" in failed


def test_a_finished_run_is_found_and_only_repeated_when_asked(tmp_path):
    made = run(tmp_path)
    assert made.status == "finished"
    before = contents(made.folder)
    assert names(tmp_path) == [made.folder.name]
    found = run(tmp_path, "run.checkpoint_seconds=5")
    assert (found.status, found.folder) == ("found", made.folder)
    assert str(made.folder) in found.message
    assert contents(made.folder) == before
    repeated = run(tmp_path, "rerun=true")
    assert (repeated.status, repeated.folder) == ("finished", made.folder)
    after = contents(made.folder)
    assert after["record.json"][0] != before["record.json"][0]
    for name in ("replicas.csv", "curves.csv", "weights.safetensors", "config.yaml"):
        assert after[name][1] == before[name][1]
    assert names(tmp_path) == [made.folder.name]


@pytest.mark.parametrize("new_one_is_there", [False, True])
def test_a_replacement_that_was_killed_half_way_is_mended(tmp_path, new_one_is_there):
    folder = RunFolder(small(tmp_path))
    folder.replaced.mkdir(parents=True)
    (folder.replaced / "record.json").write_text("old")
    if new_one_is_there:
        folder.final.mkdir()
        (folder.final / "record.json").write_text("new")
    with folder.claim() as mine:
        assert mine
        assert folder.finished
        expected = "new" if new_one_is_there else "old"
        assert (folder.final / "record.json").read_text() == expected
        assert not folder.replaced.exists()


def interrupted(sweeps: int) -> None:
    raise RuntimeError("interrupted")


def test_a_failed_run_leaves_nothing_that_looks_whole_and_can_be_made_again(tmp_path):
    with pytest.raises(RuntimeError, match="interrupted"):
        run(tmp_path, tick=interrupted)
    (left,) = names(tmp_path)
    assert left.endswith(".partial")
    failed = json.loads((tmp_path / "pdp1986" / "xor_direct" / left / "record.json").read_text())
    assert failed["status"] == "failed"
    assert "interrupted" in failed["error"]
    assert run(tmp_path).status == "finished"
    assert [name for name in names(tmp_path) if "." in name] == []


def test_a_failed_repetition_leaves_the_finished_run_as_it_was(tmp_path, monkeypatch):
    made = run(tmp_path)
    before = contents(made.folder)
    with pytest.raises(RuntimeError, match="interrupted"):
        run(tmp_path, "rerun=true", tick=interrupted)
    assert contents(made.folder) == before

    def no_space(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full_disk:
        full_disk.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="No space"):
            run(tmp_path, "rerun=true")
    assert contents(made.folder) == before
    assert run(tmp_path).status == "found"
