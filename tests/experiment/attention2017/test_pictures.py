"""The pictures of what single experiments ask of a sequence model."""

import pandas as pd
import pytest

from reproduce.experiment.attention2017 import distance, head_roles, induction
from reproduce.page.sequence import COLOURS


def drawn(module, rows: list[dict], task: dict | None = None):
    """The one picture that a module draws of replicas."""
    record = {"experiment": "paper/experiment", "config": {"task": task}}
    (figure,) = module.draw(record, pd.DataFrame(rows), None, None).values()
    return figure


def lines(axes) -> dict[str, list]:
    return {line.get_label(): line.get_xydata().tolist() for line in axes.lines}


def test_distance_is_drawn_against_both_the_distance_and_the_path():
    rows = [
        {"mixer": mixer, "distance": d, "path_length": path, "test_accuracy": right}
        | {"in_reach": float(d < 4)}
        for mixer, paths in {"attention": (1, 1), "recurrent": (2, 4)}.items()
        for d, path in zip((2, 4), paths, strict=True)
        for right in (0.25, 0.5, 1.0)
    ]
    left, right = drawn(distance, rows, {"symbols": 8}).axes
    assert lines(left)["recurrent"] == [[2, 0.5], [4, 0.5]]
    assert lines(right)["attention"] == [[1, 0.5]]
    assert lines(left)["chance"][0][1] == 1 / 8
    faces = {line.get_xdata()[0]: line.get_markerfacecolor() for line in left.lines[1:3]}
    assert faces == {2: COLOURS[0], 4: "white"}


def test_roles_show_each_head_and_what_its_silence_costs():
    head = "layer 1 head 1"
    row = {f"{r} {head}": 0.75 for r in ("agreement", "bracket", "copy")}
    row |= {f"{r}_offset": 0.2 for r in ("agreement", "bracket", "copy")}
    rows = [row | {"test_loss": 1.0, f"loss_without {head}": 1.5}]
    shown = [axes.images[0].get_array() for axes in drawn(head_roles, rows).axes[:4]]
    assert [float(image[0, 0]) for image in shown] == [0.75, 0.75, 0.75, 0.5]


def test_induction_has_a_point_for_every_replica():
    columns = ("test_accuracy", "prefix_matching", "carrier_matching")
    columns += ("accuracy_without_best_head", "accuracy_without_another_head")
    rows = [dict.fromkeys(columns, 0.1 * r) | {"N": 1 + r % 2} for r in range(6)]
    (axes,) = drawn(induction, rows).axes
    found = sorted(x for points in axes.collections for x in points.get_offsets()[:, 0])
    assert found == pytest.approx(sorted(0.1 * r for r in range(6) for _ in columns))
