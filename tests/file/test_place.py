"""Files appear whole or not at all; folders are seen from where the user stands."""

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from reproduce.file.place import ROOT, seen_by_caller, write_whole

BYTES_ALLOWED = 4096


def fail(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("content", ["eins\nzwei ½\n", b"\x00\xff" * 100_000, ""])
def test_what_is_written_is_read_back_and_stands_alone_in_its_folder(tmp_path, content):
    path = tmp_path / "deeper" / "still" / "file"
    for _ in range(2):
        write_whole(path, content)
        assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
        assert os.listdir(path.parent) == ["file"]


def test_the_content_is_whole_and_on_the_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    path, flushed, renamed = tmp_path / "file", [], []
    path.write_text("old")
    fsync, replace = os.fsync, os.replace

    def spy_on_fsync(handle):
        flushed.append(os.fstat(handle).st_ino)
        fsync(handle)

    def spy_on_replace(source, target):
        assert path.read_text() == "old"
        with open(source) as file:
            renamed.append(file.read())
        assert os.stat(source).st_ino in flushed
        replace(source, target)

    monkeypatch.setattr(os, "fsync", spy_on_fsync)
    monkeypatch.setattr(os, "replace", spy_on_replace)
    write_whole(path, "new")
    assert renamed == ["new"]
    assert os.stat(tmp_path).st_ino in flushed


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch, broken):
    path = tmp_path / "file"
    path.write_text("old")
    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_whole(path, "new" * 1000)
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_text() == "old"


def test_a_write_that_the_system_cuts_off_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES_ALLOWED, hard))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            write_whole(path, b"x" * (100 * BYTES_ALLOWED))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_text() == "old"


def test_a_path_below_a_regular_file_is_an_oserror_and_leaves_the_file(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError, match="file"):
        write_whole(tmp_path / "file" / "below", "new")
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_who_may_read_a_file_is_what_the_umask_says(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "file", "new")
    finally:
        os.umask(before)
    assert os.stat(tmp_path / "file").st_mode & 0o777 == mode


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no way to take cores away")
def test_cores_are_those_that_this_process_may_use():
    one = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{one}}}); from reproduce.file.place import cores"
    command = [sys.executable, "-c", f"{code}; print(cores())"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "1\n"


def test_a_folder_is_seen_from_where_the_user_stands(monkeypatch):
    monkeypatch.setenv("REPRODUCE_CALLER", "/some where")
    assert seen_by_caller("mine") == Path("/some where/mine")
    assert seen_by_caller("/else/where") == Path("/else/where")
    monkeypatch.setenv("REPRODUCE_CALLER", str(ROOT))
    assert seen_by_caller("runs") == Path("runs")
    monkeypatch.delenv("REPRODUCE_CALLER")
    assert seen_by_caller("mine") == Path("mine")
