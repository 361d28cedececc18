"""How long the rest will take: by kept records at first, by what was seen as soon as it tells."""

import json
import shutil

import pytest

from reproduce.file.place import RESULTS
from reproduce.run import progress
from reproduce.run.config.compose import compose_experiment
from reproduce.run.progress import (
    SECONDS_AROUND,
    SECONDS_UNKNOWN,
    Progress,
    expected_seconds,
    in_words,
)

SYMMETRY = "experiment=nature1986/symmetry"


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_run_is_expected_to_take_what_its_kept_record_took_scaled_by_the_work(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(progress, "RESULTS", tmp_path)
    config = compose_experiment([SYMMETRY, "replicas=50", "run.sweeps=500", "run.keep_sweeps=[]"])
    assert expected_seconds(config) == SECONDS_UNKNOWN
    kept = tmp_path / "nature1986" / "symmetry"
    kept.parent.mkdir()
    shutil.copytree(RESULTS / "nature1986" / "symmetry", kept)
    record = json.loads((kept / "record.json").read_text(encoding="utf-8"))
    thread_seconds = record["wall_seconds"] * record["threads"]
    share = 50 * 500 / (record["config"]["replicas"] * record["config"]["run"]["sweeps"])
    assert expected_seconds(config) == pytest.approx(SECONDS_AROUND + share * thread_seconds)
    (kept / "record.json").write_text("damaged", encoding="utf-8")
    assert expected_seconds(config) == SECONDS_UNKNOWN


def test_what_is_left_follows_the_pace_of_this_machine(clock):
    bar = Progress({"a": 10.0, "b": 10.0, "c": 20.0}, workers=2)
    assert bar.seconds_left() == 20.0  # 40 s of work on two workers
    bar.advance("a", 0.0)
    clock[0] += 20
    bar.end("a", made=True)  # it took twice what was expected
    assert bar.seconds_left() == 40.0  # c alone, at half the pace
    bar.advance("c", 0.0)
    clock[0] += 10
    bar.advance("c", 0.5)  # half of it in 10 s, so that 10 s are left of it, and 20 of b
    assert bar.seconds_left() == 20.0
    bar.end("c", made=True)
    bar.end("b", made=False)
    assert bar.seconds_left() == 0.0


def test_runs_that_were_found_say_nothing_about_the_pace(clock):
    bar = Progress({"a": 100.0, "b": 10.0}, workers=1)
    bar.advance("a", 1.0)
    bar.end("a", made=False)
    assert bar.seconds_left() == 10.0


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (59.4, "59 s"), (150, "2 min"), (7500, "2 h 5 min")]
)
def test_a_duration_is_said_in_one_or_two_units(seconds, words):
    assert in_words(seconds) == words


def test_the_line_says_how_many_are_done_and_what_is_made_now(clock, capsys):
    bar = Progress({"pdp1986/xor": 100.0, "nature1986/symmetry": 40.0}, workers=1)
    bar.end("nature1986/symmetry", made=False)
    clock[0] += 31
    bar.advance("pdp1986/xor", 0.0)
    assert capsys.readouterr().err == "1 of 2 done, about 2 min left, now pdp1986/xor\n"
