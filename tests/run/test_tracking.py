"""TensorBoard itself, started on 127.0.0.1, shows what the run's own files say."""

import json
import re
import struct
import subprocess
import sys
import time
from types import SimpleNamespace
from urllib.error import URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

import numpy as np
import pandas as pd
import pytest

from reproduce.file.paper import read_paper
from reproduce.run.config.compose import compose_experiment
from reproduce.run.make import run_experiment
from reproduce.run.show import card

NAME, COMMAND = "pdp1986/xor_direct", "python -m reproduce experiment=pdp1986/xor_direct seed=5"
SECONDS = 60
OPEN = build_opener(ProxyHandler({})).open
ANY_STATUS = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A finished run, and the answers of a TensorBoard that looks at the folder of all runs."""
    out = tmp_path_factory.mktemp("runs")
    config = compose_experiment(
        [
            *(f"experiment={NAME}", "seed=5", "replicas=20", "rule.epsilon=0.75"),
            *("run.sweeps=250", "run.keep_sweeps=[100]", f"out={out}"),
        ]
    )
    folder = run_experiment(config, COMMAND, lambda sweeps: None).folder
    log = out.parent / "tensorboard.log"
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", out, "--port", "0"]
    command += ["--host", "127.0.0.1", "--load_fast", "false"]
    with log.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file) as server:
        try:
            address = wait(server, lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()))
            root, run = address.group(), str(folder.relative_to(out))
            wait(server, lambda: run in answer(root, "/data/runs"))
            wait(server, lambda: answer(root, "/data/plugin/hparams/experiment", {})["metricInfos"])
            yield SimpleNamespace(
                folder=folder,
                run=run,
                ask=lambda path, body=None, **query: answer(root, path, body, **query),
                record=json.loads((folder / "record.json").read_text()),
                curves=pd.read_csv(folder / "curves.csv"),
                replicas=pd.read_csv(folder / "replicas.csv"),
            )
        finally:
            server.kill()


def answer(root: str, path: str, body: dict | None = None, **query):
    """What the server answers: JSON as values, anything else as bytes."""
    request = Request(f"{root}{path}?{urlencode(query, quote_via=quote)}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with OPEN(request, timeout=SECONDS) as response:
        content = response.read()
        return json.loads(content) if "json" in response.headers["Content-Type"] else content


def wait(server, asked):
    """Ask again and again until there is something."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            if found := asked():
                return found
        except (URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise AssertionError("TensorBoard does not answer")


def test_there_is_one_run_for_one_run(served):
    assert served.ask("/data/runs") == [served.run]
    assert served.ask("/data/environment")["version"]


def scalars(served, tag: str) -> list:
    return served.ask("/data/plugin/scalars/scalars", run=served.run, tag=tag)


@pytest.mark.parametrize(
    ("tag", "column"),
    [
        ("error/median", "error_median"),
        ("error/low", "error_low"),
        ("error/high", "error_high"),
        ("error/replica_0", "error_replica_0"),
        ("right/median", "right_share"),
        ("right/low", "right_low"),
        ("right/high", "right_high"),
    ],
)
def test_the_curves_are_those_of_curves_csv(served, tag, column):
    shown = scalars(served, tag)
    assert [step for _, step, _ in shown] == served.curves["sweep"].tolist()
    expected = served.curves[column].to_numpy(np.float32)
    assert np.array_equal(np.array([value for *_, value in shown], np.float32), expected)
    assert len(set(expected)) > 3


def test_the_margin_charts_are_bands_around_a_median(served):
    layout = served.ask("/data/plugin/custom_scalars/layout")
    charts = [chart for category in layout["category"] for chart in category["chart"]]
    tags = served.ask("/data/plugin/scalars/tags")[served.run]
    assert len(charts) == 2
    for chart in charts:
        (series,) = chart["margin"]["series"]
        assert set(series.values()) <= set(tags)
        ends = (scalars(served, series[end]) for end in ("lower", "value", "upper"))
        for (*_, lower), (*_, value), (*_, upper) in zip(*ends, strict=True):
            assert lower <= value <= upper


def test_the_network_and_one_net_at_a_few_moments_are_pictures(served):
    tags = served.ask("/data/plugin/images/tags")[served.run]
    assert set(tags) == {"network of one replica", "weights of one replica"}
    steps = []
    for tag in tags:
        for image in served.ask("/data/plugin/images/images", run=served.run, tag=tag, sample=0):
            steps.append((tag, image["step"]))
            png = served.ask(f"/data/plugin/images/individualImage?{image['query']}")
            assert png.startswith(b"\x89PNG")
            assert min(struct.unpack(">II", png[16:24])) > 100  # width and height
    assert len(steps) == len(set(steps)) <= 10
    drawn = {step for tag, step in steps if tag != "network of one replica"}
    assert {0, 100, 250} <= drawn


def test_the_histograms_count_every_solved_replica_and_every_weight(served):
    tags = served.ask("/data/plugin/histograms/tags")[served.run]
    assert set(tags) == {"sweeps to solve (solved replicas only)", "weights"}

    def counts(tag: str) -> list[float]:
        shown = served.ask("/data/plugin/histograms/histograms", run=served.run, tag=tag)
        return [sum(count for *_, count in buckets) for _, _, buckets in shown]

    solved = served.replicas["sweeps_to_solve"].notna().sum()
    assert solved > 0
    assert counts("sweeps to solve (solved replicas only)") == pytest.approx([solved])
    assert set(counts("weights")) == {7 * 20}


def test_the_card_cites_the_paper_and_gives_the_command_and_the_verdicts(served):
    (card,) = served.ask("/data/plugin/text/text", run=served.run, tag="about/text_summary")
    paper = read_paper("pdp1986")
    assert paper.citation.split(".")[0] in card["text"]
    assert COMMAND in card["text"]
    table = [line for line in card["text"].splitlines() if line.startswith("<td>P")]
    assert table


def test_the_card_of_a_follower_s_number_cites_the_follower():
    config = compose_experiment(["experiment=attention2017/copy"])
    said = card(config, "a command", pd.DataFrame({"decodes_the_count": [1.0] * 5}))
    assert "A. M. Rush. The Annotated Transformer" in said
    assert "Vaswani" not in said
    assert "| B1.11 after ten epochs it decodes 1 to 10 greedily | right | reproduced |" in said


def test_the_hyper_parameters_stand_beside_the_final_quantities(served):
    found = served.ask("/data/plugin/hparams/experiment", {})
    assert {"rule.epsilon", "rule.alpha", "seed"} <= {info["name"] for info in found["hparamInfos"]}
    asked = {"allowedStatuses": ANY_STATUS, "startIndex": 0, "sliceSize": 9}
    asked["colParams"] = [
        *({"hparam": info["name"], "includeInResult": True} for info in found["hparamInfos"]),
        *({"metric": info["name"], "includeInResult": True} for info in found["metricInfos"]),
    ]
    (group,) = served.ask("/data/plugin/hparams/session_groups", asked)["sessionGroups"]
    assert group["hparams"]["rule.epsilon"] == 0.75
    assert group["hparams"]["seed"] == 5
    shown = {m["name"]["tag"]: m["value"] for m in group["metricValues"]}
    for name in ("sweeps_to_solve", "right_at_end", "error_at_end", "diverged"):
        median = served.record["quantities"][name]["median"]
        assert shown[f"final/{name}"] == pytest.approx(median, rel=1e-6)
    share = served.replicas["sweeps_to_solve"].notna().mean()
    assert shown["final/share_solved"] == pytest.approx(share, rel=1e-6)
