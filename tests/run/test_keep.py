"""`python -m reproduce keep NAME`: makes what is missing and keeps it, or refuses in one line."""

import gzip
import json

import pytest

from reproduce.run import keep, suite
from reproduce.run.config.sound import compose_all

NAME = "attention2017/training_cost"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Runs and results in a folder of the test."""

    def composed(names, common, smaller):
        return compose_all(names, [*common, f"out={tmp_path / 'runs'}"], smaller)

    monkeypatch.setattr(keep, "compose_all", composed)
    monkeypatch.setattr(suite, "RESULTS", tmp_path / "results")
    return tmp_path


def test_a_run_is_made_once_and_kept_with_its_page(elsewhere, capfd):
    assert keep.main([NAME]) == 0
    (made,) = elsewhere.glob(f"runs/{NAME}/*/record.json")
    kept = elsewhere / "results" / NAME
    assert (kept / "record.json").read_bytes() == made.read_bytes()
    packed = (kept / "replicas.csv.gz").read_bytes()
    assert gzip.decompress(packed) == made.with_name("replicas.csv").read_bytes()
    assert (kept / "figures" / "training_cost.png").exists()
    assert NAME in (elsewhere / "results" / "README.md").read_text(encoding="utf-8")
    began = json.loads(made.read_text(encoding="utf-8"))["start"]
    assert keep.main([NAME]) == 0
    assert json.loads(made.read_text(encoding="utf-8"))["start"] == began


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "names of experiments"),
        (["attention2017/trainingcost"], "nearest: attention2017/training_cost"),
        ([NAME, "two\nlines"], "keep two lines: no such experiment"),
    ],
)
def test_what_is_no_experiment_is_refused_in_one_line(names, said, elsewhere, capfd):
    assert keep.main(names) == 2
    assert not list(elsewhere.iterdir())
    error = capfd.readouterr().err
    assert said in error
    assert error.count("\n") == 1
