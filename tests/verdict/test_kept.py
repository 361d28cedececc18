"""Kept readings lie in folders of their experiment and outlive it when that is kept again."""

from pathlib import Path

import pytest

from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment
from reproduce.verdict.kept import alone_in, keep, read_results

XOR, SWEEP = "pdp1986/xor", "pdp1986/xor/sweep"
SHORT = ["replicas=3", "run.sweeps=5", "run.keep_sweeps=[]", "measure=[xor]", "engine=eager"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    """A run of an experiment and one of a reading of it."""
    words = [*SHORT, "device=cpu", f"out={tmp_path_factory.mktemp('runs')}"]
    configs = [compose_experiment([f"experiment={name}", *words]) for name in (XOR, SWEEP)]
    return {c.name: run_experiment(c, "a command", lambda sweeps: None).folder for c in configs}


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_experiment_that_is_kept_again_leaves_its_kept_readings_as_they_are(runs, tmp_path):
    keep(runs[SWEEP], tmp_path)
    reading = files_in(tmp_path / SWEEP)
    for _ in range(2):
        keep(runs[XOR], tmp_path)
        (tmp_path / XOR / "figures").mkdir()
        assert files_in(tmp_path / SWEEP) == reading
    assert [run.experiment for run in read_results(tmp_path).values()] == [XOR, SWEEP]
    keep(runs[XOR], tmp_path)
    assert sorted(path.name for path in (tmp_path / XOR).iterdir() if path.is_dir()) == ["sweep"]


def test_readings_outlive_a_keep_that_is_killed_before_it_has_moved_them(
    runs, tmp_path, monkeypatch
):
    keep(runs[SWEEP], tmp_path)
    reading = files_in(tmp_path / SWEEP)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("reproduce.verdict.kept.clear", killed)
        with pytest.raises(KeyboardInterrupt):
            keep(runs[XOR], tmp_path)
    with alone_in(tmp_path):
        assert files_in(tmp_path / SWEEP) == reading
    assert list(tmp_path.rglob(".*")) == []
    assert read_results(tmp_path).keys() == {XOR, SWEEP}
