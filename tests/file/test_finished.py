"""A finished run of which a file was changed since is named, and not taken for finished."""

import json
import logging
import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from reproduce.file.finished import DamagedRun, open_run
from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment

UNITS = [
    *("experiment=pdp1986/xor_direct", "replicas=3", "device=cpu", "engine=eager"),
    *("run.sweeps=5", "run.keep_sweeps=[]", "run.keep_largest_weight=null"),
]
KINDS = {
    "units": UNITS,
    "sequences": [
        *("experiment=attention2017/copy", "device=cpu", "replicas=1", "run.steps=2"),
        *("rule.warmup=1", "run.batch=2"),
    ],
    "study": ["experiment=nature1986/equations", "replicas=2"],
}
WAY_OUT = "; rerun=true makes the run again, or remove the folder"


def composed(words: list[str], out: Path):
    return compose_experiment([*words, f"out={out}"])


def make(config):
    return run_experiment(config, "a command", lambda sweeps: None)


def run(words: list[str], out: Path):
    return make(composed(words, out))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folders of all runs, with a run of each kind."""
    out = tmp_path_factory.mktemp("made")
    for words in KINDS.values():
        assert run(words, out).status == "finished"
    return out


@pytest.fixture
def out(made, tmp_path) -> Path:
    """A copy of them to be damaged."""
    return Path(shutil.copytree(made, tmp_path / "out"))


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", KINDS)
def test_each_file_of_a_finished_run_is_checked_when_it_is_found(kind, out):
    config = composed(KINDS[kind], out)
    folder = make(config).folder
    names = [path.relative_to(folder).as_posix() for path in files_of(folder)]
    wanted = {"record.json", "config.yaml", "replicas.csv"}
    wanted |= {"units": {"weights.safetensors"}, "sequences": {"weights/0.safetensors"}}.get(
        kind, set()
    )
    assert wanted <= {*names}
    for start in ("events.out.tfevents", "figures/"):
        assert any(name.startswith(start) for name in names)
    for path in files_of(folder):
        content = path.read_bytes()
        for harm in (flip_a_bit, cut_short, Path.unlink):
            if harm is cut_short and path.name == "record.json":
                continue  # its last byte ends the line, and means nothing
            harm(path)
            with pytest.raises(DamagedRun) as raised:
                make(config)
            told = str(raised.value)
            assert told.startswith(f"{path} is damaged: ")
            assert told.endswith(WAY_OUT)
            assert "\n" not in told
            path.write_bytes(content)
    assert make(config).status == "found"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b"[]", "it is not the record of a run"),
        (b"{}", "it lacks experiment"),
    ],
)
def test_a_record_that_is_none_is_named(text, what, out):
    record = run(UNITS, out).folder / "record.json"
    record.write_bytes(text)
    with pytest.raises(DamagedRun) as raised:
        run(UNITS, out)
    assert str(raised.value) == f"{record} is damaged: {what}{WAY_OUT}"


@pytest.mark.parametrize("changed", ["command", "seed", "files", "record_sha256", "quantities"])
def test_a_record_in_which_a_value_was_changed_is_named(changed, out):
    path = run(UNITS, out).folder / "record.json"
    record = json.loads(path.read_text())
    other = {"command": "another", "seed": 1, "record_sha256": "0" * 64}
    record[changed] = other.get(changed, {})
    path.write_text(json.dumps(record))
    with pytest.raises(DamagedRun, match="does not fit its own sha256"):
        run(UNITS, out)


def test_a_record_of_an_earlier_version_cannot_vouch_for_its_files(out):
    path = run(UNITS, out).folder / "record.json"
    record = json.loads(path.read_text())
    del record["files"]
    path.write_text(json.dumps(record))
    with pytest.raises(DamagedRun, match="it lacks files"):
        run(UNITS, out)


def test_a_run_in_the_place_of_another_is_named(out):
    folder = run(UNITS, out).folder
    other = run([*UNITS, "seed=1"], out).folder
    shutil.rmtree(other)
    folder.rename(other)
    with pytest.raises(DamagedRun, match=f"it is the record of pdp1986/xor_direct/{folder.name}"):
        run([*UNITS, "seed=1"], out)


def test_a_damaged_run_is_made_again_when_asked_and_is_whole_then(out):
    folder = run(UNITS, out).folder
    before = (folder / "replicas.csv").read_bytes()
    cut_short(folder / "replicas.csv")
    assert run([*UNITS, "rerun=true"], out).status == "finished"
    assert (folder / "replicas.csv").read_bytes() == before
    assert run(UNITS, out).status == "found"


def test_what_a_user_adds_to_a_folder_is_no_damage(out):
    folder = run(UNITS, out).folder
    (folder / "notes.txt").write_text("mine")
    assert run(UNITS, out).status == "found"
    assert "notes.txt" not in open_run(folder).record["files"]


def test_the_command_line_says_it_in_one_line_with_status_1(out, monkeypatch, capsys):
    program = import_module("reproduce.run.command")
    path = run(UNITS, out).folder / "replicas.csv"
    cut_short(path)
    OmegaConf.clear_resolver("experiments")
    monkeypatch.setattr(program, "statuses", [])
    monkeypatch.setattr(sys, "argv", ["reproduce", *UNITS, f"out={out}"])
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        assert program.main() == 1
    finally:
        GlobalHydra.instance().clear()
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
    told = "".join(capsys.readouterr())
    assert f"pdp1986/xor_direct: failed: {path} is damaged: " in told
    assert "Traceback" not in told
