"""Claims ask for points of a grid: that they are there is known before anything runs."""

from dataclasses import replace

import pytest

from reproduce.file.paper import read_papers
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.sound import wrong_points

GRID, PLAIN = "nature1986/momentum_symmetry", "nature1986/equations"


@pytest.fixture(scope="module")
def configs():
    return {name: compose_experiment([f"experiment={name}"]) for name in (GRID, PLAIN)}


def problems(configs, rule: str, **changes) -> list[str]:
    """What is said of the first check of that rule in the grid, with some keys changed."""
    for paper in read_papers():
        for claim in paper.claims:
            for check in claim.checks:
                if check.rule == rule and GRID in check.experiments:
                    changed = replace(claim, checks=(replace(check, **changes),))
                    return list(wrong_points([replace(paper, claims=(changed,))], configs))
    raise AssertionError(rule)


def test_a_claim_that_asks_for_points_that_are_there_is_sound(configs):
    assert list(wrong_points(read_papers(), configs)) == []
    assert problems(configs, "ordering") == []


@pytest.mark.parametrize(
    ("rule", "changes", "said"),
    [
        ("ordering", {"at": {"alpha": 0.8}}, f"at: alpha=0.8: {GRID} has 0, 0.9"),
        ("ordering", {"against_at": {"alfa": 0}}, f"against_at: alfa=0: {GRID} is no grid over it"),
        ("property", {"experiments": (PLAIN,), "at": {"alpha": 0.9}}, f"{PLAIN} is no grid"),
        ("ordering", {"best": False}, f"at: {GRID} has several such points; allowed is one"),
    ],
)
def test_what_is_not_there_is_said_with_paper_claim_and_key(configs, rule, changes, said):
    first, *_ = problems(configs, rule, **changes)
    assert first.startswith("papers/nature1986.yaml: N")
    assert " check 1 (sweeps_to_solve): " in first
    assert said in first
