"""A killed run goes on from its checkpoint; a checkpoint that is damaged is not believed."""

import hashlib
import io
from dataclasses import fields

import pytest
import torch

from reproduce.run import checkpoint
from reproduce.run.checkpoint import DamagedCheckpoint
from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.run.state import State

CPU = torch.device("cpu")
ORIGIN = {"config": "0", "source code": "abc", "torch version": "2"}
FIELDS = {field.name for field in fields(State)}
SMALL = [
    *("experiment=pdp1986/xor_direct", "replicas=5", "device=cpu", "run.sweeps=60"),
    *("run.keep_sweeps=[7]", "run.keep_largest_weight=1.0", "run.checkpoint_seconds=1e-9"),
    "run.points_per_decade=1000",
]


def states(experiment: list[str]):
    population = make_population(compose_experiment(experiment), CPU)
    return population, population.train(population.start())


@pytest.fixture
def saved(tmp_path):
    """A checkpoint of the small population after 20 sweeps."""
    for state in states(SMALL)[1]:
        if state.sweep == 20:
            checkpoint.save(tmp_path / "checkpoint.pt", vars(state), ORIGIN)
            return tmp_path / "checkpoint.pt", state


def assert_same_state(a, b):
    assert a.sweep == b.sweep
    assert a.curves == b.curves
    assert a.kept.keys() == b.kept.keys()
    pairs = [(a.weights, b.weights), (a.velocity, b.velocity), (a.first, b.first)]
    for x, y in [*pairs, *((a.kept[name], b.kept[name]) for name in a.kept)]:
        assert x.dtype == y.dtype
        assert torch.equal(x, y)


def test_a_state_comes_back_as_it_was_and_goes_on_as_if_never_left(saved):
    path, state = saved
    again = State(**checkpoint.load(path, ORIGIN, FIELDS))
    assert_same_state(again, state)
    assert state.velocity.abs().max() > 0
    population, undisturbed = states(SMALL)
    *_, end = undisturbed
    *_, resumed = population.train(again)
    assert_same_state(resumed, end)
    assert end.sweep == 60


@pytest.mark.parametrize("place", [0, 64, 500, -1])
def test_a_checkpoint_with_one_flipped_bit_is_refused(saved, place):
    path, _ = saved
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(path, ORIGIN, FIELDS)


@pytest.mark.parametrize("length", [0, 10, 64, 1000, -1])
def test_a_truncated_checkpoint_is_refused(saved, length):
    path, _ = saved
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(path, ORIGIN, FIELDS)


@pytest.mark.parametrize("name", ORIGIN)
def test_a_checkpoint_of_another_origin_is_refused_by_name(saved, name):
    with pytest.raises(DamagedCheckpoint, match=name):
        checkpoint.load(saved[0], ORIGIN | {name: "other"}, FIELDS)


class Code:
    """A pickle of this makes a file when it is loaded without care."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (open, (str(self.target), "w"))


def test_code_in_a_checkpoint_with_a_true_hash_is_refused_and_not_run(tmp_path):
    buffer, target = io.BytesIO(), tmp_path / "made_by_the_code"
    torch.save({"origin": ORIGIN, "state": Code(target)}, buffer)
    torch.load(io.BytesIO(buffer.getvalue()), weights_only=False)
    assert target.exists()  # it would run
    target.unlink()
    digest = hashlib.sha256(buffer.getvalue()).hexdigest().encode()
    (tmp_path / "checkpoint.pt").write_bytes(digest + buffer.getvalue())
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(tmp_path / "checkpoint.pt", ORIGIN, FIELDS)
    assert not target.exists()


def digest_and(data: bytes) -> bytes:
    """What `load` takes for whole."""
    return hashlib.sha256(data).hexdigest().encode() + data


def pickled(something) -> bytes:
    buffer = io.BytesIO()
    torch.save(something, buffer)
    return buffer.getvalue()


WRONG = {
    "a list": pickled([1, 2, 3]),
    "a tensor": pickled(torch.zeros(2)),
    "no state": pickled({"origin": ORIGIN}),
    "another state": pickled({"origin": ORIGIN, "state": {"sweep": 3}}),
    "no origin": pickled({"origin": {}, "state": dict.fromkeys(FIELDS)}),
    "no archive": b"some text",
    "half an archive": pickled([1])[:-20],
    "nothing": b"",
}


@pytest.mark.parametrize("name", WRONG)
def test_something_else_with_a_true_hash_is_refused(tmp_path, name):
    (tmp_path / "checkpoint.pt").write_bytes(digest_and(WRONG[name]))
    with pytest.raises(DamagedCheckpoint):
        checkpoint.load(tmp_path / "checkpoint.pt", ORIGIN, FIELDS)
