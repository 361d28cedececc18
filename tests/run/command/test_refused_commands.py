"""What the command line refuses: in one line, with status 2, at once, without torch or a trace."""

import json
import os
import subprocess
import sys

import pytest

from reproduce.file.place import ROOT
from tests.run.command.refused import REFUSED, SECRET

PROGRAM = """
import contextlib, io, json, sys, time
from reproduce.run import command as program
program.job = lambda: print("a job began")
found = []
for words in json.load(sys.stdin):
    sys.argv[1:], out, err, clock = words, io.StringIO(), io.StringIO(), time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = program.main()
        except BaseException as error:
            status = repr(error)
    seconds = time.process_time() - clock
    found.append([status, out.getvalue(), err.getvalue(), seconds, "torch" in sys.modules])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder to stand in, with texts that are none."""
    folder = tmp_path_factory.mktemp("here")
    os.mkfifo(folder / "pipe")
    (folder / "binary").write_bytes(bytes(range(1, 256)) * 100)
    (folder / "zeros").write_bytes(bytes(10_000))
    (folder / "empty").touch()
    (folder / "short").write_text("short")
    with (folder / "large").open("wb") as file:
        file.truncate(10**12)
    return folder


@pytest.fixture(scope="module")
def ended(folder):
    """How each command of the table ended, and which files were there afterwards."""
    commands = [[word.replace("{folder}", str(folder)) for word in words] for words, _ in REFUSED]
    there = sorted(os.listdir(folder))
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(commands),
        env=os.environ | {"SECRET": SECRET, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    assert sorted(os.listdir(folder)) == there
    return json.loads(run.stdout)


@pytest.mark.parametrize("place", range(len(REFUSED)), ids=[" ".join(r[0])[:70] for r in REFUSED])
def test_a_refusal_is_one_line_with_status_2_at_once_without_torch(ended, place):
    status, stdout, stderr, seconds, torch = ended[place]
    assert (status, stdout, stderr.count("\n"), torch) == (2, "", 1, False), stderr
    assert [word for word in REFUSED[place][1] if word not in stderr] == [], stderr
    assert "Traceback" not in stderr
    assert SECRET not in stderr
    assert seconds < 2
