"""Pictures are drawn from kept files alone: the same bytes each time, and nothing left out."""

import hashlib
import json
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reproduce.file.finished import open_run
from reproduce.file.paper import printed, read_paper
from reproduce.file.place import ROOT
from reproduce.page import draw as figure
from reproduce.page.draw import our_nets
from reproduce.page.net import draw_net
from reproduce.page.page import NEGATIVE, POSITIVE, page, png
from reproduce.page.population import draw_distribution
from reproduce.page.report import draw
from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment
from reproduce.units.plan import plan
from reproduce.verdict.kept import read_kept

OLDER_PROCESSOR = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA",
}
DRAW_AGAIN = """
import hashlib, json, sys
from pathlib import Path
from reproduce.verdict.kept import read_kept
from reproduce.page.report import draw
from reproduce.file.finished import open_run
drawn = {}
for folder in sys.argv[1:]:
    drawn |= draw(read_kept(open_run(Path(folder))))
print(json.dumps({path.name: hashlib.sha256(drawn[path]).hexdigest() for path in drawn}))
"""


def python(code: str, *words: str, **environment: str) -> str:
    command = [sys.executable, "-c", code, *words]
    settings = {"cwd": ROOT, "env": os.environ | environment, "timeout": 120}
    done = subprocess.run(command, capture_output=True, text=True, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(out: Path, name: str, *overrides: str) -> Path:
    config = compose_experiment([f"experiment={name}", "device=cpu", f"out={out}", *overrides])
    return run_experiment(config, "a command", lambda sweeps: None).folder


@pytest.fixture(scope="module")
def population(tmp_path_factory) -> Path:
    """A run of which some starts have solved the task and some have not."""
    short = ("replicas=24", "run.sweeps=400", "run.keep_sweeps=[200]", "rule.update=sweep")
    folder = made(tmp_path_factory.mktemp("runs"), "pdp1986/xor_direct/targets_0_1", *short)
    solved = read_kept(open_run(folder)).replicas["sweeps_to_solve"].notna()
    assert 0 < solved.sum() < 24
    return folder


def test_a_kept_run_is_drawn_with_the_same_bytes_each_time_and_in_another_process(
    population, tmp_path
):
    folders = [population, made(tmp_path, "nature1986/equations", "replicas=3")]
    runs = [read_kept(open_run(folder)) for folder in folders]
    drawn = {path: data for run in runs for path, data in draw(run).items()}
    assert {path: path.read_bytes() for path in drawn} == drawn  # as the run itself drew them
    hashed = {path.name: hashlib.sha256(data).hexdigest() for path, data in drawn.items()}
    names = ("answers", "curves", "errors", "net", "sweeps_to_solve")
    assert sorted(hashed) == sorted(f"{name}.png" for name in names)
    other = {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo", **OLDER_PROCESSOR}
    elsewhere = python(DRAW_AGAIN, *map(str, folders), **other)
    assert json.loads(elsewhere) == hashed


def test_the_last_bits_of_a_place_leave_no_trace():
    """Processors differ in them: in what the layout computes, say."""
    drawn = []
    for left in (0.1, np.nextafter(0.1, 1)):
        drawing, (axes,) = page(3, 2)
        drawing.set_layout_engine("none")
        axes.set_position([left, 0.1, 0.8, 0.8])
        axes.plot([0, 1], [1, 2])
        drawn.append(png(drawing))
    assert drawn[0] == drawn[1]


def test_neither_comparing_nor_refusing_a_config_imports_torch():
    modules = ("reproduce.compare", "reproduce.page.rebuild", "reproduce.run.command")
    python(f"import sys, {', '.join(modules)}; assert 'torch' not in sys.modules")


def texts(axes) -> list[str]:
    return sorted(text.get_text() for text in axes.texts)


def test_figure_1_is_redrawn_with_every_printed_number():
    net = printed("nature1986/figure1")
    drawn = plan(
        {"input": 6, "hidden": 2, "output": 1}, {"hidden": ["input"], "output": ["hidden"]}
    )
    _, (axes,) = page(5, 4)
    draw_net(axes, drawn, net, "printed")
    links = ["14.2", "-3.6", "7.2", "-7.2", "3.6", "-14.2"]
    links += ["-14.2", "3.6", "-7.1", "7.1", "-3.6", "14.2", "-8.8", "-8.8"]
    assert texts(axes) == sorted([*links, "-1.1", "-1.1", "6.4"])
    assert len(axes.patches) == 6 + 2 + 1
    assert Counter(line.get_color() for line in axes.lines) == {POSITIVE: 6, NEGATIVE: 8}


def distribution(times: list[float], sweeps: int) -> tuple[int, int, str]:
    """What the distribution shows: solved and unsolved replicas, and the legend."""
    drawn = draw_distribution(pd.DataFrame({"sweeps_to_solve": times}), sweeps, 1425, "title")
    (axes,) = drawn.axes
    (unsolved,) = axes.containers[-1]
    solved = sum(bar.get_height() for bar in axes.containers[0])
    return solved, unsolved.get_height(), " | ".join(axes.get_legend_handles_labels()[1])


@pytest.mark.parametrize("sweeps", [1, 2, 3, 7, 10, 300, 1000, 1425, 6587, 10_000, 25_000])
def test_the_distribution_leaves_no_replica_out(sweeps):
    times = [0.0, 1.0, *range(1, sweeps + 1, max(1, sweeps // 50)), sweeps, math.nan, math.nan]
    solved, unsolved, legend = distribution(times, sweeps)
    assert (solved, unsolved) == (len(times) - 2, 2)
    assert "published: 1,425" in legend


def test_our_net_is_drawn_beside_the_printed_one_only_where_it_is_trained(tmp_path):
    paper = read_paper("nature1986")
    kept = read_kept(open_run(made(tmp_path, "nature1986/symmetry/published")))
    (only,) = figure.draw(kept.record, kept.replicas, kept.curves, kept.grid, kept.example, paper)[
        "net"
    ].axes
    assert only.get_title().startswith("printed")
    network = kept.record["config"]["network"]
    ours = our_nets(plan(network["groups"], network["links"]), kept.replicas)
    assert list(ours.values()) == [paper.weights["figure1"]]  # this run is the printed net itself


def test_an_empty_population_is_drawn_too():
    assert distribution([math.nan] * 5, 100)[:2] == (0, 5)
