"""What a run says of itself, read back and computed again from its own files."""

import hashlib
import json
import math
import shlex
import subprocess
from datetime import datetime, timedelta

import pandas as pd
import pytest
import torch
from omegaconf import OmegaConf
from scipy.stats import binom

from reproduce.file.place import ROOT
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.folder import sha256
from reproduce.run.make import run_experiment

WORDS = [
    *("experiment=pdp1986/xor_direct", "replicas=41", "seed=3", "run.sweeps=220"),
    *("run.keep_sweeps=[100]", "run.keep_largest_weight=2.5"),
]
COMMAND = shlex.join(["python", "-m", "reproduce", *WORDS])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run in which some starts are solved and some are not."""
    config = compose_experiment([*WORDS, f"out={tmp_path_factory.mktemp('out')}"])
    return run_experiment(config, COMMAND, lambda sweeps: None).folder


@pytest.fixture(scope="module")
def record(folder):
    return json.loads((folder / "record.json").read_text(), parse_constant=pytest.fail)


@pytest.fixture(scope="module")
def replicas(folder):
    return pd.read_csv(folder / "replicas.csv", index_col="replica")


def test_the_folder_holds_every_file_of_the_design(folder):
    files = {path.name for path in folder.iterdir()}
    wanted = {"record.json", "config.yaml", "replicas.csv", "curves.csv", "weights.safetensors"}
    assert wanted | {"figures"} <= files
    assert not [name for name in files if "checkpoint" in name or name.startswith(".")]
    figures = {path.suffix for path in (folder / "figures").iterdir()}
    assert figures == {".png"}
    assert any(name.startswith("events.out.tfevents") for name in files)


def test_the_record_says_all_that_the_design_asks_of_it(record):
    assert record["experiment"] == "pdp1986/xor_direct"
    assert record["command"] == COMMAND
    assert (record["seed"], record["replicas"], record["status"]) == (3, 41, "finished")
    assert record["packages"]["torch"] == torch.__version__.split("+")[0]
    assert record["threads"] == torch.get_num_threads()
    assert record["device"]
    assert record["wall_seconds"] > 0
    start, end = (datetime.fromisoformat(record[name]) for name in ("start", "end"))
    assert start.utcoffset() == end.utcoffset() == timedelta(0)
    assert start <= end
    for name in ("config_sha256", "data_sha256", "source_sha256"):
        assert len(bytes.fromhex(record[name])) == 32
    for summary in record["quantities"].values():
        assert summary.keys() == {"n", "median", "low", "high", "unsolved"}


def test_the_record_has_the_sha256_of_every_other_file_and_of_itself(record, folder):
    for listed, digest in record["files"].items():
        assert digest == hashlib.sha256((folder / listed).read_bytes()).hexdigest()
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert record["files"].keys() == files - {"record.json"}
    rest = {name: value for name, value in record.items() if name != "record_sha256"}
    text = json.dumps(rest, sort_keys=True)
    assert record["record_sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_the_record_names_the_commit_of_the_program(record):
    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True).stdout

    if not git("rev-parse", "HEAD"):
        assert (record["commit"], record["dirty"]) == (None, None)
    else:
        assert record["commit"] == git("rev-parse", "HEAD").strip()
        program = ("reproduce", "conf", "papers", "requirements.txt", "requirements.lock")
        assert record["dirty"] == bool(git("status", "--porcelain", "--", *program))


def test_the_hash_is_that_of_the_config_as_recorded_as_kept_and_as_composed_again(record, folder):
    text = json.dumps(record["config"], sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == record["config_sha256"]
    assert record["config_sha256"].startswith(folder.name)
    kept = OmegaConf.load(folder / "config.yaml")
    assert OmegaConf.to_container(kept) == record["config"]
    merged = OmegaConf.merge(OmegaConf.structured(UnitsExperiment), kept)
    assert sha256(OmegaConf.to_object(merged)) == record["config_sha256"]
    overrides = shlex.split(record["command"])[3:]
    settled = [f"{key}={record['config'][key]}" for key in ("device", "engine")]
    composed = compose_experiment([*overrides, *settled])
    assert sha256(composed) == record["config_sha256"]


def order_statistics(n: int) -> tuple[int, int]:
    """Places (from 0) of the narrowest symmetric 95% interval of a median, by counting.

    The true median lies below the k-th smallest of n with the chance of fewer than k heads.
    """
    k = max(k for k in range(n) if binom.cdf(k - 1, n, 0.5) <= 0.025)
    return k - 1, n - k


def test_sweeps_to_solve_is_summed_up_with_the_unsolved_as_later_than_all(record, replicas):
    solve = replicas["sweeps_to_solve"]
    summary = record["quantities"]["sweeps_to_solve"]
    assert summary["n"] == len(solve) == 41
    assert summary["unsolved"] == solve.isna().sum()
    assert 5 < summary["unsolved"] < 20
    times = sorted(solve.fillna(math.inf))
    assert summary["median"] == times[20]
    low, high = (times[place] for place in order_statistics(41))
    assert summary["low"] == low
    assert summary["high"] == (None if math.isinf(high) else high)
    assert not solve.dropna().empty
    assert solve.dropna().median() < summary["median"]


def test_every_quantity_is_a_column_with_its_n_and_median(record, replicas):
    assert list(record["quantities"]) == list(replicas.columns)
    for name, summary in record["quantities"].items():
        column = replicas[name]
        assert summary["unsolved"] == column.isna().sum()
        if not name.startswith("sweeps_to"):
            assert summary["n"] == column.notna().sum()
            ordered = sorted(column.dropna())
            expected = ordered[(len(ordered) - 1) // 2] if ordered else None
            assert summary["median"] == expected
    assert replicas["solved_by_100"].mean() == (replicas["sweeps_to_solve"] <= 100).mean()
