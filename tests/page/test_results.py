"""What results/ holds follows from its records and from nothing else."""

import gzip
import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from benchmark.attention.picture import draw_attention
from benchmark.picture import draw_benchmark
from reproduce.file.experiments import experiment_names
from reproduce.file.finished import RECORD, DamagedRun, as_kept, open_run, run_folders
from reproduce.file.paper import paper_names, read_papers
from reproduce.file.place import RESULTS, write_whole
from reproduce.page.page import png
from reproduce.page.rebuild import rebuild
from reproduce.page.report import tables, write
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.make import run_experiment
from reproduce.run.point_table import by_point
from reproduce.verdict.kept import TEXT_FILES, damaged, keep, read_kept, read_results
from reproduce.verdict.statistic import summary

SHORT = ("replicas=3", "run.sweeps=10", "run.keep_sweeps=[]", "measure=[xor]")
MANY = 1000  # replicas where a population is meant
LARGEST = 40e6  # bytes of the whole folder

BENCHMARKS = {"benchmark": draw_benchmark, "benchmark_attention": draw_attention}

committed = pytest.mark.skipif(
    not run_folders(RESULTS),
    reason="results/ holds no record; ./scripts/reproduce --full makes them",
)


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# what is committed


@committed
def test_every_committed_file_is_byte_for_byte_what_the_records_say():
    runs, there = read_results(RESULTS), files_in(RESULTS)
    assert damaged(runs) == {}
    drawn = rebuild(runs, RESULTS)
    assert [str(path) for path, data in drawn.items() if path.read_bytes() != data] == []
    texts = {
        run.folder / as_kept(name, b"")[0]
        for run in runs.values()
        for name in {*TEXT_FILES} & {RECORD, *run.record["files"]}
    }
    forms = ("csv", "png")
    measured = {RESULTS / f"{name}.{form}" for name in BENCHMARKS for form in forms}
    assert there.keys() - drawn.keys() - texts - measured == set()


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_picture_of_a_benchmark_is_what_its_table_says(name):
    if not (RESULTS / f"{name}.csv").exists():
        pytest.skip(f"no {name} is kept")
    drawn = BENCHMARKS[name](pd.read_csv(RESULTS / f"{name}.csv"))
    assert (RESULTS / f"{name}.png").read_bytes() == png(drawn)


@committed
def test_every_experiment_has_a_kept_run_and_every_kept_run_an_experiment():
    assert sorted(read_results(RESULTS)) == experiment_names()


@committed
def test_every_replica_is_kept_and_the_record_sums_them_up():
    for name, run in read_results(RESULTS).items():
        points = 1 if run.grid is None else len(run.grid)
        assert run.replicas.index.tolist() == list(range(run.record["replicas"])) * points, name
        if run.grid is None:
            summed = {column: summary(column, run.replicas[column]) for column in run.replicas}
        else:
            keys = [key for key, values in run.record["config"]["grid"].items() if values]
            again = pd.read_csv(io.StringIO(by_point(run.replicas, keys).to_csv(index=False)))
            pd.testing.assert_frame_equal(run.grid, again, rtol=1e-12, atol=0)
            summed = {}
        assert run.record["quantities"] == summed, name
        config = compose_experiment([f"experiment={name}"])
        if isinstance(config, UnitsExperiment) and config.run.sweeps:
            assert len(run.replicas) >= MANY, name


@committed
def test_the_folder_stays_small():
    assert sum(len(data) for data in files_in(RESULTS).values()) < LARGEST


# the same functions on a few shrunk runs


def made(out: Path, name: str, *overrides: str) -> Path:
    config = compose_experiment([f"experiment={name}", "device=cpu", f"out={out}", *overrides])
    return run_experiment(config, f"python -m reproduce {name}", lambda sweeps: None).folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> list[Path]:
    out = tmp_path_factory.mktemp("runs")
    return [
        made(out, "attention2017/parameters/vocabulary_40960"),
        made(out, "nature1986/symmetry/published"),
        made(out, "pdp1986/xor/published_minimum"),
        made(out, "pdp1986/xor/epsilon_0.5", *SHORT),
    ]


def name_of(run: Path) -> str:
    return json.loads((run / RECORD).read_bytes())["experiment"]


def copied(run: Path, out: Path) -> Path:
    """A run in another folder of runs."""
    return Path(shutil.copytree(run, out / name_of(run) / run.name))


@pytest.fixture
def results(runs, tmp_path) -> Path:
    for run in runs:
        keep(run, tmp_path)
    return tmp_path


def test_keeping_a_run_copies_its_text_files_and_nothing_else(runs, results):
    kept = files_in(results)
    expected = {
        results / name_of(run) / name: content
        for run in runs
        for plain in TEXT_FILES
        if (run / plain).exists()
        for name, content in [as_kept(plain, (run / plain).read_bytes())]
    }
    assert kept == expected
    assert len(kept) == 3 + 3 * 4  # counting parameters has no curves


def test_rebuilding_writes_nothing_and_gives_the_same_bytes_again(results):
    before = files_in(results)
    files = rebuild(read_results(results), results)
    assert files_in(results) == before
    write(files, results)
    assert files_in(results) == before | files
    assert rebuild(read_results(results), results) == files
    names = {path.relative_to(results).as_posix() for path in files}
    texts = {"README.md", *(f"claims.{form}" for form in ("csv", "json", "tex"))}
    texts |= {f"{name}/README.md" for name in paper_names()}
    texts |= {f"{name}/runs.md" for name in ("attention2017", "nature1986", "pdp1986")}
    figures = {Path(name).with_suffix("").as_posix() for name in names if "/figures/" in name}
    assert "nature1986/symmetry/published/figures/net" in figures
    assert "pdp1986/xor/epsilon_0.5/figures/sweeps_to_solve" in figures
    assert names == texts | {f"{figure}.png" for figure in figures}


def test_writing_takes_away_figures_that_are_no_longer_drawn_and_mends_the_others(tmp_path):
    folder = tmp_path / "pdp1986/xor"
    drawn = {folder / "figures/net.png": b"whole", folder / "figures/code.png": b"new"}
    write({folder / "figures/net.png": b"half", folder / "figures/of_old.png": b"old"}, tmp_path)
    (folder / "record.json").write_bytes(b"record")
    write(drawn, tmp_path)
    assert files_in(tmp_path) == {**drawn, folder / "record.json": b"record"}


def test_a_run_that_is_kept_again_takes_the_place_of_the_old_one(runs, results):
    place = results / "pdp1986/xor/epsilon_0.5"
    (place / "figures").mkdir()
    (place / "replicas.csv.gz").write_text("old")
    keep(runs[-1], results)
    assert not (place / "figures").exists()
    made = (runs[-1] / "replicas.csv").read_bytes()
    assert gzip.decompress((place / "replicas.csv.gz").read_bytes()) == made


def test_a_damaged_run_is_not_kept_and_what_was_kept_stays(runs, results, tmp_path_factory):
    run, before = copied(runs[-1], tmp_path_factory.mktemp("runs")), files_in(results)
    with (run / "weights.safetensors").open("ab") as file:
        file.write(b"more")
    with pytest.raises(DamagedRun, match="safetensors is damaged"):
        keep(run, results)
    assert files_in(results) == before


def test_what_a_killed_keep_leaves_behind_is_not_taken_for_a_run(runs, results, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(path, content):
        write_whole(path, content)
        raise Killed

    monkeypatch.setattr("reproduce.verdict.kept.write_whole", killed)  # dies after the first file
    with pytest.raises(Killed):
        keep(runs[-1], results)
    assert read_results(results).keys() == {read_kept(open_run(run)).experiment for run in runs}


def test_the_table_gives_the_verdicts_that_are_known_beforehand(results):
    table, _ = tables(read_papers(), read_results(results))
    verdicts = table[table["n"] > 0].groupby("claim")["verdict"].agg(list)
    # at 40,960 tokens all counts but that of big come out (A1)
    assert verdicts["A1.1"] == ["reproduced"] * 10
    assert verdicts["A1.2"] == ["not reproduced"]
    others = [verdicts[claim] for claim in ("A1.3", "A1.4", "A1.5", "A1.6", "N7", "N8", "P8")]
    assert {verdict for found in others for verdict in found} == {"reproduced"}
    # what has not been run, or not often enough, is no failure to reproduce
    untested = table[(table["n"] == 0) & (table["rule"] != "none")]
    assert set(untested["verdict"]) == {"undecided"}
    assert verdicts["P9"] == ["undecided"]
