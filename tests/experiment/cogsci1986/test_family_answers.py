"""What is measured of the family-tree nets, on nets made by hand and by brute force."""

import json
import math

import numpy as np
import pytest
import torch

from reproduce.experiment.cogsci1986.family_trees import answers as measures
from reproduce.experiment.cogsci1986.family_trees import example as example_of
from reproduce.experiment.cogsci1986.family_trees.held_out import held_out
from reproduce.experiment.cogsci1986.family_trees.trees import (
    ANSWERS,
    BRANCH,
    GENERATION,
    ITALIAN_OF,
    NATIONALITY,
    PERSONS,
    QUESTIONS,
    RELATIONS,
)
from reproduce.run.task import task_of
from reproduce.units.measure import generalization
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.trained import Trained

SIZES = {"person": 24, "relation": 12, "person_code": 6, "relation_code": 6}
SIZES |= {"central": 12, "penultimate": 6, "answer": 24}
LINKS = {
    "person_code": ["person"],
    "relation_code": ["relation"],
    "central": ["person_code", "relation_code"],
    "penultimate": ["central"],
    "answer": ["penultimate"],
}
UNITS = Units(plan(SIZES, LINKS))
TASK = task_of("family_trees")


def random_weights(replicas: int, units=UNITS, seed: int = 0) -> torch.Tensor:
    chance = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(units.P, replicas, generator=chance, dtype=torch.float64)


def made(weights: torch.Tensor, trains: torch.Tensor | None, units=UNITS, **moments) -> Trained:
    """A run of 1500 sweeps that ended with these weights."""
    first = {"within_0.5": torch.full((weights.shape[1],), math.nan)}
    moments = moments | {"at_end": weights}
    return Trained(units, TASK, TASK.targets(0, 1)[:, :, None], 1500, moments, first, trains=trains)


def answering(person: str) -> torch.Tensor:
    """Random weights (P, 1), but for the answers: always this person and no other."""
    weights = random_weights(1)
    parts = UNITS.parts(weights)
    parts["penultimate", "answer"].zero_()
    parts["answer"].fill_(-9)
    parts["answer"][PERSONS.index(person)] = 9
    return weights


def cases_of(person: str) -> torch.Tensor:
    """Where this person is the only answer, (104, 1)."""
    return torch.tensor([[ANSWERS[question] == {person}] for question in QUESTIONS])


def test_cases_are_counted_as_a_loop_counts_them():
    chance = torch.Generator().manual_seed(1)
    y = torch.rand(24, 104, 5, generator=chance, dtype=torch.float64)
    near = torch.where(TASK.on, 0.9, 0.1)[:, :, None]
    y = torch.where(torch.rand(104, 5, generator=chance) < 0.6, near, y)
    y[0, :20] = torch.where(TASK.on[0, :20], 0.7, 0.3)[:, None]  # on the right side, not strictly
    y[:, 30, 0] = math.nan
    trains = ~held_out("random", 0, 0, 5)
    trains[:, 4] = True
    found = generalization.counts(y, TASK.on, trains)
    for replica in range(5):
        wanted = dict.fromkeys(found, 0)
        for case in range(104):
            pairs = list(zip(y[:, case, replica].tolist(), TASK.on[:, case].tolist(), strict=True))
            kind = "trained" if trains[case, replica] else "held_out"
            wanted[f"{kind}_right"] += all((v > 0.5) if on else (v < 0.5) for v, on in pairs)
            wanted[f"{kind}_strict"] += all((v > 0.8) if on else (v < 0.2) for v, on in pairs)
        assert 0 < wanted["trained_strict"] < wanted["trained_right"] < 100
        if replica == 4:
            wanted |= {"held_out_right": math.nan, "held_out_strict": math.nan}
        got = {name: column[replica].item() for name, column in found.items()}
        assert got == pytest.approx(wanted, nan_ok=True)


def test_the_isomorphs_of_the_answers_are_held_against_the_rest_of_their_family():
    other = ITALIAN_OF | {italian: english for english, italian in ITALIAN_OF.items()}
    chance = torch.Generator().manual_seed(2)
    y = torch.rand(24, 104, 3, generator=chance, dtype=torch.float64)
    trains = torch.ones(104, 3, dtype=torch.bool)
    colin, lucia = QUESTIONS.index(("Colin", "aunt")), QUESTIONS.index(("Lucia", "son"))
    trains[[colin, lucia], 0] = trains[colin, 1] = False
    found = measures.isomorph_excess(y, TASK.on, trains).tolist()

    def excess(case: int, replica: int) -> float:
        isomorphs = {other[name] for name in ANSWERS[QUESTIONS[case]]}
        family = set(ITALIAN_OF) if isomorphs <= set(ITALIAN_OF) else set(ITALIAN_OF.values())
        mean = [
            np.mean([y[PERSONS.index(name), case, replica].item() for name in names])
            for names in (isomorphs, family - isomorphs)
        ]
        return mean[0] - mean[1]

    wanted = [(excess(colin, 0) + excess(lucia, 0)) / 2, excess(colin, 1), math.nan]
    assert found == pytest.approx(wanted, rel=1e-12, nan_ok=True)


def coding(levels: tuple, **values: float) -> torch.Tensor:
    return torch.tensor([values.get(str(level), 0.0) for level in levels]).double()


def test_codes_are_asked_only_of_nets_that_are_right_on_what_they_train_on():
    weights = torch.cat([answering("Penelope"), answering("Maria")], 1)
    trains = cases_of("Penelope").repeat(1, 2)
    trained = made(weights, trains, after_573=weights.flip(1))
    columns = generalization.measure(trained) | measures.measure(trained)
    wanted = {
        "trained_right_after_573": [0, 3],
        "trained_right_at_end": [3, 0],
        "trained_strict_at_end": [3, 0],
        "held_out_right_at_end": [0, 3],  # that Maria is the wife or the mother
        "held_out_strict_after_573": [3, 0],
        "trained_cases": [3, 3],
        "cases": [104, 104],
        "triples": [112, 112],
        "colin_has_aunt_answers": [2, 2],
    }
    assert {name: columns[name].tolist() for name in wanted} == wanted
    assert {(column.dtype, column.shape) for column in columns.values()} == {(torch.float64, (2,))}
    shares = ("sex_share_of_branch_unit", "branch_share_of_other_units")
    for name in ("nationality_units", "has_all_three", "relation_sex_units", *shares):
        assert columns[name].isnan().tolist() == [False, True]
    assert not [name for name in columns if name.startswith("best_")]
    assert "isomorph_excess_at_end" in columns
    assert "isomorph_excess_after_573" not in columns


def test_the_moments_come_in_order_and_the_end_counts_once():
    weights = random_weights(1)
    after = {f"after_{sweep}": weights for sweep in (1500, 573, 1000)} | {"at_largest": weights}
    trained = made(weights, None, **after)
    assert measures.moments(trained) == ["after_573", "after_1000", "after_1500"]
    columns = generalization.measure(trained)
    assert columns["held_out_right_after_573"].isnan().all()  # nothing is held out
    assert columns["trained_cases"].tolist() == [104]
    del after["after_1500"]
    assert measures.moments(made(weights, None, **after))[-1] == "at_end"


def by_hand(parts: dict, case: int) -> dict[str, np.ndarray]:
    """The activities of a net of one replica for one case, with numpy."""
    x = TASK.inputs[:, case].numpy()
    y = {"person": x[:24], "relation": x[24:]}
    for group, sources in LINKS.items():
        total = parts[group][:, 0].numpy() if group in parts else 0
        for source in sources:
            total = total + parts[source, group][:, :, 0].numpy() @ y[source]
        y[group] = 1 / (1 + np.exp(-total))
    return y


@pytest.mark.parametrize("biases", [True, False])
def test_an_example_says_in_json_what_one_replica_does(biases):
    units = Units(plan(SIZES, LINKS, biases=biases))
    weights, trains = random_weights(1, units), ~held_out("figure8", 0, 0, 1)
    trained = made(weights, trains, units)
    example = example_of.example(trained)
    assert json.loads(json.dumps(example)) == example
    assert (example["replica"], example["moment"], example["trained_cases"]) == (0, "at_end", 100)
    assert example["replicas"] == 1
    assert (example["persons"], example["relations"]) == (list(PERSONS), list(RELATIONS))
    parts = units.parts(weights)
    assert example["person_weights"] == parts["person", "person_code"][:, :, 0].tolist()
    assert example["relation_weights"] == parts["relation", "relation_code"][:, :, 0].tolist()
    colin = example["colin_has_aunt"]
    assert (colin["person"], colin["relation"]) == ("Colin", "aunt")
    assert colin["right"] == ["Jennifer", "Margaret"]
    wanted = by_hand(parts, QUESTIONS.index(("Colin", "aunt")))
    assert colin["activities"].keys() == wanted.keys()
    for group, values in wanted.items():
        np.testing.assert_allclose(colin["activities"][group], values, rtol=1e-12)
    answers = sorted(name for case in example["held_out"] for name in case["right"])
    assert answers == ["Andrew", "Lucia", "Lucia", "Victoria"]
    for case in example["held_out"]:
        place = QUESTIONS.index((case["person"], case["relation"]))
        assert not trains[place, 0]
        np.testing.assert_allclose(case["outputs"], by_hand(parts, place)["answer"], rtol=1e-12)
    codes = example_of.person_codes(trained, 0)
    assert codes.shape == (24, 6)
    sophia = QUESTIONS.index(("Sophia", "aunt"))
    np.testing.assert_allclose(codes[-1], by_hand(parts, sophia)["person_code"], rtol=1e-12)


def test_the_example_is_right_on_most_and_then_has_the_printed_units(monkeypatch):
    """Replicas 1 to 4 are right on all they train on; 2 to 4 on one held-out case; 3 has units."""
    monkeypatch.setattr(example_of, "AT_ONCE", 2)
    penelope, weights = cases_of("Penelope"), answering("Penelope").repeat(1, 5)
    trains = penelope.repeat(1, 5)
    trains[0, 0] = trains[1, 0] = True  # Christopher's son and daughter, one too many to be right
    trains[penelope.nonzero()[0, 0], 2:] = False
    person = UNITS.parts(weights)["person", "person_code"]
    levels = (
        coding(NATIONALITY, English=1, Italian=-1),
        coding(GENERATION, **{"1": 1, "3": -1}),
        coding(BRANCH, left=1, right=-1),
    )
    assert example_of.example(made(weights, trains))["replica"] == 2
    person[:3, :, 3] = torch.stack(levels)
    example = example_of.example(made(weights, trains))
    assert (example["replica"], example["trained_right"], example["held_out_right"]) == (3, 2, 1)
    assert example["replicas"] == 5
    assert example["person_codes"] == [["nationality"], ["generation"], ["branch"], [], [], []]
    none_right = made(weights, ~trains)
    assert example_of.example(none_right)["replica"] == 0
