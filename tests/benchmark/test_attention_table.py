"""What is measured of attention with a clock of its own, the table, the figure and the files."""

import sys

import pandas as pd
import pytest
from steady import Absent, Steady

from benchmark import __main__ as benchmark
from benchmark import nets
from benchmark.attention import series
from benchmark.attention.picture import BARS, LOOKS, WORKS, draw_attention
from benchmark.attention.table import COLUMNS, printed
from benchmark.attention.work import BlockWork, characters_work, copy_work
from reproduce.page.page import png

TWO = [(False, False), (True, False), (True, True)]  # backward, causal


@pytest.fixture
def _few(clock, monkeypatch):
    """Of the blocks two lengths, ours 10 ms a call and the others 20; 8 models take 40."""

    def two(first: str, second: str, replicas: int = 1) -> list[Steady]:
        seconds = 0.02 if replicas == 1 else 0.04
        return [Steady(clock, first, 0.01, 1), Steady(clock, second, seconds, replicas)]

    blocks = [
        ("attention", BlockWork(n, *passes), two("ours", "nn.MultiheadAttention"), 1)
        for passes in TWO
        for n in (128, 2048)
    ]
    blocks[0][2].append(Absent(clock, "x-transformers Attention", 1, 1))
    layer = two("our EncoderLayer", "nn.TransformerEncoderLayer")
    cells = [
        *blocks,
        ("layer", BlockWork(128, False, around=True), layer, 1),
        ("training", characters_work(), two("our model", "torch.nn model"), 1),
        ("population", copy_work(64), two("one after the other", "side by side (vmap)", 8), 8),
    ]
    monkeypatch.setattr(series, "cells", lambda: cells)
    monkeypatch.setattr(series, "peak_bytes", lambda call: 3 * 2**20)


@pytest.mark.usefixtures("_few")
def test_times_are_relative_to_ours_and_tokens_those_of_all_models(capsys):
    table = series.measure()
    told = "x-transformers Attention is left out: it is a test"
    assert told in "".join(capsys.readouterr())
    assert list(table.columns) == COLUMNS
    assert (table["rounds"] == series.ROUNDS).all()
    ours, other = table.iloc[0], table.iloc[1]
    assert (ours["n"], ours["work"], ours["threads"]) == (128, "forward", 1)
    figures = ["seconds", "time_to_ours", "time_to_ours_low", "tokens_per_second"]
    assert ours[figures].tolist() == pytest.approx([0.01, 1, 1, 128 / 0.01])
    assert other[figures].tolist() == pytest.approx([0.02, 2, 2, 128 / 0.02])
    together = table[table["peer"] == "side by side (vmap)"].iloc[0]
    assert together[figures].tolist() == pytest.approx([0.005, 0.5, 0.5, 8 * 270 / 0.04])
    assert together[["replicas", "replicas_timed"]].tolist() == [8, 8]


@pytest.mark.usefixtures("_few")
def test_what_is_written_is_whole_and_the_figure_is_drawn_from_it_alone(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sys, "argv", ["benchmark", "--only", "attention", "--out", str(tmp_path)])
    benchmark.main()
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {f"benchmark_attention.{form}" for form in ("csv", "png")}
    table = pd.read_csv(tmp_path / "benchmark_attention.csv")
    assert table.drop(columns="x_transformers").notna().all(axis=None)
    drawn = draw_attention(table)
    assert (tmp_path / "benchmark_attention.png").read_bytes() == png(drawn)
    told = capsys.readouterr().out
    assert printed(table) in told
    for word in ("causal forward and backward", "2048", "copy, d_model 64", "54,000", "MiB"):
        assert word in told
    shown = [text.get_text() for text in drawn.legends[0].texts]
    assert shown == [
        "ours",
        "nn.MultiheadAttention",
        "our EncoderLayer",
        "nn.TransformerEncoderLayer",
    ]


@pytest.mark.usefixtures("_few")
def test_without_a_choice_both_halves_are_made(clock, monkeypatch, tmp_path):
    monkeypatch.setattr(nets, "peers", lambda: [Steady(clock, "usual loop", 5e-4, 1)])
    monkeypatch.setattr(sys, "argv", ["benchmark", "--out", str(tmp_path)])
    benchmark.main()
    assert {path.stem for path in tmp_path.iterdir()} == {"benchmark", "benchmark_attention"}


def test_everything_that_is_measured_has_its_look():
    looks = {"attention": LOOKS, "layer": LOOKS, "training": BARS, "population": BARS}
    for name, work, peers, _ in series.cells():
        assert {peer.name for peer in peers} <= looks[name].keys()
        assert work.name in WORKS or name in ("training", "population")


def test_blocks_are_measured_at_every_length_with_ours_first():
    blocks = [(work, peers) for name, work, peers, _ in series.cells() if name == "attention"]
    lengths = [128, 256, 512, 1024, 2048]
    assert [work.n for work, _ in blocks] == lengths * 3
    assert {peers[0].name for _, peers in blocks} == {"ours"}
    assert [len(peers) for _, peers in blocks] == [7] * 5 + [6] * 10
