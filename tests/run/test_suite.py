"""The suite at a tiny size: every run made once, a table with a verdict for every claim."""

import shutil
import sys
from copy import deepcopy

import pandas as pd
import pytest

from reproduce.file import experiments
from reproduce.file.experiments import experiment_names
from reproduce.file.yaml_file import FileError
from reproduce.run import suite
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.sequence import SequenceExperiment

FEW = ["nature1986/equations", "nature1986/symmetry/published", "pdp1986/xor_direct/published"]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(suite, "experiment_names", lambda: FEW)
    monkeypatch.setattr(suite, "QUICK_REPLICAS", 3)


def run(monkeypatch, out) -> int:
    monkeypatch.setattr(sys, "argv", ["reproduce.suite", "--out", str(out)])
    return suite.main()


def test_ends_with_the_table_and_makes_nothing_twice(few, tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, tmp_path) == 0
    records = sorted(tmp_path.rglob("record.json"))
    assert [str(path.parents[1].relative_to(tmp_path)) for path in records] == FEW
    printed = capsys.readouterr().out
    assert "0.8813" in printed
    table = pd.read_csv(tmp_path / "claims.csv")
    ran = table[table["experiment"].isin(FEW)]
    assert (ran["decided_by"] != "not run").all()
    others = table[~table["experiment"].isin(FEW) & (table["rule"] != "none")]
    assert (others["decided_by"] == "not run").all()
    before = [path.stat().st_mtime_ns for path in records]
    assert run(monkeypatch, tmp_path) == 0
    assert [path.stat().st_mtime_ns for path in records] == before


def test_out_is_seen_from_where_the_user_stands(few, tmp_path, monkeypatch, capsys):
    caller = tmp_path / "sömebody's place"
    monkeypatch.setenv("REPRODUCE_CALLER", str(caller))
    monkeypatch.setattr(suite, "experiment_names", lambda: FEW[:1])
    assert run(monkeypatch, "the runs") == 0
    assert len(list(caller.glob(f"the runs/{FEW[0]}/*/record.json"))) == 1
    assert f"figures: {caller / 'the runs'}" in capsys.readouterr().out


def test_quick_size_lowers_replicas_and_steps_of_sequence_models_and_changes_nothing_else():
    for name in experiment_names():
        whole = compose_experiment([f"experiment={name}"])
        assert suite.overrides_of(whole, full=True) == []
        words = suite.overrides_of(whole, full=False)
        quick = compose_experiment([f"experiment={name}", *words]) if words else deepcopy(whole)
        if isinstance(whole, SequenceExperiment):
            assert quick.replicas == suite.QUICK_TRAINED
            assert quick.run.steps == min(whole.run.steps, suite.QUICK_STEPS)
            quick.replicas, quick.run.steps = whole.replicas, whole.run.steps
            assert quick == whole
            continue
        most = min(whole.replicas, suite.QUICK_REPLICAS)
        grid = any(vars(whole.grid).values()) if hasattr(whole, "grid") else False
        one_by_one = "second_derivatives" in name
        least = 1 if grid else suite.QUICK_MINIMIZED if one_by_one else most
        assert least <= quick.replicas <= (suite.QUICK_MINIMIZED if one_by_one else most)
        quick.replicas = whole.replicas
        assert quick == whole


def test_damage_is_named_and_ends_that_experiment_alone(few, tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, tmp_path) == 0
    (found,) = tmp_path.glob(f"{FEW[0]}/*/replicas.csv")
    found.write_text("".join(found.read_text().splitlines(keepends=True)[:-1]))
    (read,) = tmp_path.glob(f"{FEW[1]}/*/replicas.csv")
    make_all = suite.make_all

    def damaged_before_it_is_read(*jobs):
        made = make_all(*jobs)
        read.unlink()
        return made

    monkeypatch.setattr(suite, "make_all", damaged_before_it_is_read)
    capsys.readouterr()
    assert run(monkeypatch, tmp_path) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if ": failed: " in line]
    assert len(lines) == 2
    for line, name, path in zip(lines, FEW, (found, read), strict=False):
        assert line.startswith(f"{name}: failed: ")
        assert f"{path} is damaged: " in line
        assert "rerun=true" in line
    table = pd.read_csv(tmp_path / "claims.csv").set_index("experiment")
    assert set(table["decided_by"][[FEW[0]]]) == {"not run"}
    assert table["decided_by"][[FEW[1]]].str.startswith(f"{FEW[1]}: replicas.csv is damaged").all()
    assert (table["n"][[FEW[2]]] > 0).all()


def test_a_run_that_fails_is_named_and_the_others_are_kept(few, tmp_path, monkeypatch, capsys):
    blocked = tmp_path / "nature1986" / "equations"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file where a folder should be")
    assert run(monkeypatch, tmp_path) == 1
    assert "nature1986/equations: failed" in capsys.readouterr().err
    assert len(list(tmp_path.rglob("record.json"))) == len(FEW) - 1


def test_a_draft_is_named_at_the_start_and_does_not_stop_the_others(tmp_path, monkeypatch, capsys):
    folder = shutil.copytree(experiments.FOLDER, tmp_path / "conf")
    (folder / "nature1986/draft.yaml").write_text("\t", encoding="utf-8")
    monkeypatch.setattr(experiments, "FOLDER", folder)
    monkeypatch.setattr(suite, "experiment_names", lambda: ["nature1986/draft", FEW[-1]])
    assert run(monkeypatch, tmp_path / "runs") == 1
    told = [line for line in capsys.readouterr().err.splitlines() if "draft" in line]
    file = "conf/experiment/nature1986/draft.yaml"
    assert told == [f"nature1986/draft is left out: {file}: line 1: a tab; indent with spaces"]
    assert len(list((tmp_path / "runs").glob(f"{FEW[-1]}/*/record.json"))) == 1
    assert (tmp_path / "runs" / "claims.csv").exists()


@pytest.mark.parametrize("problem", ["paper", "point", "experiments"])
def test_what_no_run_can_mend_is_refused_before_the_first(
    few, tmp_path, monkeypatch, capsys, problem
):
    said = f"papers/nature1986.yaml: what is wrong with the {problem}"

    def refuse(*_):
        raise FileError(said)

    if problem == "paper":
        monkeypatch.setattr(suite, "read_papers", refuse)
    elif problem == "point":
        monkeypatch.setattr(suite, "wrong_points", lambda papers, configs: iter([said]))
    else:
        monkeypatch.setattr(suite, "overrides_of", lambda *_: ["replicas=0"])
        said = "replicas=0: allowed is"
    assert run(monkeypatch, tmp_path) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(said)
    assert told.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
