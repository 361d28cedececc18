"""How often a rule rejects what is true, and lets through what is false, on drawn data."""

import math

import numpy as np
import pandas as pd
import pytest
from claimed import check

from reproduce.verdict.rule import judge
from reproduce.verdict.side import Side

TRIALS = 400
ALLOWED = 0.05 + 3 * math.sqrt(0.05 * 0.95 / TRIALS)  # three standard errors above 5%


def rejected(trial) -> float:
    chance = np.random.default_rng(20261126)
    return np.mean([trial(chance) == "not reproduced" for _ in range(TRIALS)])


@pytest.mark.parametrize("never", [0.0, 0.2, 0.6])
def test_a_time_of_one_run(never):
    def trial(chance, late=1.0):
        times = chance.lognormal(6, 1, 700).round()
        times[chance.random(700) < never] = math.nan
        published = float(round(late * chance.lognormal(6, 1)))
        return judge(check("within", published, "sweeps_to_solve"), pd.Series(times)).verdict

    assert rejected(trial) <= ALLOWED
    assert rejected(lambda chance: trial(chance, late=1000)) > 0.95


def test_all_weights_of_one_run():
    quantities = {"a": 0.0, "b": 0.0, "c": 0.0}

    def trial(chance, shift=0.0):
        mixed = chance.normal(size=(301, 3)) @ np.array([[2, 1, 0], [0, 1, 0], [0, 0, 0.3]])
        printed = dict(zip(quantities, (mixed[0] + shift).round(1), strict=True))
        asked = check("joint", "all", decimals=1, quantities=printed)
        return judge(asked, pd.DataFrame(mixed[1:], columns=[*printed])).verdict

    assert rejected(trial) <= ALLOWED
    assert rejected(lambda chance: trial(chance, shift=[0, 0, 3])) > 0.95


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("spread", [[0.1, 0.2, 0.25, 0.25, 0.2], [0.02, 0.04, 0.14, 0.3, 0.5]])
def test_an_outcome_of_one_run_or_of_two(size, spread):
    def trial(chance, right=None):
        ours = chance.choice(5, 1000, p=spread)
        published = tuple(chance.choice(5, size, p=spread).tolist()) if right is None else right
        asked = check("outcome", "so", outcomes=published)
        return judge(asked, pd.Series(ours.astype(float))).verdict

    assert rejected(trial) <= ALLOWED
    assert rejected(lambda chance: trial(chance, right=(5,) * size)) > 0.95  # none of ours


def test_a_loss_of_one_large_model():
    def trial(chance, times=1.0):
        losses, published = chance.lognormal(0, 0.3, 5), times * chance.lognormal(0, 0.3)
        return judge(check("band", published), pd.Series(losses)).verdict

    assert rejected(trial) <= ALLOWED
    assert rejected(lambda chance: trial(chance, times=10)) > 0.95


@pytest.mark.parametrize("size", [200, 400])
def test_a_count_of_runs(size):
    def trial(chance, solves=0.97):
        missing = size - chance.binomial(size, 0.97)
        asked = check("proportion", "all but", of=(size,), all_but=int(missing))
        return judge(asked, pd.Series((chance.random(1000) < solves).astype(float))).verdict

    assert rejected(trial) <= ALLOWED
    assert rejected(lambda chance: trial(chance, solves=0.85)) > 0.95


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_property_that_just_holds(share):
    def trial(chance, less=0.0):
        held = (chance.random(1000) < share - less).astype(float)
        asked = check("property", "on", at_least=1, share=share)
        found = judge(asked, pd.Series(held)).verdict
        return "not reproduced" if found == "partly" else found

    assert rejected(trial) <= ALLOWED
    assert rejected(lambda chance: trial(chance, less=0.1)) > 0.95


@pytest.mark.parametrize(("rule", "n"), [("ordering", 250), ("contrast", 5)])
@pytest.mark.parametrize("never", [0.0, 0.3])
def test_two_sides_that_are_the_same(rule, n, never):
    asked = check(rule, "less", "sweeps_to_solve", direction="less", against="paper/other")

    def trial(chance, later=1.0):
        ours, theirs = later * chance.lognormal(5, 1, n), chance.lognormal(5, 1, n)
        if rule == "ordering":
            for side in (ours, theirs):
                side[chance.random(n) < never] = math.nan
        return judge(asked, pd.Series(ours), Side("paper/other", pd.Series(theirs))).verdict

    assert rejected(trial) <= ALLOWED
    assert rejected(lambda chance: trial(chance, later=1e9 if never == 0 else 3)) > (
        0.95 if rule == "ordering" or never == 0 else -1
    )
