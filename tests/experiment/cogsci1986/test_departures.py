"""The readings of the family-tree maps: outcomes counted by hand, departures and their order."""

import io
import json
import math
from pathlib import Path

import pandas as pd
import pytest

from reproduce.experiment.cogsci1986.family_trees import departures as of
from reproduce.experiment.cogsci1986.family_trees.departures import MAPS, OWN, PRINTED
from reproduce.file.experiments import experiment_names
from reproduce.page import report as reporting
from reproduce.verdict.kept import Kept

NEVER, KEYS = math.nan, ("init", "decay", "alpha", "epsilon")
PLACE = "cogsci1986/departures.csv"
# a net that does all that is printed: without decay in 573 sweeps, with it 4 or 3 of 4
FINE = {
    **{"sweeps_to_solve": [500.0] * 40 + [600.0] * 40},
    **{"sweeps_to_within_0.21": [700.0] * 40 + [NEVER] * 40},
    **{"trained_right_after_1500": [100.0] * 80},
    **{"trained_strict_after_1500": [100.0] * 20 + [99.0] * 60},
    **{"held_out_right_after_1500": [3.0] * 40 + [4.0] * 40},
}
NOTHING = {name: [NEVER if "sweeps_to" in name else 0.0] * 80 for name in FINE}


def map_of(points: dict[tuple, dict], end: str = "", grid=KEYS, **constants) -> Kept:
    """A kept map; points: (init, decay, alpha, epsilon) -> columns. grid: the keys it varies."""
    tables = [
        pd.DataFrame({**{key: at for key, at in zip(KEYS, point, strict=True) if key in grid}, **q})
        for point, q in points.items()
    ]
    values = {key: sorted({p[place] for p in points}) for place, key in enumerate(KEYS)}
    rule = {"epsilon": 0.01, "alpha": 0.9, "decay": 0.002, "update": "sweep"}
    config = {
        "grid": {"update": [], **{key: values[key] if key in grid else [] for key in KEYS}},
        "network": {"init": 0.3},
        "rule": rule | constants,
    }
    record = {
        **{"experiment": MAPS + end, "command": f"python -m reproduce experiment={MAPS}{end}"},
        **{"config": config, "replicas": 80, "seed": 0, "device": "cpu", "threads": 1},
        **{"wall_seconds": 1.0, "packages": {"torch": "2"}},
    }
    replicas = pd.concat(tables).rename_axis("replica")
    return Kept(Path(), record, replicas, None, pd.DataFrame() if grid else None)


def found(*maps: Kept) -> pd.DataFrame:
    return of.departures(of.points_of({run.experiment: run for run in maps}))


def reading(fine=FINE, decayed=FINE, init=0.3, alpha=0.9, epsilon=0.01, decay=0.002) -> dict:
    return {(init, 0.0, alpha, epsilon): fine, (init, decay, alpha, epsilon): decayed}


def test_a_reading_that_does_all_that_is_printed_agrees_with_all():
    (row,) = found(map_of(reading())).to_dict(orient="records")
    assert row == {
        **{"experiment": MAPS, "epsilon": 0.01, "alpha": 0.9, "init": 0.3, "decay": 0.002},
        **{"departures": 0, "epsilon_ratio": 1.0, "agrees_with": 3},
        **{"H7_median": 500, "H7_low": 500, "H7_high": 600, "H7_n": 80, "H7_agrees": True},
        **{"H3_share": 1.0, "H3_n": 80, "H3_agrees": True},
        **{"H7_near_median": 700, "H3_strict_share": 0.25},
        **{"H8_0_of_4": 0, "H8_1_of_4": 0, "H8_2_of_4": 0, "H8_3_of_4": 0.5, "H8_4_of_4": 0.5},
        **{"H8_low": 3, "H8_high": 4, "H8_n": 80, "H8_agrees": True},
    }


@pytest.mark.parametrize(
    ("times", "agrees"),
    [
        ([572.0] * 80, False),
        ([573.0] * 80, True),
        ([574.0] * 80, False),
        ([574.0] * 79 + [1.0], False),  # of 80, one is outside the central 95%
        ([574.0] * 78 + [1.0] * 2, True),
        ([500.0] * 79 + [NEVER], False),
        ([500.0] * 78 + [NEVER] * 2, True),  # never is later than 573
        ([500.0] * 40 + [NEVER] * 40, True),
        ([500.0] * 39 + [NEVER] * 41, False),  # most never get there
        ([NEVER] * 80, False),
    ],
)
def test_573_sweeps_are_looked_for_without_decay(times, agrees):
    (row,) = found(map_of(reading(FINE | {"sweeps_to_solve": times}))).to_dict(orient="records")
    assert (row["H7_agrees"], row["agrees_with"]) == (agrees, 2 + agrees)
    with_decay = found(map_of(reading(decayed=FINE | {"sweeps_to_solve": times})))
    assert with_decay["H7_agrees"].all()


@pytest.mark.parametrize(("k", "agrees"), [(39, False), (40, True), (80, True)])
def test_half_of_the_replicas_have_to_learn_with_decay(k, agrees):
    columns = FINE | {"trained_right_after_1500": [100.0] * k + [99.0] * (80 - k)}
    columns["trained_strict_after_1500"] = [100.0] * (k - 1) + [99.0] * (81 - k)
    (row,) = found(map_of(reading(decayed=columns))).to_dict(orient="records")
    assert (row["H3_agrees"], row["H3_share"]) == (agrees, k / 80)
    assert row["H3_strict_share"] == (k - 1) / 80
    assert found(map_of(reading(fine=columns)))["H3_agrees"].all()


@pytest.mark.parametrize(
    ("learned", "held_out", "agrees", "n"),
    [
        (40, [3.0] * 20 + [4.0] * 20, True, 40),
        (39, [3.0] * 20 + [4.0] * 19, False, 39),  # too few have learned
        (80, [3.0] * 80, False, 80),
        (80, [0.0] * 40 + [4.0] * 40, True, 80),
        (80, [1.0] * 10 + [2.0] * 30 + [4.0] * 40, True, 80),
        (80, [3.0] * 79 + [4.0], False, 80),
        (80, [3.0] * 78 + [4.0] * 2, True, 80),
        (0, [], False, 0),
    ],
)
def test_4_and_3_have_to_be_usual_among_those_that_have_learned(learned, held_out, agrees, n):
    rest = 80 - learned
    columns = FINE | {"trained_right_after_1500": [100.0] * learned + [99.0] * rest}
    columns["held_out_right_after_1500"] = held_out + ([3.0, 4.0] * 40)[:rest]
    (row,) = found(map_of(reading(decayed=columns))).to_dict(orient="records")
    assert (row["H8_agrees"], row["H8_n"]) == (agrees, n)
    shares = [held_out.count(k) / n if n else math.nan for k in range(5)]
    assert [row[f"H8_{k}_of_4"] for k in range(5)] == pytest.approx(shares, nan_ok=True)


@pytest.mark.parametrize(
    ("changed", "departs", "ratio"),
    [
        ({}, 0, 1),
        ({"epsilon": 0.1}, 1, 10),
        ({"epsilon": 0.001}, 1, 10),
        ({"init": 1.0}, 1, 1),
        ({"decay": 0.0002}, 1, 1),
        ({"alpha": 0.95, "epsilon": 0.03}, 2, 3),
        ({"alpha": 0.95, "epsilon": 0.03, "init": 1.0, "decay": 0.0002}, 4, 3),
    ],
)
@pytest.mark.parametrize(("end", "own"), [("", 0), ("/masked", 0), ("/plain", 1), ("/figure8", 0)])
def test_departures_are_the_settings_that_differ_and_what_the_map_does_itself(
    changed, departs, ratio, end, own
):
    (row,) = found(map_of(reading(**changed), end)).to_dict(orient="records")
    assert (row["departures"], row["agrees_with"]) == (departs + own, 3)
    assert row["epsilon_ratio"] == pytest.approx(ratio)


def test_readings_come_by_agreement_then_departures_then_the_step():
    points = reading(NOTHING, NOTHING) | reading(epsilon=0.1) | reading(epsilon=0.03)
    points |= reading(alpha=0.95, init=1.0) | reading(NOTHING, epsilon=0.02)
    table = found(map_of(points), map_of(reading(), "/plain"), map_of(reading(), "/figure8"))
    order = table[["experiment", "epsilon", "departures", "agrees_with"]].to_numpy().tolist()
    assert order == [
        [f"{MAPS}/figure8", 0.01, 0, 3],
        [f"{MAPS}/plain", 0.01, 1, 3],
        [MAPS, 0.03, 1, 3],
        [MAPS, 0.1, 1, 3],
        [MAPS, 0.01, 2, 3],
        [MAPS, 0.02, 1, 2],
        [MAPS, 0.01, 0, 0],
    ]


def test_both_amounts_of_decay_share_what_is_measured_without():
    points = reading(NOTHING) | {(0.3, 0.0002, 0.9, 0.01): NOTHING}
    table = found(map_of(points))
    order = table[["decay", "departures", "agrees_with"]].to_numpy().tolist()
    assert order == [[0.002, 0, 2], [0.0002, 1, 0]]
    assert table["H7_n"].tolist() == [80, 80]


def test_what_was_not_tried_agrees_with_nothing_and_departs_in_nothing():
    without, decayed = {(0.3, 0.0, 0.9, 0.1): FINE}, {(0.3, 0.002, 0.9, 0.01): FINE}
    maps = (map_of(decayed), map_of(without, "/plain"))
    table = found(*maps)
    assert table["agrees_with"].tolist() == [2, 1]
    assert table["departures"].tolist() == [0, 2]
    missing = table[["H7_agrees", "H8_agrees"]].isna().to_numpy().tolist()
    assert missing == [[True, False], [False, True]]
    cells = rows_of(*maps)
    assert [row[4] for row in cells] == ["not tried", "**500 [500, 600]**"]
    assert [row[6] for row in cells] == ["**0% 0% 0% 50% 50% of 80**", "not tried"]


def rows_of(*maps: Kept) -> list[list[str]]:
    """The cells of each row of the table in the text of the section."""
    text, _ = of.section({run.experiment: run for run in maps})
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def test_where_none_has_learned_there_are_no_shares_of_the_held_out_cases():
    (row,) = rows_of(map_of(reading(decayed=NOTHING)))
    assert row[5:7] == ["0% of 80", "none has learned"]


def test_a_setting_that_a_map_does_not_vary_is_that_of_its_rule_or_network():
    varied = reading(init=1.5, alpha=0.98, epsilon=0.1)
    run = map_of(varied, "/fan_in", ("decay", "epsilon"), alpha=0.98)
    run.record["config"]["network"]["init"] = 1.5
    pd.testing.assert_frame_equal(found(run), found(map_of(varied, "/fan_in")))


def test_every_map_that_there_is_is_known():
    ends = [name.removeprefix(MAPS) for name in experiment_names() if name.startswith(MAPS)]
    assert set(ends) <= OWN.keys()


def test_maps_that_cannot_be_read_are_an_error():
    with pytest.raises(ValueError, match=f"{MAPS}/other: known maps are {MAPS}, {MAPS}/masked"):
        found(map_of(reading(), "/other"))
    more = map_of(reading())
    more.record["config"]["grid"]["update"] = ["sweep", "presentation"]
    with pytest.raises(ValueError, match=f"{MAPS}: update is none of {', '.join(PRINTED)}"):
        found(more)
    for lacking in FINE:
        columns = {name: column for name, column in FINE.items() if name != lacking}
        with pytest.raises(ValueError, match=f"{MAPS} has no quantity {lacking}$"):
            found(map_of(reading(columns, columns)))


def test_the_report_has_the_table_where_a_map_is_kept_and_not_otherwise(tmp_path, monkeypatch):
    monkeypatch.setattr(reporting, "draw", lambda run: {})
    strict = FINE | {"trained_strict_after_1500": [100.0] * 40 + [99.0] * 40}
    steps = {}
    for n in range(20):
        steps |= reading(decayed=strict if n < 3 else FINE, epsilon=0.01 * (n + 1))
    runs = {run.experiment: run for run in (map_of(steps), map_of(reading(NOTHING), "/plain"))}
    files = reporting.report([], runs, tmp_path)
    read = pd.read_csv(io.BytesIO(files[tmp_path / PLACE]))
    table = found(*runs.values())
    pd.testing.assert_frame_equal(read, table, check_dtype=False)
    page = files[tmp_path / "README.md"].decode()
    assert "42 points were tried, which gives 21 readings" in page
    assert "20 of them agree with all three outcomes" in page
    assert ", 3 of the readings have all cases right in half of their nets" in page
    assert f"[{PLACE}]({PLACE})" in page
    lines = [line for line in page.splitlines() if line.startswith("| family_trees_map")]
    assert len(lines) == 15
    assert "epsilon 0.01, alpha 0.9, init 0.3, decay 0.002" in lines[0]
    cells = [cell.strip() for cell in lines[0].split("|")[3:-1]]
    assert cells == ["0", "**500 [500, 600]**", "**100% of 80**", "**0% 0% 0% 50% 50% of 80**", "3"]
    assert json.loads(files[tmp_path / "claims.json"]) == []

    without = reporting.report([], {}, tmp_path)
    assert tmp_path / PLACE not in without
    assert PLACE not in without[tmp_path / "README.md"].decode()
