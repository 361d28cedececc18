"""One run shared by the processes of torchrun: the same bytes as one process makes."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from reproduce.file.place import ROOT
from reproduce.run import command
from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment
from reproduce.run.ranks import Ranks

FILES = ("replicas.csv", "curves.csv", "weights.safetensors")
XOR = ["experiment=pdp1986/xor", "measure=[]", "run.keep_sweeps=[4]", "device=cpu"]
XOR += ["run.sweeps=30", "network.init=2", "rule.epsilon=0.5"]


def torchrun(processes: int, *words: str, restarts: int = 0) -> subprocess.Popen:
    """`torchrun -m reproduce words`, started; on a port of its own."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={processes}", f"--max-restarts={restarts}", "-m", "reproduce"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, *words], cwd=ROOT, env=env, **pipes)


def single(out: Path, words: list[str]) -> Path:
    """The folder of the same run made by this process alone."""
    config = compose_experiment([*words, f"out={out}"])
    return run_experiment(config, "command", lambda sweeps: None).folder


def assert_same_files(folder: Path, other: Path) -> None:
    for name in FILES:
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    grids = [(place / "grid.csv") for place in (folder, other)]
    assert len({path.read_bytes() if path.exists() else None for path in grids}) == 1


@pytest.mark.parametrize(
    ("processes", "engine", "replicas"),
    [(1, "eager", [7]), (2, "compiled", [7, 1]), (3, "eager", [7, 2])],
)
def test_any_number_of_processes_writes_the_bytes_of_one(tmp_path, processes, engine, replicas):
    grids = ["[]", "[0.1,0.5]"] if processes > 1 else ["[]"]
    words = [*XOR, f"engine={engine}"]
    swept = [f"replicas={','.join(map(str, replicas))}", f"grid.alpha={','.join(grids)}"]
    many = ["-m"] if processes > 1 else []
    launched = torchrun(processes, *many, *words, *swept, f"out={tmp_path / 'ranks'}")
    said, error = launched.communicate()
    assert launched.returncode == 0, error
    records = list(tmp_path.glob("ranks/*/*/*/record.json"))
    assert len(records) == len(replicas) * len(grids)
    assert said.count("finished: ") == len(records)
    assert not list(tmp_path.rglob("*.partial"))
    for path in records:
        record = json.loads(path.read_text())
        assert (record["processes"], record["status"]) == (processes, "finished")
    for count in replicas:
        for grid in grids:
            folder = single(
                tmp_path / "single", [*words, f"replicas={count}", f"grid.alpha={grid}"]
            )
            assert_same_files(tmp_path / "ranks/pdp1986/xor" / folder.name, folder)


def test_the_command_line_leaves_the_ranks_that_its_runs_joined(tmp_path, monkeypatch):
    def join() -> None:
        store = dist.FileStore(str(tmp_path / "store"), 1)
        dist.init_process_group("gloo", store=store, rank=0, world_size=1)

    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(command, "job", join)
    monkeypatch.setattr(sys, "argv", ["reproduce", "experiment=pdp1986/xor"])
    assert command.main() == 0
    assert not dist.is_initialized()


class Stopped(Exception):
    pass


def stop_after(sweeps: int):
    """A tick that ends the run from inside."""
    done = []

    def tick(made: int) -> None:
        done.append(made)
        if sum(done) >= sweeps:
            raise Stopped

    return tick


def killable(words: list[str], out: Path) -> list[str]:
    return [*words, f"out={out}", "run.checkpoint_seconds=1e-9"]


def test_a_stopped_run_goes_on_with_another_number_of_processes(tmp_path):
    words = [*XOR, "replicas=5", "engine=eager"]
    config = compose_experiment(killable(words, tmp_path / "ranks"))
    with pytest.raises(Stopped):
        run_experiment(config, "command", stop_after(12))
    stopped = datetime.now().astimezone()
    time.sleep(1)
    launched = torchrun(2, *killable(words, tmp_path / "ranks"))
    _, error = launched.communicate()
    assert launched.returncode == 0, error
    folder = single(tmp_path / "single", words)
    resumed = tmp_path / "ranks/pdp1986/xor" / folder.name
    assert_same_files(resumed, folder)
    record = json.loads((resumed / "record.json").read_text())
    assert record["processes"] == 2
    assert datetime.fromisoformat(record["start"]) <= stopped


def rank_process(launcher: int, rank: int) -> int | None:
    """The process id of one rank that a launcher has started."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    for child in map(int, children):
        environment = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        if f"RANK={rank}".encode() in environment:
            return child
    return None


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="ranks are found in /proc")
def test_a_rank_that_is_killed_starts_again_and_the_run_ends_the_same(tmp_path):
    words = [*XOR, "replicas=5", "engine=eager", "run.points_per_decade=100"]
    words[words.index("run.sweeps=30")] = "run.sweeps=1000"
    launched = torchrun(2, *killable(words, tmp_path / "ranks"), restarts=2)
    while not list(tmp_path.glob("ranks/*/*/*.partial/checkpoint.pt")):
        assert launched.poll() is None, launched.communicate()
        time.sleep(0.01)
    os.kill(rank_process(launched.pid, 1), signal.SIGKILL)
    killed = datetime.now().astimezone()
    try:
        _, error = launched.communicate(timeout=90)
    finally:
        launched.terminate()  # of no effect once it has ended
    assert launched.returncode == 0, error
    assert "SIGKILL" in error or "Signal 9" in error or "-9" in error
    folder = single(tmp_path / "single", words)
    ended = tmp_path / "ranks/pdp1986/xor" / folder.name
    assert_same_files(ended, folder)
    record = json.loads((ended / "record.json").read_text())
    assert datetime.fromisoformat(record["start"]) <= killed


def test_a_bad_config_is_named_once(tmp_path):
    launched = torchrun(2, *XOR, "rule.epsilon=-1", f"out={tmp_path / 'ranks'}")
    said, error = launched.communicate()
    assert launched.returncode != 0
    lines = [line for line in (said + error).splitlines() if "rule.epsilon" in line]
    assert len(lines) == 1
    assert not (tmp_path / "ranks").exists()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("count", [0, 1, 6, 7, 1000])
def test_the_parts_of_the_ranks_are_all_replicas_once_and_in_order(size, count):
    parts = [Ranks(rank, size).part(count) for rank in range(size)]
    assert [replica for part in parts for replica in part] == list(range(count))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert [Ranks(0, size).part(count, rank) for rank in range(size)] == parts


def test_one_process_alone_shares_and_gathers_what_it_has():
    part = torch.arange(6).view(2, 3)
    assert Ranks().share("word") == "word"
    assert torch.equal(Ranks().gather(part, 3), part)
    assert Ranks().first
