"""Sequence models that learn: alone or beside others, killed or not, the same numbers."""

import json

import pandas as pd
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from reproduce.run import learn_sequences
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.grid import points
from reproduce.run.config.sequence import ACTIVATIONS, INITS, MIXERS, NORMS, POSITIONS
from reproduce.run.folder import sha256
from reproduce.run.make import run_experiment
from reproduce.run.training import at_point, begin, make_sequence_task, rate_at, train
from reproduce.transformer import initial, layer
from reproduce.transformer import model as transformer
from reproduce.transformer.sequence import IGNORED

CPU = torch.device("cpu")
SORT = ("experiment=attention2017/sort", "run.test_every=3", "run.steps=7", "run.batch=8")


def config(*words: str):
    return compose_experiment([*words])


def trained(made, replica: int):
    task = make_sequence_task(made)
    training = begin(made, task, (made.seed, replica), CPU)
    list(train(training, made, task, (made.seed, replica), CPU, set()))
    return training


def test_the_words_of_the_schema_are_those_of_the_network():
    assert (NORMS, MIXERS) == (layer.NORMS, layer.MIXERS)
    assert {*ACTIVATIONS} == {*layer.ACTIVATIONS}
    assert {*POSITIONS} <= {*transformer.POSITIONS}
    assert INITS == initial.INITS


def test_one_step_is_adam_on_the_mean_cross_entropy_of_the_asked_tokens():
    made = config(*SORT, "network.dropout=0", "network.attention_dropout=0", "rule.decay=0")
    task = make_sequence_task(made)
    ours, theirs = (begin(made, task, (0, 0), CPU) for _ in range(2))
    next(train(ours, made, task, (0, 0), CPU, set()))
    batch = task.batch((0, 0), 1, 8)
    logits = theirs.model(batch.inputs)
    kept = batch.targets != IGNORED
    loss = torch.nn.functional.cross_entropy(logits[kept], batch.targets[kept])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(theirs.model.parameters(), 1.0)
    torch.optim.Adam(theirs.model.parameters(), 5e-4, (0.9, 0.95), 1e-8).step()
    for own, other in zip(ours.model.parameters(), theirs.model.parameters(), strict=True):
        torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-6)


def test_a_replica_is_the_same_whatever_was_trained_before_it():
    made = config(*SORT)
    alone = trained(made, 1)
    trained(made, 0)
    torch.rand(3)
    again = trained(made, 1)
    assert alone.tests == again.tests
    assert all(map(torch.equal, alone.model.parameters(), again.model.parameters()))
    assert trained(made, 2).tests != alone.tests


def test_a_model_learns_far_above_chance():
    made = config("experiment=attention2017/distance", "task.distance=4", "run.steps=150")
    task_chance = 1 / made.task.symbols
    assert trained(at_point(made, {"mixer": "attention", "distance": 4}), 0).tests[-1][2] > 0.9
    assert task_chance < 0.2


def test_a_convolution_cannot_see_beyond_its_reach():
    made = config("experiment=attention2017/distance", "run.steps=60", "run.test_every=60")
    right = trained(at_point(made, {"mixer": "convolution", "distance": 8}), 0).tests[-1][2]
    assert right < 0.3  # chance is 1 / 8


def test_the_rate_is_that_of_the_schedule():
    made = config("experiment=attention2017/copy")
    assert rate_at(made, 400) == pytest.approx((512 * 400) ** -0.5)
    made = config("experiment=attention2017/characters")
    assert rate_at(made, 101) == pytest.approx(1e-3)
    assert rate_at(made, 2000) == pytest.approx(1e-4, rel=1e-3)


class Killed(BaseException):
    pass


def run(out, kill_at: int | None = None):
    made = config(*SORT, "replicas=2", f"out={out}", "run.checkpoint_seconds=1e-9")
    ticks = []

    def tick(steps: int) -> None:
        ticks.append(steps)
        if kill_at is not None and sum(ticks) >= kill_at:
            raise Killed

    return run_experiment(made, "a command", tick), ticks


def shown(folder) -> dict[str, list]:
    """What TensorBoard shows: the values of each curve, the steps of each picture."""
    events = EventAccumulator(str(folder))
    events.Reload()
    tags = events.Tags()
    seen = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in tags["scalars"]}
    assert {"loss/median", "accuracy/low", "loss/replica_1", "learning rate"} <= seen.keys()
    assert tags["images"] == ["attention of replica 0"]
    return seen | {tag: [e.step for e in events.Images(tag)] for tag in tags["images"]}


@pytest.mark.parametrize(("kill_at", "at_once"), [(5, 1), (11, 1), (5, 2)])
def test_a_killed_run_goes_on_with_the_same_numbers_and_loses_no_replica(
    tmp_path, monkeypatch, kill_at, at_once
):
    whole, ticks = run(tmp_path / "whole")
    assert sum(ticks) == 2 * 7
    monkeypatch.setattr(learn_sequences, "THREADS", at_once)
    with pytest.raises(Killed):
        run(tmp_path / "killed", kill_at=kill_at)
    assert not list(tmp_path.glob("killed/*/*/*/record.json"))
    outcome, ticks = run(tmp_path / "killed")
    assert sum(ticks) == 2 * 7
    for name in ("replicas.csv", "curves.csv"):
        assert (outcome.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    weights = sorted(path.name for path in (outcome.folder / "weights").iterdir())
    assert weights == ["0.safetensors", "1.safetensors"]
    assert not list(outcome.folder.glob("checkpoint*"))
    assert shown(outcome.folder) == shown(whole.folder)


def test_a_replica_stops_at_the_share_that_is_asked_for_and_others_are_censored(tmp_path):
    words = (
        "experiment=attention2017/recall_small",
        "replicas=1",
        "run.steps=4",
        "run.test_every=2",
    )
    small = ("task.train_cases=64", "task.test_cases=8", "run.batch=4", f"out={tmp_path}")
    easy = run_experiment(config(*words, *small, "run.stop_at=1e-9"), "c", lambda steps: None)
    table = pd.read_csv(easy.folder / "replicas.csv")
    stopped = table["steps_to_stop"].notna()
    assert (table.loc[~stopped, "test_accuracy"] == 0).all()
    hard = run_experiment(config(*words, *small, "run.stop_at=1"), "c", lambda steps: None)
    table = pd.read_csv(hard.folder / "replicas.csv")
    assert table["steps_to_stop"].isna().all()
    assert (table["steps"] == 4).all()
    assert table["N"].tolist() == [2, 1]
    assert json.loads((hard.folder / "record.json").read_text())["quantities"] == {}


@pytest.mark.parametrize("name", ["copy", "sort", "characters", "recall_small", "distance"])
def test_a_step_on_meta_is_tied_to_no_device_and_counts_the_weights_of_the_model(name):
    made = config(f"experiment=attention2017/{name}", "device=meta")
    said = learn_sequences.try_sequences_on_meta(made)
    made = at_point(made, points(made)[0])
    model = begin(made, make_sequence_task(made), (0, 0), CPU).model
    assert f" {sum(p.numel() for p in model.parameters())} weights of one model" in said


def test_a_diverged_replica_is_kept_too(tmp_path):
    made = config(*SORT, "replicas=1", "rule.rate=1e30", "rule.clip=null", f"out={tmp_path}")
    outcome = run_experiment(made, "a command", lambda steps: None)
    assert pd.read_csv(outcome.folder / "replicas.csv")["test_loss"].isna().all()
    assert json.loads((outcome.folder / "record.json").read_text())["status"] == "finished"


def test_another_text_of_the_same_name_is_another_run(tmp_path):
    text = tmp_path / "text.txt"
    words = ("experiment=attention2017/characters", f"task.text={text}", "task.length=8")
    hashes = []
    for content in ("one text " * 200, "another! " * 200):
        text.write_text(content)
        hashes.append(sha256(config(*words)))
    assert hashes[0] != hashes[1]
