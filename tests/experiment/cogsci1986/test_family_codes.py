"""What the weights of persons and relations stand for, by brute force and on nets made by hand."""

from itertools import combinations, permutations
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import optimize, stats

from reproduce.experiment.cogsci1986.family_trees import answers as measures
from reproduce.experiment.cogsci1986.family_trees.trees import (
    BRANCH,
    GENERATION,
    NATIONALITY,
    SEX,
    SEX_OF_ANSWER,
)
from reproduce.units.net import Units
from reproduce.units.plan import plan

UNITS = Units(
    plan(
        {"person": 24, "relation": 12, "person_code": 6, "relation_code": 6, "answer": 24},
        {
            "person_code": ["person"],
            "relation_code": ["relation"],
            "answer": ["person_code", "relation_code"],
        },
    )
)
ATTRIBUTES = {"nationality": NATIONALITY, "generation": GENERATION, "branch": BRANCH, "sex": SEX}
ROLES = ("nationality", "generation", "branch")
NET = SimpleNamespace(units=UNITS)  # all that is asked of a net for its codes


def random_weights(replicas: int) -> torch.Tensor:
    chance = torch.Generator().manual_seed(0)
    return torch.randn(UNITS.P, replicas, generator=chance, dtype=torch.float64)


@pytest.mark.parametrize("levels", [NATIONALITY, GENERATION, BRANCH, SEX])
def test_the_share_is_that_of_a_one_way_analysis_of_variance(levels):
    weights = random_weights(4)
    person = UNITS.parts(weights)["person", "person_code"]
    share, _ = measures.coded(person, levels)
    names = sorted({level for level in levels if level is not None})
    for unit in range(6):
        for replica in range(4):
            w = person[unit, :, replica].numpy()
            groups = [w[[level == name for level in levels]] for name in names]
            n, k = sum(map(len, groups)), len(groups)
            F = stats.f_oneway(*groups).statistic
            wanted = F * (k - 1) / (F * (k - 1) + n - k)
            assert share[unit, replica] == pytest.approx(wanted, rel=1e-10)


def test_a_unit_codes_what_chance_does_not_reach_by_exact_enumeration():
    chance = np.random.default_rng(4)
    female = np.array([sex == "female" for sex in SEX_OF_ANSWER])
    w = chance.standard_normal((12, 400)) + np.outer(female, chance.uniform(0, 3, 400))
    z = (w - w.mean(0)) / w.std(0)
    halves = np.zeros((924, 12))
    for row, half in zip(halves, combinations(range(12), 6), strict=True):
        row[list(half)] = 1
    exact = ((halves @ z) / 6) ** 2  # between over total variance of two groups of six
    observed = (z[female].sum(0) / 6) ** 2
    p = (exact >= observed - 1e-9).mean(0)
    share, coded = (
        found[0].numpy() for found in measures.coded(torch.tensor(w)[None], SEX_OF_ANSWER)
    )
    np.testing.assert_allclose(share, observed, rtol=1e-10)
    assert not coded[share < measures.CODED].any()
    assert not coded[p > 0.02].any()
    assert coded[(share >= measures.CODED) & (p < 0.004)].all()
    assert 50 < coded.sum() < 350


def test_six_weights_are_too_few_for_any_code():
    perfect = torch.tensor([1.0, 1, 1, -1, -1, -1]).double()[None, :, None]
    share, coded = measures.coded(perfect, ("a",) * 3 + ("b",) * 3)  # 2 of 20 orders do as well
    assert (share.item(), coded.item()) == (1, False)


def test_units_that_are_all_zero_code_nothing():
    share, coded = measures.coded(torch.zeros(1, 24, 1).double(), NATIONALITY)
    assert (share.item(), coded.item()) == (0, False)


def coding(levels: tuple, **values: float) -> torch.Tensor:
    return torch.tensor([values.get(str(level), 0.0) for level in levels]).double()


def test_the_printed_kind_of_net_has_the_printed_units():
    weights = random_weights(2)
    parts = UNITS.parts(weights)
    person, relation = parts["person", "person_code"], parts["relation", "relation_code"]
    noise = person[:, :, 0].clone() / 20
    person[0, :, 0] = noise[0] + coding(NATIONALITY, English=3, Italian=-3)
    person[1, :, 0] = noise[1] + coding(GENERATION, **{"1": 4, "2": 0, "3": -4})
    person[5, :, 0] = noise[5] + coding(BRANCH, left=2, right=-2)
    relation[2, :, 0] = relation[2, :, 0] / 20 + coding(SEX_OF_ANSWER, male=1, female=-1)
    columns = measures.codes(NET, weights)
    first = {name: column[0].item() for name, column in columns.items()}
    second = {name: column[1].item() for name, column in columns.items()}
    for name in ("nationality", "generation", "branch", "relation_sex"):
        assert (first[f"{name}_units"], first[f"has_{name}_unit"]) == (1, 1)
        assert (second[f"{name}_units"], second[f"has_{name}_unit"]) == (0, 0)
    assert (first["sex_units"], first["has_sex_unit"]) == (0, 0)
    assert (first["has_all_three"], second["has_all_three"]) == (1, 0)
    for role in ROLES:
        assert first[f"{role}_share_of_{role}_unit"] > 0.95
        assert first[f"{role}_share_of_other_units"] < 0.5
        assert first[f"sex_share_of_{role}_unit"] < 0.5
    pairs = [np.corrcoef(w[:12], w[12:])[0, 1] for w in person[:, :, 0].numpy()]
    assert first["english_italian_correlation"] == pytest.approx(np.median(pairs[1:]))
    person[1:, :, 0] = person[0, :, 0]
    columns = measures.codes(NET, weights)
    assert columns["nationality_units"][0] == 6
    assert columns["has_all_three"].tolist() == [0, 0]
    assert columns["english_italian_correlation"].isnan().tolist() == [True, False]


@pytest.mark.parametrize(("roles", "units"), [(3, 6), (3, 3), (2, 4), (1, 5)])
def test_roles_go_to_the_different_units_with_the_largest_sum_by_trying_all(roles, units):
    chance = torch.Generator().manual_seed(5)
    shares = torch.rand(roles, units, 50, generator=chance, dtype=torch.float64)
    shares[:, 0] += 0.5  # that all roles would rather have
    found = measures.matched(shares)
    assert found.shape == (roles, 50)
    greedy = 0
    for replica in range(50):
        table = shares[:, :, replica].tolist()
        best, sums = None, {}
        for choice in permutations(range(units), roles):
            sums[choice] = sum(table[role][unit] for role, unit in enumerate(choice))
            if best is None or sums[choice] > sums[best]:
                best = choice
        assert found[:, replica].tolist() == list(best)
        _, other = optimize.linear_sum_assignment(table, maximize=True)
        assert list(best) == other.tolist()
        greedy += list(best) == shares[:, :, replica].argmax(1).tolist()
    assert (greedy == 50) == (roles == 1)


def test_the_shares_are_those_of_the_matched_units_and_the_mean_of_the_others():
    weights = random_weights(30)
    person = UNITS.parts(weights)["person", "person_code"]
    columns = measures.codes(NET, weights)
    shares = {name: measures.coded(person, ATTRIBUTES[name])[0].numpy() for name in ATTRIBUTES}
    for replica in range(30):
        roles = np.stack([shares[role][:, replica] for role in ROLES])
        _, units = optimize.linear_sum_assignment(roles, maximize=True)
        others = sorted(set(range(6)) - set(units))
        assert len(others) == 3
        for name, share in shares.items():
            for role, unit in zip(ROLES, units, strict=True):
                found = columns[f"{name}_share_of_{role}_unit"][replica].item()
                assert found == pytest.approx(share[unit, replica], rel=1e-12)
            mean = columns[f"{name}_share_of_other_units"][replica].item()
            assert mean == pytest.approx(share[others, replica].mean(), rel=1e-12)


def test_one_unit_cannot_be_two_of_the_three():
    """Unit 0 codes nationality and, in those who have one, branch; a copy of the latter helps."""
    weights = random_weights(2)
    person = UNITS.parts(weights)["person", "person_code"]
    person /= 100
    nationality = coding(NATIONALITY, English=1, Italian=-1)
    branch = coding(BRANCH, left=1, right=-1)
    person[0] += torch.where(branch == 0, 2 * nationality, nationality + 1.05 * branch)[:, None]
    person[1] += coding(GENERATION, **{"1": 1, "3": -1})[:, None]
    person[2, :, 1] += branch
    columns = measures.codes(NET, weights)
    for role in ROLES:
        assert columns[f"has_{role}_unit"].tolist() == [1, 1]
    assert columns["branch_units"].tolist() == [1, 2]
    assert columns["has_all_three"].tolist() == [0, 1]
