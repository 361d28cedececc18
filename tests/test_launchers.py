"""Many runs at once by Hydra's launchers, where requirements-cluster.lock is installed."""

import json
import subprocess
import sys

import pytest

from reproduce.file.place import ROOT

SMALL = ["experiment=pdp1986/xor,pdp1986/xor_direct", "replicas=3", "run.sweeps=5"]
SMALL += ["run.keep_sweeps=[]", "engine=eager"]
LAUNCHERS = {
    "joblib": ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"],
    "submitit_local": ["hydra/launcher=submitit_local"],
}


def launch(launcher: str, out, *overrides: str):
    pytest.importorskip(f"hydra_plugins.hydra_{launcher.removesuffix('_local')}_launcher")
    words = [*LAUNCHERS[launcher], *SMALL, f"out={out}", *overrides]
    command = [sys.executable, "-m", "reproduce", "-m", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_every_job_of_a_multirun_is_made_and_is_what_it_is_alone(launcher, tmp_path):
    together = launch(launcher, tmp_path / "together")
    assert together.returncode == 0, together.stderr
    words = [word.replace("xor,pdp1986/xor_direct", "xor_direct") for word in SMALL]
    alone = [sys.executable, "-m", "reproduce", *words, f"out={tmp_path / 'alone'}"]
    subprocess.run(alone, cwd=ROOT, check=True, capture_output=True)
    (single,) = tmp_path.glob("alone/*/*/*/replicas.csv")
    made = sorted(tmp_path.glob("together/*/*/*/replicas.csv"))
    assert [path.parts[-3] for path in made] == ["xor", "xor_direct"]
    assert made[1].read_bytes() == single.read_bytes()
    assert json.loads((made[0].parent / "record.json").read_text())["status"] == "finished"


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_job_that_cannot_write_ends_the_multirun_with_1_and_the_other_is_made(launcher, tmp_path):
    (tmp_path / "pdp1986").mkdir()
    (tmp_path / "pdp1986" / "xor_direct").write_text("a file where a folder should be")
    ended = launch(launcher, tmp_path)
    assert ended.returncode == 1
    assert len(list(tmp_path.glob("pdp1986/xor/*/record.json"))) == 1
