"""Every kept record is that of a clean, finished run of what its experiment file says today."""

import hashlib
import json

import pytest
import yaml
from omegaconf import OmegaConf

from reproduce.file.finished import run_folders
from reproduce.file.place import RESULTS
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.folder import content
from reproduce.units.plan import read_plan
from reproduce.verdict.kept import read_results

committed = pytest.mark.skipif(
    not run_folders(RESULTS),
    reason="results/ holds no record; ./scripts/reproduce --full makes them",
)


def of_keys(asked: dict, kept: dict) -> dict:
    """What is asked today, of the keys that a kept config has: others are younger than the run."""
    return {
        key: of_keys(asked[key], value) if isinstance(value, dict) else asked[key]
        for key, value in kept.items()
    }


def lacking(asked: dict, kept: dict, path: str = "") -> dict[str, object]:
    """Keys that a kept config lacks, as they are younger than its run, with values of today."""
    found = {}
    for key, value in asked.items():
        if key not in kept:
            found[f"{path}{key}"] = value
        elif isinstance(value, dict):
            found |= lacking(value, kept[key], f"{path}{key}.")
    return found


@committed
def test_every_record_is_of_a_clean_finished_run_of_what_its_experiment_file_says_today():
    for name, run in read_results(RESULTS).items():
        record, config = run.record, compose_experiment([f"experiment={name}"])
        assert (name, record["status"], record["dirty"]) == (name, "finished", False)
        assert run.folder == RESULTS / name
        hashed = hashlib.sha256(json.dumps(record["config"], sort_keys=True).encode()).hexdigest()
        assert (name, record["config_sha256"]) == (name, hashed)
        config.device = record["config"]["device"]
        if isinstance(config, UnitsExperiment):
            config.engine = record["config"]["engine"]
        asked = content(config)
        if "text_sha256" in asked:  # the default text is another one in other versions of Python
            asked["text_sha256"] = record["data_sha256"]
        assert record["config"] == of_keys(asked, record["config"])
        before = OmegaConf.structured(type(config))  # what was so when these keys were not there
        for key, value in lacking(asked, record["config"]).items():
            if key == "network.outputs":
                assert (name, value) == (name, [*read_plan(record["config"]["network"]).outputs])
            else:
                assert (name, key, value) == (name, key, OmegaConf.select(before, key))
        assert yaml.safe_load((run.folder / "config.yaml").read_bytes()) == record["config"]
