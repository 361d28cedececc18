"""The pictures of a family-tree net, of a made-up example whose every number is known."""

from collections import Counter

import numpy as np
import pytest
from matplotlib.colors import to_hex

from reproduce.experiment.cogsci1986.family_trees.pictures import CELL, draw_example
from reproduce.page.page import PUBLISHED, png

ENGLISH = ["Christopher", "Andrew", "Arthur", "James", "Charles", "Colin"]
ENGLISH += ["Penelope", "Christine", "Victoria", "Jennifer", "Margaret", "Charlotte"]
ITALIAN = ["Roberto", "Pierro", "Emilio", "Marco", "Tomaso", "Alfonso"]
ITALIAN += ["Maria", "Francesca", "Lucia", "Angela", "Gina", "Sophia"]
RELATIONS = ["father", "mother", "husband", "wife", "son", "daughter"]
RELATIONS += ["uncle", "aunt", "brother", "sister", "nephew", "niece"]
SIZES = {"person": 24, "relation": 12, "person_code": 6, "relation_code": 6}
SIZES |= {"central": 12, "penultimate": 6, "answer": 24}


def only(place: int, size: int) -> list[float]:
    return [float(unit == place) for unit in range(size)]


def made_up(**other) -> dict:
    """Half-active layers; the first person unit's weights are 0 -1 ... -23, the others' 1."""
    activities = {group: [0.5] * size for group, size in SIZES.items()}
    activities |= {"person": only(5, 24), "relation": only(7, 12)}
    right = ["Jennifer", "Margaret"]
    colin = {"person": "Colin", "relation": "aunt", "right": right, "activities": activities}
    example = {
        "replica": 3,
        "replicas": 200,
        "moment": "after_1500",
        "persons": ENGLISH + ITALIAN,
        "relations": RELATIONS,
        "person_weights": [[-float(place) for place in range(24)]] + [[1.0] * 24] * 5,
        "relation_weights": [[2.0] * 12] * 6,
        "person_codes": [["nationality", "branch"]] + [[]] * 5,
        "relation_codes": [[]] * 5 + [["sex of the answer"]],
        "colin_has_aunt": colin,
        "held_out": [
            {"person": "James", "relation": "wife", "right": ["Victoria"], "outputs": only(8, 24)},
            {"person": "Marco", "relation": "wife", "right": ["Lucia"], "outputs": only(8, 24)},
        ],
        "trained_cases": 102,
        "trained_right": 101,
        "held_out_right": 1,
    }
    return example | other


def drawn(example: dict):
    """The one place of each picture by name."""
    figures = draw_example(example, "paper/experiment")
    return {name: figure.axes[0] for name, figure in figures.items()}


def patches(axes, colour: str, filled: bool = True) -> list:
    edge_or_face = "get_facecolor" if filled else "get_edgecolor"
    return [
        patch
        for patch in axes.patches
        if patch.get_fill() == filled and to_hex(getattr(patch, edge_or_face)()) == to_hex(colour)
    ]


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_every_unit_has_a_cell_and_its_square_is_as_large_as_its_activity():
    axes = drawn(made_up())["figure3"]
    assert len(patches(axes, CELL)) == sum(SIZES.values())
    areas = sorted(square.get_width() ** 2 for square in patches(axes, "white"))
    assert len(areas) == 6 + 6 + 12 + 6 + 24 + 2  # Colin and aunt are fully on
    assert areas[-1] / areas[0] == pytest.approx(2)
    assert texts(axes) == [*ENGLISH, *ITALIAN, "Colin", "has aunt"]


def test_the_right_answers_are_framed_where_their_names_stand():
    axes = drawn(made_up())["figure3"]
    frames = [frame.get_x() + 0.5 for frame in patches(axes, PUBLISHED, filled=False)]
    names = {text.get_text(): text.get_position() for text in axes.texts}
    assert frames == [names["Jennifer"][0], names["Margaret"][0]]
    assert {frame.get_y() for frame in patches(axes, PUBLISHED, filled=False)} == {13.4}
    assert names["Jennifer"][1] > 13.4 > names["Angela"][1]


def test_weights_stand_under_their_persons_and_units_are_named_by_what_they_code():
    axes = drawn(made_up())["figure4"]
    assert len(patches(axes, CELL)) == 6 * (24 + 12)
    black = patches(axes, "black")
    areas = np.array([square.get_width() ** 2 for square in black])
    np.testing.assert_allclose(areas, np.arange(24) / 23 * areas.max(), atol=1e-12)
    names = {text.get_text(): text.get_position()[0] for text in axes.texts}
    middles = [square.get_x() + square.get_width() / 2 for square in black]
    assert middles == pytest.approx([names[name] for name in ENGLISH + ITALIAN])
    rows = Counter(round(square.get_y() + square.get_height() / 2, 6) for square in black)
    assert sorted(rows.values()) == [12, 12]
    assert max(rows) == pytest.approx(min(rows) + 1)
    assert {"1  nationality, branch", "6  sex of the answer"} <= set(texts(axes))
    assert "person units, largest weight 23.00" in texts(axes)
    assert "relation units, largest weight 2.00" in texts(axes)


def test_held_out_questions_are_shown_with_the_net_s_answer_and_its_verdict():
    figures = draw_example(made_up(), "paper/experiment")
    axes = figures["figure8"].axes[0]
    asked = ["James has wife: Victoria\nanswered right", "Marco has wife: Lucia\nanswered wrong"]
    assert texts(axes)[:2] == asked
    heights = [frame.get_y() for frame in patches(axes, PUBLISHED, filled=False)]
    assert heights == [3 + 1, 0]  # English above Italian, the first question above the second
    title = "paper/experiment\nreplica 3, chosen as the best of 200, after 1500, "
    title += "right on 101 of 102 trained and 1 of 2 held-out cases"
    assert {figure.get_suptitle() for figure in figures.values()} == {title}


def test_nothing_held_out_and_nothing_learned_are_drawn_too():
    empty = made_up(held_out=[], person_weights=[[0.0] * 24] * 6)
    assert set(drawn(empty)) == {"figure3", "figure4"}
    first, again = (draw_example(empty, "name") for _ in range(2))
    assert {name: png(figure) for name, figure in first.items()} == {
        name: png(figure) for name, figure in again.items()
    }


@pytest.mark.parametrize("name", ["figure3", "figure4", "figure8"])
def test_no_words_run_into_others_or_off_the_page(name):
    example = made_up(replica=9876, replicas=10000, trained_right=102)
    example["person_codes"] = [["nationality", "generation", "branch", "sex"]] * 6
    figure = draw_example(example, "cogsci1986/family_trees_a_reading_with_a_long_name")[name]
    figure.draw_without_rendering()
    page, level = figure.bbox, [t for t in figure.axes[0].texts if t.get_rotation() == 0]
    boxes = [text.get_window_extent() for text in [*figure.axes[0].texts, *figure.texts]]
    assert figure.get_suptitle() in [text.get_text() for text in figure.texts]
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for box in boxes)
    assert all(page.y0 <= box.y0 and box.y1 <= page.y1 for box in boxes)
    boxes = [text.get_window_extent() for text in [*level, *figure.texts]]
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[:n])
