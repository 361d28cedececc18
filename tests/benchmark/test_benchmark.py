"""The harness with a clock of its own, the table, the figure and what is written."""

import sys

import pandas as pd
import pytest
from steady import Absent, Clock, Steady

from benchmark import __main__ as benchmark
from benchmark import measure, nets
from benchmark.measure import ROUNDS, alternate, calibrate, calibrate_at, prepare
from benchmark.picture import LOOKS, draw_benchmark
from benchmark.table import COLUMNS, factor, printed, rows, short
from benchmark.work import symmetry_work
from reproduce.page.page import png


def steady_peers(clock: Clock) -> list[Steady]:
    speeds = [("usual loop", 5e-4, 1), ("JAX jit(vmap(scan))", 5e-4, 50), ("C loop", 1e-4, 1000)]
    return [Steady(clock, *speed) for speed in speeds]


def test_a_call_is_made_to_last_and_too_slow_a_peer_is_left_out(clock):
    peers = [
        *steady_peers(clock),
        Steady(clock, "engine compiled", 0.01, 1000),
        Steady(clock, "engine eager", 4, 1000),
    ]
    entries = prepare(symmetry_work(), 1000, peers, print)
    assert [entry.first_call - 1 for entry in entries] == pytest.approx([5e-4, 5e-4, 1e-4, 0.01, 4])
    assert [calibrate(entry) for entry in entries] == [True] * 4 + [False]
    assert [entry.sweeps for entry in entries] == [600, 600, 3000, 30, 1]
    entries = prepare(symmetry_work(), 1000, peers, print)
    fitting = {n: [calibrate_at(entry, n) for entry in entries] for n in (1, 10, 1000)}
    assert fitting == {
        1: [True] * 4 + [False],
        10: [True] * 4 + [False],
        1000: [True] * 3 + [False] * 2,
    }
    calls = [(entry.sweeps, entry.repeats) for entry in entries[:4]]
    assert calls == [(1000, 1), (1000, 1), (1000, 3), (10, 3)]


def test_peers_take_turns_and_the_ratios_are_those_of_the_rounds(clock):
    entries = prepare(symmetry_work(), 1000, steady_peers(clock), print)
    for entry in entries:
        calibrate(entry)
        entry.peer.order.clear()
    alternate(entries)
    turns = sorted((at, entry.peer.name) for entry in entries for at in entry.peer.order)
    assert [name for _, name in turns] == [entry.peer.name for entry in entries] * ROUNDS
    table = pd.DataFrame(rows("works", symmetry_work(), 1000, entries, {}))
    assert table["net_sweeps_per_second"].tolist() == pytest.approx([2000, 100_000, 10_000_000])
    assert table["ratio_to_usual"].tolist() == pytest.approx([1, 50, 5000])
    assert table["ratio_to_jax"].tolist() == pytest.approx([1 / 50, 1, 100])
    assert table["ratio_to_c_low"].tolist() == pytest.approx([1 / 5000, 1 / 100, 1])
    entries[0].rates = [100.0, 200.0, 300.0]
    entries[2].rates = [1000.0, 1000.0, 6000.0]
    assert measure.ratio(entries[2], entries[0]) == (10, 5, 20)


def test_what_is_written_is_whole_and_the_figure_is_drawn_from_it_alone(
    clock, monkeypatch, tmp_path, capsys
):
    taking_part = [*steady_peers(clock), Absent(clock, "engine compiled", 1, 1)]
    monkeypatch.setattr(nets, "peers", lambda: taking_part)
    monkeypatch.setattr(sys, "argv", ["benchmark", "--only", "nets", "--out", str(tmp_path)])
    benchmark.main()
    told = capsys.readouterr().out
    assert told.count("engine compiled is left out: it is a test\n") == 1
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".png"]
    table = pd.read_csv(tmp_path / "benchmark.csv")
    assert list(table.columns) == COLUMNS
    assert set(table["series"]) == {"works", "replicas", "sweeps", "sizes"}
    absent = [name for name in COLUMNS if name.startswith("ratio_to_jax_tuned")]
    there = table.drop(columns=["jax", "scikit_learn", "compiler", *absent])
    assert there.notna().all(axis=None)
    drawn = draw_benchmark(table)
    assert (tmp_path / "benchmark.png").read_bytes() == png(drawn)
    assert printed(table) in told
    for word in (
        "XOR 2-2-1",
        "family tree",
        "100,000",
        "1/5,000",
        "symmetry 6-32-1",
        "first call",
    ):
        assert word in printed(table)


def test_a_table_in_which_peers_are_missing_is_drawn_and_printed(clock, monkeypatch):
    monkeypatch.setattr(nets, "peers", lambda: steady_peers(clock)[:1])
    table = nets.measure()
    assert table["ratio_to_jax"].isna().all()
    assert "–" in printed(table)
    assert [text.get_text() for text in draw_benchmark(table).legends[0].texts] == ["usual loop"]


def test_every_peer_has_its_look():
    assert {peer.name for peer in nets.peers()} <= LOOKS.keys()


def test_the_conditions_are_columns():
    assert nets.found_here().keys() == set(COLUMNS[COLUMNS.index("cores") :])
    assert nets.found_here()["cores"] >= 1


@pytest.mark.parametrize(
    ("number", "word"),
    [(0.01234, "0.0123"), (4.0, "4"), (789.4, "789"), (1_234_567.0, "1,230,000")],
)
def test_numbers_are_printed_with_three_digits(number, word):
    assert short(number) == word
    assert factor(1 / 3120) == "1/3,120"
