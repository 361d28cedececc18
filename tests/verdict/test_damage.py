"""A kept run that was changed since is named, not judged, and nothing else suffers from it."""

import gzip
import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from reproduce.page import rebuild as compare
from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment
from reproduce.verdict.kept import keep

XOR, PRINTED = "pdp1986/xor/epsilon_0.5", "pdp1986/xor/published_minimum"
SHORT = ["replicas=4", "run.sweeps=5", "run.keep_sweeps=[]", "measure=[xor]", "engine=eager"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """Two kept runs and all that is drawn from them."""
    out, results = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("results")
    for name, words in {XOR: SHORT, PRINTED: []}.items():
        config = compose_experiment([f"experiment={name}", "device=cpu", f"out={out}", *words])
        keep(run_experiment(config, f"python -m reproduce {name}", lambda n: None).folder, results)
    compare.refresh(results)
    return results


@pytest.fixture
def results(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "results"))


@pytest.fixture
def command(monkeypatch, capsys):
    """`python -m reproduce.compare FOLDER`: its status, stdout and stderr."""

    def run(folder: Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["reproduce.compare", str(folder)])
        capsys.readouterr()
        return compare.main(), *capsys.readouterr()

    return run


def shorten(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))


def shorten_table(path: Path) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-2])))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def be_plain(path: Path) -> None:
    path.write_bytes(gzip.decompress(path.read_bytes()))


def change_a_digit(path: Path) -> None:
    path.write_text(path.read_text().replace("0.5", "0.6", 1))


def fails(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "failed"}))


def be_another(path: Path) -> None:
    shutil.copyfile(path.parents[3] / PRINTED / path.name, path)


DAMAGE = [
    *(("record.json", Path.unlink), ("record.json", shorten), ("record.json", change_a_digit)),
    *(("record.json", fails), ("record.json", be_another)),
    *(("replicas.csv.gz", Path.unlink), ("replicas.csv.gz", shorten_table)),
    *(("replicas.csv.gz", cut), ("replicas.csv.gz", be_plain), ("curves.csv.gz", shorten_table)),
    *(("config.yaml", Path.unlink), ("config.yaml", change_a_digit)),
]


@pytest.mark.parametrize(("name", "harm"), DAMAGE)
def test_damage_is_one_line_with_the_way_out_and_ends_that_experiment_alone(
    name, harm, whole, results, command
):
    harm(results / XOR / name)
    status, _, errors = command(results)
    assert status == 1
    (line,) = errors.splitlines()
    assert line.startswith(f"{results / XOR / name} is damaged: ")
    assert line.endswith("; restore it from git, or keep the run again")
    before, after = (
        pd.read_csv(folder / "claims.csv", keep_default_na=False) for folder in (whole, results)
    )
    of_it = before["experiment"] == XOR
    assert of_it.any()
    assert (before["n"][of_it] > 0).any()
    assert (after["n"][of_it] == 0).all()
    assert set(after["verdict"][of_it]) == {"undecided"}
    assert after["decided_by"][of_it].str.startswith(f"{XOR}: {name} is damaged: ").all()
    pd.testing.assert_frame_equal(after[~of_it], before[~of_it])
    assert f"- {XOR}: {name} is damaged" in (results / "README.md").read_text()
    for path in whole.rglob("figures/*"):
        assert (results / path.relative_to(whole)).read_bytes() == path.read_bytes()


def test_what_is_restored_is_judged_as_before(whole, results, command):
    path = results / XOR / "replicas.csv.gz"
    shorten_table(path)
    assert command(results)[0] == 1
    shutil.copyfile(whole / XOR / "replicas.csv.gz", path)
    status, told, errors = command(results)
    assert (status, errors) == (0, "")
    names = ["README.md", *(f"claims.{form}" for form in ("csv", "json", "tex"))]
    names += ["pdp1986/README.md", "pdp1986/runs.md"]
    for name in names:
        assert (results / name).read_bytes() == (whole / name).read_bytes()
    changed = told.strip().split(" changed: ")[1].split(", ")
    assert sorted(Path(path).name for path in changed) == sorted(Path(name).name for name in names)
    assert command(results)[1].endswith(" files rebuilt, nothing changed\n")


def test_a_table_that_the_record_does_not_list_is_not_believed(results, command):
    (results / XOR / "grid.csv").write_text("epsilon\n0.1\n")
    status, told, errors = command(results)
    assert (status, errors) == (0, "")
    assert told.endswith(" files rebuilt, nothing changed\n")
