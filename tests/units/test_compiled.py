"""Compiled libraries on the disk: made once, kept in the user's cache folder, checked.

A test that needs an empty cache gets one of those libraries in place of the compiler.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from filelock import FileLock
from test_engine import assert_same_bits, library_key, population, trained

from reproduce.file.place import ROOT
from reproduce.file.sources import sources
from reproduce.units import cache, compiled
from reproduce.units.compiled import CompilerFailed


def finished_library(experiment: str) -> Path:
    """The compiled library of an experiment in the user's own cache folder."""
    made, _ = trained(experiment, "replicas=1", "run.sweeps=1")
    (update,) = made.engines
    (library,) = cache.cache_folder().glob(f"{library_key(made, update)}.*.so")
    return library


@pytest.fixture
def compiler(monkeypatch, tmp_path):
    """An empty cache folder, and a compiler that hands out a finished library."""
    library = finished_library("pdp1986/xor")
    calls = SimpleNamespace(count=0, error=None, folder=tmp_path / "cache" / "reproduce")

    def compile_(*args, **options):
        calls.count += 1
        if calls.error:
            raise calls.error
        return str(library)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(torch._inductor, "aot_compile", compile_)
    monkeypatch.setattr(
        torch.export,
        "export",
        lambda *args, **options: SimpleNamespace(module=lambda **options: None),
    )
    return calls


BRIEF = ["replicas=3", "run.sweeps=4"]


def test_a_kept_library_is_used_again(compiler):
    ends = [trained("pdp1986/xor", *BRIEF)[1], trained("pdp1986/xor", *BRIEF)[1]]
    ends.append(trained("pdp1986/xor/epsilon_0.1", *BRIEF, "rule.epsilon=0.25", "replicas=90")[1])
    assert compiler.count == 1
    for end in ends[1:]:
        assert_same_bits(end, ends[0], 3)
    other = population("pdp1986/xor", *BRIEF, "run.tolerances=[]")
    block = other._block(other.start(), torch.arange(3))
    other.engines["presentation"].prepare(lambda: block)
    assert compiler.count == 2


def test_a_failed_compile_leaves_nothing_that_looks_whole(compiler, monkeypatch, capsys):
    compiler.error = ValueError("first line\nsecond line")
    with pytest.raises(CompilerFailed, match=r"first line.*engine=eager") as raised:
        trained("pdp1986/xor", *BRIEF)
    assert "\n" not in str(raised.value)
    compiler.error = None

    def full(handle):
        raise OSError("no space")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(os, "fsync", full)
        assert trained("pdp1986/xor", *BRIEF)[1].sweep == 4  # what cannot be kept is used once
    assert "cannot be kept" in capsys.readouterr().err
    assert [path for path in compiler.folder.iterdir() if path.suffix != ".lock"] == []
    assert trained("pdp1986/xor", *BRIEF)[1].sweep == 4
    assert compiler.count == 3


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def a_folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


DAMAGE = {
    "one bit": one_bit,
    "cut short": lambda path: os.truncate(path, 4096),
    "empty": lambda path: os.truncate(path, 0),
    "a folder": a_folder,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_library_is_named_and_made_again_while_others_use_it(compiler, capfd, damage):
    made, first = trained("pdp1986/xor", *BRIEF)
    (kept,) = compiler.folder.glob("*.so")
    DAMAGE[damage](kept)
    capfd.readouterr()
    again = trained("pdp1986/xor", *BRIEF)[1]
    named = [line for line in capfd.readouterr().err.splitlines() if str(kept) in line]
    assert len(named) == 1
    assert "damaged" in named[0]
    assert compiler.count == 2
    (kept,) = compiler.folder.glob("*.so")
    assert kept.name.split(".")[1] == hashlib.sha256(kept.read_bytes()).hexdigest()
    *_, loaded_before = made.train(made.start())
    for end in (again, loaded_before):
        assert_same_bits(end, first, 3)


def test_what_killed_processes_left_is_removed_and_what_others_work_on_is_not(compiler):
    trained("pdp1986/xor", *BRIEF)
    (lock,) = (path for path in compiler.folder.glob("*.lock") if path.stem != "trial")
    left = [compiler.folder / f".{lock.stem}.a", compiler.folder / ".dead.b"]
    busy = compiler.folder / ".busy.c"
    for folder in (*left, busy):
        (folder / "inside").mkdir(parents=True)
    (compiler.folder / "dead.lock").touch()
    with FileLock(compiler.folder / "busy.lock"):
        trained("pdp1986/xor", *BRIEF)
    assert not any(folder.exists() for folder in left)
    assert busy.exists()


def test_nothing_is_written_through_a_lock_that_is_a_link(compiler):
    trained("pdp1986/xor", *BRIEF)
    victim = compiler.folder.with_name("victim")
    victim.write_text("content")
    for lock in compiler.folder.glob("*.lock"):
        lock.unlink()
        lock.symlink_to(victim)
    with pytest.raises(CompilerFailed, match=r"\.lock"):
        trained("pdp1986/xor", *BRIEF)
    assert victim.read_text() == "content"


def test_a_formula_is_in_the_key_whichever_file_it_is_in(monkeypatch, tmp_path):
    made = population("pdp1986/xor", *BRIEF)
    sweeps = made.engines["presentation"]._advance.sweeps
    parts = (sweeps, sweeps.units, sweeps.gradient)
    assert {type(part).__module__ for part in parts} <= compiled.SOURCES.keys()
    before = library_key(made, "presentation")
    shutil.copytree(ROOT / "reproduce", tmp_path / "reproduce")

    def now() -> dict[str, str]:
        return sources(["reproduce.units.compiled"], tmp_path)

    assert now() == compiled.SOURCES
    (tmp_path / "reproduce/page/page.py").write_text("changed = True\n")
    assert now() == compiled.SOURCES
    old, new = tmp_path / "reproduce/units/function.py", tmp_path / "reproduce/units/moved.py"
    new.write_text(old.read_text())
    old.write_text("def FUNCTIONS():\n    from reproduce.units import moved\n")
    moved = now()
    new.write_text(new.read_text().replace("x.sigmoid()", "x.sigmoid() / 2"))
    keys = {before}
    for text in (moved, now()):
        monkeypatch.setattr(compiled, "SOURCES", text)
        keys.add(library_key(made, "presentation"))
    assert len(keys) == 3


TOGETHER = """
import sys, time, torch
from pathlib import Path
torch.set_num_threads(1)
sys.path.insert(0, "tests/units")
from reproduce.units.compiled import Compiled
from test_engine import trained
def slowly(self, nets, lesson, work):
    open(sys.argv[2], "a").write("compiled\\n")
    time.sleep(2)
    return Path(sys.argv[1]).read_bytes()
Compiled._compile = slowly
print(trained("pdp1986/xor", "replicas=3", "run.sweeps=4")[1].weights.tolist())
"""


def test_two_processes_that_want_one_library_compile_it_once(tmp_path):
    library, log = finished_library("pdp1986/xor"), tmp_path / "log"
    words = [sys.executable, "-c", TOGETHER, str(library), str(log)]
    at = {"cwd": ROOT, "env": {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}, "text": True}
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, **at) for _ in range(2)]
    said = {process.communicate()[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert said == {f"{trained('pdp1986/xor', *BRIEF)[1].weights.tolist()}\n"}
    assert log.read_text() == "compiled\n"


def test_a_library_for_one_scale_of_all_replicas_is_not_that_for_one_of_each():
    made = population("pdp1986/xor", *BRIEF)
    engine = made.engines["presentation"]
    (lanes,) = made._split(torch.arange(3).numpy(), engine)
    nets, lesson = made._block(made.start(), lanes)
    P, r = nets["weights"].shape
    assert r > 1
    without, shared, each, more = (
        engine._advance._key(nets, lesson | scale)
        for scale in ({}, *({"scale": torch.ones(P, n)} for n in (1, r, 2 * r)))
    )
    assert len({without, shared, each}) == 3
    assert more == each
