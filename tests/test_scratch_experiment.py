"""Two new files are an experiment: listed, run, kept and shown, with nothing else edited."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from reproduce.file.place import ROOT

NAME = "pdp1986/majority"
YAML, MODULE = f"conf/experiment/{NAME}.yaml", f"reproduce/experiment/{NAME}.py"
FILES = {
    YAML: """\
# python -m reproduce experiment=pdp1986/majority
# Not printed: whether two of three inputs are on.
schema: units

measure: [majority]
replicas: 5
engine: eager
device: cpu
task: {name: majority}
network:
  groups: {input: 3, hidden: 2, output: 1}
  links: {hidden: [input], output: [hidden]}
  outputs: [output]
rule: {epsilon: 0.5}
run: {sweeps: 20}
""",
    MODULE: '''\
"""Whether two of three units are on."""

from reproduce.page.page import page
from reproduce.units.cases import Cases, binary_vectors
from reproduce.units.measure.learning import outputs

NEEDS = {"schema": "units", "task": "majority", "links": [("hidden", "output")]}


def cases() -> Cases:
    """All 8 vectors of three units; the output is on where two or three are."""
    inputs = binary_vectors(3)
    return Cases(inputs, (inputs.sum(0, keepdims=True) > 1.5).astype(float))


def measure(trained):
    """answer_111_at_end: the output for three units that are on."""
    return {"answer_111_at_end": outputs(trained, trained.moments["at_end"])[0, -1]}


def draw(record, replicas, example, paper):
    """The answers to 111."""
    figure, (axes,) = page(4, 3)
    axes.hist(replicas["answer_111_at_end"])
    return {"answers": figure}
''',
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The program with two new files, and without any run or result."""
    folder = tmp_path_factory.mktemp("copy")
    for part in ("reproduce", "conf", "papers"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "README.md", folder)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def program(copy: Path, *words: str) -> subprocess.CompletedProcess:
    """What `python -m WORDS` says there, none of it of the program that runs these tests."""
    outside = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "REPRODUCE_CALLER": ""}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=copy,
        env=os.environ | outside,
        capture_output=True,
        encoding="utf-8",
    )


def of_the_program(folder: Path) -> dict[Path, bytes]:
    """All files but the runs and what is drawn from them."""
    drawn = ("runs", "results", "README.md")
    files = (path for path in folder.rglob("*") if path.is_file())
    relative = {path.relative_to(folder): path.read_bytes() for path in files}
    return {path: data for path, data in relative.items() if path.parts[0] not in drawn}


def test_two_new_files_are_an_experiment(copy):
    before = of_the_program(copy)
    listed = program(copy, "reproduce", "--list")
    assert NAME in listed.stdout.splitlines()

    refused = program(copy, "reproduce", f"experiment={NAME}", "network.groups.input=4")
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "network.groups: 4 units in input; allowed for task.name=majority are 3"
    ]

    few = ("replicas=2", "run.sweeps=3", "out=few")
    ran = program(copy, "reproduce", f"experiment={NAME}", *few)
    assert ran.returncode == 0, ran.stderr
    (found,) = copy.glob(f"few/{NAME}/*/replicas.csv")
    assert len(pd.read_csv(found)["answer_111_at_end"].dropna()) == 2
    shutil.rmtree(copy / "few")

    kept = program(copy, "reproduce", "keep", NAME)
    assert kept.returncode == 0, kept.stderr
    result = copy / "results" / NAME
    answers = pd.read_csv(result / "replicas.csv.gz")["answer_111_at_end"]
    assert answers.between(0, 1).tolist() == [True] * 5
    assert (result / "figures" / "answers.png").read_bytes().startswith(b"\x89PNG")

    (copy / "results" / "README.md").unlink()
    compared = program(copy, "reproduce.compare")
    assert compared.returncode == 0, compared.stderr
    page = (copy / "results" / "README.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith(f"| [{NAME}]"))
    link, starts, _, verdicts = [cell.strip() for cell in row.split("|")[1:-1]]
    assert (link, starts, verdicts) == (f"[{NAME}](pdp1986/runs.md#pdp1986majority)", "5", "–")
    runs = (copy / "results/pdp1986/runs.md").read_text(encoding="utf-8")
    assert "(majority/figures/answers.png)" in runs
    assert of_the_program(copy) == before
