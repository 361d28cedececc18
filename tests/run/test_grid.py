"""A grid of settings as one population: each point is the run of that point alone."""

import importlib
import itertools
import sys

import pandas as pd
import pytest
import scipy.stats
import torch
from statsmodels.stats.proportion import proportion_confint
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from reproduce.page.grid import draw_grid
from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.run.make import run_experiment

GRID = {  # in the order of the schema, the last changing fastest
    "update": ["sweep", "presentation"],
    "init": [2.0, 0.3],
    "decay": [0.0, 0.001],
    "alpha": [0.0, 0.9],
    "epsilon": [0.5, 0.1],
}
XOR = ["experiment=pdp1986/xor", "measure=[]", "run.keep_sweeps=[]", "device=cpu"]


def listed(name: str, values: list) -> str:
    return f"grid.{name}=[{','.join(map(str, values))}]"


def alone(point: dict) -> list[str]:
    sections = {name: "network" if name == "init" else "rule" for name in point}
    return [f"{sections[name]}.{name}={value}" for name, value in point.items()]


def trained(*overrides: str):
    made = make_population(compose_experiment([*XOR, *overrides]), torch.device("cpu"))
    *_, last = made.train(made.start())
    return made, last


def made_run(out, *words: str):
    """The folder of a finished run."""
    config = compose_experiment([*XOR, *words, f"out={out}"])
    return run_experiment(config, "command", lambda sweeps: None).folder


@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("keys", [list(GRID), ["update", "alpha"]], ids="-".join)
def test_each_point_is_the_run_of_that_point_alone(keys, engine):
    rest = ["replicas=3", "run.sweeps=12", f"engine={engine}", "run.tolerances=[0.45]"]
    made, grid = trained(*rest, *(listed(name, GRID[name]) for name in keys))
    points = [
        dict(zip(keys, values, strict=True))
        for values in itertools.product(*(GRID[name] for name in keys))
    ]
    assert made.replicas == 3 * len(points)
    for place, point in enumerate(points):
        _, single = trained(*rest, *alone(point))
        mine = slice(3 * place, 3 * place + 3)
        assert torch.equal(grid.weights[:, mine], single.weights), point
        assert torch.equal(grid.velocity[:, mine], single.velocity), point
        assert torch.equal(grid.first[:, mine], single.first), point
        for sweep, (row,) in single.curves.items():
            assert grid.curves[sweep][place] == row, point
    assert len(grid.weights.unique(dim=1).T) == made.replicas


def test_a_grid_on_the_command_line_in_another_order_is_the_same_grid():
    _, one = trained("replicas=2", "run.sweeps=5", "grid.alpha=[0.5,0.1]", "grid.init=[1,2]")
    _, other = trained("replicas=2", "run.sweeps=5", "grid.init=[1,2]", "grid.alpha=[0.5,0.1]")
    assert torch.equal(one.weights, other.weights)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run of six points, in which some nets learn, and none at the smallest step."""
    words = ["replicas=21", "run.sweeps=150", "run.tolerances=[0.4]", "network.init=1"]
    words += ["grid.epsilon=[0.001,0.5,1.5]", "grid.update=[sweep,presentation]"]
    return made_run(tmp_path_factory.mktemp("grid"), *words, "engine=eager")


def points_of(table: pd.DataFrame) -> list[tuple]:
    return list(dict.fromkeys(zip(table["update"], table["epsilon"], strict=True)))


POINTS = list(itertools.product(["sweep", "presentation"], [0.001, 0.5, 1.5]))


def test_tables_have_the_settings_and_every_replica(run):
    replicas, curves, grid = (
        pd.read_csv(run / f"{name}.csv") for name in ("replicas", "curves", "grid")
    )
    assert list(replicas)[:3] == ["replica", "update", "epsilon"]
    assert replicas["replica"].tolist() == list(range(21)) * 6
    assert points_of(replicas) == points_of(curves) == points_of(grid) == POINTS
    assert len(grid) == 6
    assert (replicas.groupby(["update", "epsilon"]).size() == 21).all()
    assert list(curves)[:3] == ["update", "epsilon", "sweep"]
    sweeps = {tuple(group["sweep"]) for _, group in curves.groupby(["update", "epsilon"])}
    assert len(sweeps) == 1
    assert curves["sweep"].min() == 0
    assert curves["sweep"].max() == 150
    last = curves[curves["sweep"] == 150].set_index(["update", "epsilon"])
    for point, group in replicas.groupby(["update", "epsilon"]):
        assert last.loc[point, "right"] == group["right_at_end"].sum()
        median = group["error_at_end"].median()
        assert last.loc[point, "error_median"] == pytest.approx(median, rel=1e-5)


def test_the_rows_of_grid_csv_follow_from_replicas_csv(run):
    replicas, grid = (pd.read_csv(run / f"{name}.csv") for name in ("replicas", "grid"))
    for (_, row), (update, epsilon) in zip(grid.iterrows(), POINTS, strict=True):
        here = replicas[(replicas["epsilon"] == epsilon) & (replicas["update"] == update)]
        assert row["replicas"] == 21
        for name in ("solved_by_150", "right_at_end", "diverged"):
            low, high = proportion_confint(int(here[name].sum()), 21, method="wilson")
            found = [row[name], row[f"{name}_low"], row[f"{name}_high"]]
            assert found == pytest.approx([here[name].mean(), low, high], abs=1e-12)
        for name in ("sweeps_to_solve", "sweeps_to_within_0.4", "error_at_end"):
            numbers = here[name].fillna(float("inf")).to_numpy()
            interval = scipy.stats.quantile_test(numbers, p=0.5).confidence_interval(0.95)
            truth = [sorted(numbers)[10], interval.low, interval.high]
            truth = [float("nan") if value == float("inf") else value for value in truth]
            found = [row[name], row[f"{name}_low"], row[f"{name}_high"]]
            assert found == pytest.approx(truth, nan_ok=True), name
            assert row[f"{name}_missing"] == here[name].isna().sum()
    assert grid["sweeps_to_solve"].isna().any()
    assert grid["sweeps_to_solve"].notna().any()


def cells(figure) -> list[list[str]]:
    """The words in the cells of each map."""
    return [[text.get_text() for text in axes.texts] for axes in figure.axes if axes.texts]


@pytest.mark.parametrize("keys", [["update", "epsilon"], ["alpha", "update", "epsilon"]])
def test_a_map_has_one_cell_a_point(run, keys):
    grid = pd.read_csv(run / "grid.csv")
    if "alpha" in keys:
        both = [grid.assign(alpha=alpha) for alpha in (0.1, 0.9)]
        grid = pd.concat(both, ignore_index=True)
    for name, figure in draw_grid(grid, keys, 150, "title").items():
        shown = [word for words in cells(figure) for word in words]
        assert len(shown) == len(grid), name
        if name == "grid_sweeps":
            assert shown.count("later") == grid["sweeps_to_solve"].isna().sum() > 0
        else:
            expected = sorted(f"{value:.2f}" for value in grid["solved_by_150"])
            assert sorted(shown) == expected


def test_the_pictures_are_kept_and_shown(run):
    names = {"grid_solved", "grid_sweeps"}
    files = {path.name: path.read_bytes() for path in (run / "figures").iterdir()}
    assert set(files) == {f"{name}.png" for name in names}
    assert all(content.startswith(b"\x89PNG") for content in files.values())
    shown = EventAccumulator(str(run))
    shown.Reload()
    assert names <= set(shown.Tags()["images"])


@pytest.mark.parametrize("grid", [["grid.epsilon=[0.1,0.2]"], []])
def test_a_grid_in_which_no_net_learns_is_a_finished_run(tmp_path, grid):
    words = [*grid, "grid.alpha=[0.1,0.2]", "replicas=2", "run.sweeps=2"]
    folder = made_run(tmp_path, *words, "engine=eager")
    assert pd.read_csv(folder / "grid.csv")["sweeps_to_solve"].isna().all()


def test_a_grid_of_one_key_is_drawn_as_a_line_with_each_point(tmp_path):
    words = ["grid.init=[0.1,1.0,2.0]", "replicas=4", "run.sweeps=3", "engine=eager"]
    grid = pd.read_csv(made_run(tmp_path, *words) / "grid.csv")
    assert grid["init"].tolist() == [0.1, 1.0, 2.0]
    figure = draw_grid(grid, ["init"], 3, "title")["grid_solved"]
    (axes,) = figure.axes
    assert axes.lines[0].get_ydata().tolist() == grid["solved_by_3"].tolist()


REFUSED = [
    (["grid.epsilon=[1.0]", "run.sweeps=0"], "grid.epsilon"),
    (["grid.epsilonn=[1.0]"], "grid.epsilon"),
    (["grid.epsilon=[0.1,0.2,0.1]"], "different"),
    (["grid.epsilon=[0.1,0.10000000001]"], "different"),
    (["grid.update=[sweep,sweep]"], "grid.update"),
    (["grid.update=[batch]"], "presentation"),
    (["grid.epsilon=[0.1,0]"], "above 0"),
    (["grid.alpha=[1.0]"], "below 1"),
    (["grid.decay=[-0.1]"], "from 0"),
    (["grid.init=[-1]"], "from 0"),
    (["grid.init=[.inf]"], "grid.init"),
    (["grid.epsilon=0.1"], "grid.epsilon"),
    (["grid.epsilon=[0.1]", "rule.epsilon=[0.1,0.2]"], "one value"),
    (["grid.init=[0.1]", "network.init=[0.1,0.2]"], "one value"),
]


@pytest.mark.parametrize(("words", "named"), REFUSED, ids=lambda value: " ".join(value)[:60])
def test_a_grid_that_cannot_be_run_ends_with_2_and_nothing_written(
    words, named, tmp_path, monkeypatch, capsys
):
    program = importlib.import_module("reproduce.run.command")
    out = tmp_path / "runs"
    monkeypatch.setattr(sys, "argv", ["reproduce", *XOR, "replicas=2", *words, f"out={out}"])
    assert program.main() == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert named in said.err
    assert not out.exists()
