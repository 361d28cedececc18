"""By which program a run was made: the hash covers its engine and its own module, nothing else."""

import shutil

import pytest

from reproduce.file.place import ROOT
from reproduce.file.sources import sources
from reproduce.run.config.compose import compose_experiment
from reproduce.run.record import NO_PART_OF_A_NUMBER, program_of

CHANGED = "changed = True\n"
XOR, COPY, HEADS = "pdp1986/xor", "attention2017/copy", "attention2017/heads_cost"


@pytest.fixture
def changed_by(tmp_path):
    """Which of the experiments are made by another program when one file has changed."""
    shutil.copytree(ROOT / "reproduce", tmp_path / "reproduce")

    def text_of(name: str) -> dict[str, str]:
        program = program_of(compose_experiment([f"experiment={name}"]))
        return sources(program, tmp_path, NO_PART_OF_A_NUMBER)

    def changed(file: str) -> set[str]:
        before = {name: text_of(name) for name in (XOR, COPY, HEADS)}
        with (tmp_path / "reproduce" / file).open("a", encoding="utf-8") as edited:
            edited.write(CHANGED)
        return {name for name, text in before.items() if text != text_of(name)}

    return changed


@pytest.mark.parametrize(
    ("file", "makes"),
    [
        ("units/sweep.py", {XOR}),
        ("units/function.py", {XOR}),
        ("run/lesson.py", {XOR}),
        ("units/measure/learning.py", {XOR}),
        ("units/cases.py", {XOR}),
        ("experiment/pdp1986/xor/cases.py", {XOR}),
        ("experiment/pdp1986/xor/answers.py", {XOR}),
        ("transformer/attention.py", {COPY, HEADS}),
        ("transformer/adam.py", {COPY}),
        ("experiment/attention2017/copy.py", {COPY}),
        ("experiment/attention2017/block.py", {HEADS}),
        ("experiment/nature1986/symmetry/weights.py", set()),
        ("page/net.py", set()),
        ("verdict/rule.py", set()),
        ("run/config/override.py", set()),
        ("run/suite.py", set()),
        ("run/show.py", set()),
    ],
)
def test_a_change_makes_old_what_it_may_change_and_nothing_else(changed_by, file, makes):
    assert changed_by(file) == makes
