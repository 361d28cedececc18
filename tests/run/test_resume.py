"""A run that was stopped goes on from its checkpoint and ends the same, shown once."""

import shutil
import subprocess
import sys
import time

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from reproduce.file.place import ROOT
from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment
from tests.run.test_checkpoint import SMALL, WRONG, digest_and


class Stopped(Exception):
    pass


def run(out, words: list[str], stop_at: int | None = None) -> tuple:
    """Make a run, or stop it after some sweeps; its outcome and the sweeps it began with."""
    ticks = []

    def tick(sweeps: int) -> None:
        ticks.append(sweeps)
        if stop_at is not None and sum(ticks) >= stop_at:
            raise Stopped

    return run_experiment(compose_experiment([*words, f"out={out}"]), "command", tick), ticks[0]


def assert_same_results(folder, undisturbed):
    for name in ("replicas.csv", "curves.csv", "weights.safetensors"):
        assert (folder / name).read_bytes() == (undisturbed / name).read_bytes()
    shown = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    shown.Reload()
    sweeps = [line.split(",")[0] for line in (folder / "curves.csv").read_text().split()[1:]]
    assert [str(event.step) for event in shown.Scalars("error/median")] == sweeps


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return run(tmp_path_factory.mktemp("undisturbed"), SMALL)[0].folder


def stopped(out):
    """The partial folder of the small run, stopped after 30 sweeps."""
    with pytest.raises(Stopped):
        run(out, SMALL, stop_at=30)
    (partial,) = out.glob("pdp1986/xor_direct/*.partial")
    return partial


def test_a_stopped_run_goes_on_where_it_was_and_ends_the_same(tmp_path, undisturbed):
    stopped(tmp_path)
    outcome, begun = run(tmp_path, SMALL)
    assert 0 < begun <= 30
    assert_same_results(outcome.folder, undisturbed)
    assert not (outcome.folder / "checkpoint.pt").exists()


def flip(path):
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 255
    path.write_bytes(damaged)


def make_folder(path):
    path.unlink()
    (path / "inside").mkdir(parents=True)


def make_broken_link(path):
    path.unlink()
    path.symlink_to("nowhere")


def make_list(path):
    path.write_bytes(digest_and(WRONG["a list"]))


@pytest.mark.parametrize("damage", [flip, make_folder, make_broken_link, make_list])
def test_a_damaged_checkpoint_is_named_and_the_run_ends_the_same(
    tmp_path, undisturbed, caplog, damage
):
    path = stopped(tmp_path) / "checkpoint.pt"
    damage(path)
    path.with_suffix(".damaged.pt").mkdir()
    outcome, begun = run(tmp_path, SMALL)
    assert begun == 0
    (warned,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert str(path) in warned
    assert "\n" not in warned
    assert warned in (outcome.folder / "run.log").read_text()
    assert not list(outcome.folder.glob("checkpoint*"))
    assert_same_results(outcome.folder, undisturbed)


def shown_in(folder) -> dict[str, list[int]]:
    """Of every tag of the run's TensorBoard the steps at which it shows something."""
    shown = EventAccumulator(
        str(folder), size_guidance={"scalars": 0, "images": 0, "histograms": 0}
    )
    shown.Reload()
    kinds = {"images": shown.Images, "histograms": shown.Histograms, "scalars": shown.Scalars}
    return {
        tag: [event.step for event in events(tag)]
        for kind, events in kinds.items()
        for tag in shown.Tags()[kind]
    }


def test_a_run_that_ended_in_its_last_phase_shows_everything_once(
    tmp_path, undisturbed, monkeypatch
):
    def stop(*arguments):
        raise Stopped

    with monkeypatch.context() as last_phase:
        last_phase.setattr("reproduce.run.learn.show_card", stop)
        for _ in range(2):
            with pytest.raises(Stopped):
                run(tmp_path, SMALL)
    outcome, _ = run(tmp_path, SMALL)
    assert shown_in(outcome.folder) == shown_in(undisturbed)
    assert len(shown_in(undisturbed)) > 10


def test_a_checkpoint_that_a_kill_left_in_a_finished_run_is_taken_away(tmp_path, undisturbed):
    finished = tmp_path / undisturbed.relative_to(undisturbed.parents[2])
    shutil.copytree(undisturbed, finished)
    for name in ("checkpoint.pt", "checkpoint_0.pt", "checkpoint.damaged.pt"):
        (finished / name).write_bytes(b"left")
    outcome, _ = run(tmp_path, SMALL)
    assert (outcome.status, outcome.folder) == ("found", finished)
    assert not list(finished.glob("checkpoint*"))


def test_after_kill_9_the_same_command_ends_with_the_same_files(tmp_path):
    words = [
        *("experiment=nature1986/symmetry", "replicas=64", "device=cpu", "run.sweeps=10000"),
        *("run.keep_sweeps=[1425]", "run.checkpoint_seconds=0.2", "engine=eager"),
    ]
    command = [sys.executable, "-m", "reproduce", *words, f"out={tmp_path / 'killed'}"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        while not list(tmp_path.glob("killed/nature1986/symmetry/*.partial/checkpoint.pt")):
            assert process.poll() is None, "it ended before its first checkpoint"
            time.sleep(0.01)
        process.kill()
    assert not list(tmp_path.glob("killed/nature1986/symmetry/*/replicas.csv"))
    outcome, begun = run(tmp_path / "killed", words)
    assert 0 < begun < 10000
    whole, _ = run(tmp_path / "whole", words)
    assert (outcome.status, whole.status) == ("finished", "finished")
    assert_same_results(outcome.folder, whole.folder)
