"""Pictures of sequence models hold the numbers of their tables."""

import numpy as np
import pandas as pd
import pytest

from reproduce.file.paper import read_paper
from reproduce.page.sequence import (
    draw_learning,
    draw_maps,
    published_curve,
)

PRINTED = {1: 1.9, 2: 1.6, 3: 1.4}


def curves(steps: list[int], **point) -> pd.DataFrame:
    rows = []
    for number, step in enumerate(steps, 1):
        row = point | {"step": step, "replicas": 5, "rate": 0.1}
        for what in ("loss", "accuracy"):
            row |= {f"{what}_median": number / 10, f"{what}_low": 0.05, f"{what}_high": 0.5}
        rows.append(row)
    return pd.DataFrame(rows)


def lines(axes) -> dict[str, list]:
    return {line.get_label(): line.get_xydata().tolist() for line in axes.lines}


def test_a_learning_curve_is_the_median_of_each_test_beside_the_printed_run():
    left, right = draw_learning(curves([20, 40, 60]), [], PRINTED, "copy").axes
    assert lines(left)["median and range"] == [[20, 0.1], [40, 0.2], [60, 0.3]]
    assert lines(left)["published run"] == [[20, 1.9], [40, 1.6], [60, 1.4]]
    assert list(lines(right)) == ["median and range"]


@pytest.mark.parametrize("steps", [[20], [20, 40, 60, 80]])
def test_the_printed_run_is_left_out_where_the_tests_are_others(steps):
    left, _ = draw_learning(curves(steps), [], PRINTED, "copy").axes
    assert list(lines(left)) == ["median and range"]


def test_every_grid_point_has_its_curve_however_many_there_are():
    table = pd.concat([curves([20, 40], N=N) for N in range(1, 9)])
    left, _ = draw_learning(table, ["N"], {}, "recall").axes
    assert list(lines(left)) == [f"N = {N}" for N in range(1, 9)]


def test_the_printed_losses_of_the_copy_task_are_found_for_its_readings_alone():
    paper = read_paper("attention2017")
    found = published_curve(paper, "attention2017/copy")
    assert [found[number] for number in range(1, 11)] == [
        *(1.927, 1.658, 1.489, 1.349, 0.985, 0.569, 0.343, 0.261, 0.432, 0.273)
    ]
    assert published_curve(paper, "attention2017/copy/post_norm") == found
    assert published_curve(paper, "attention2017/sort") == {}


def test_a_map_has_a_panel_for_every_head_of_every_layer():
    weights = np.arange(12).reshape(1, 1, 3, 4) / 12 + np.zeros((3, 2, 1, 1))
    figure = draw_maps({"source": [1, 2, 3, 4], "maps": weights.tolist()}, "copy")
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert len(shown) == 6
    assert all((image == weights[0, 0]).all() for image in shown)
    names = [axes.get_ylabel() for axes in figure.axes if axes.get_ylabel()]
    assert names == ["encoder 1", "decoder 1,\nself", "decoder 1,\nsource"]
