"""One net of family trees in full, as its papers show theirs (Nature 1986, Figs. 3-4)."""

import torch
from torch import Tensor

from reproduce.experiment.cogsci1986.family_trees.answers import ATTRIBUTES, coded, codes
from reproduce.experiment.cogsci1986.family_trees.trees import (
    PERSONS,
    QUESTIONS,
    RELATIONS,
    SEX_OF_ANSWER,
)
from reproduce.units.measure.generalization import counts, moments, trained_on
from reproduce.units.measure.learning import outputs
from reproduce.units.order import Place
from reproduce.units.trained import Trained

AT_ONCE = 256  # replicas, while an example is looked for


def person_codes(trained: Trained, replica: int) -> Tensor:
    """Activities of the six person units for each person at the last moment: (24, 6)."""
    asked = [person for person, _ in QUESTIONS]
    cases = [asked.index(person) for person in PERSONS]
    return activities(trained.replicas(replica, replica + 1))["person_code"][:, cases, 0].T


def activities(one: Trained) -> dict[Place, Tensor]:
    """Of every group of one replica at its last moment for all cases, (units, c, 1)."""
    weights = one.moments[moments(one)[-1]].double()
    return one.units.activities(one.units.parts(weights), one.task.inputs[:, :, None])


def example(trained: Trained) -> dict | None:
    """One replica in full, as JSON: what Nature Figs. 3-4 and CogSci Fig. 8 show of theirs.

    It is right on all trained cases, of these on the most held-out ones, then has all three
    units, then comes first; replica 0 where none is, or None when that one has diverged.
    replicas: out of how many. persons, relations: the names in order. code_of_each_person:
    activities of the six person units. person_weights, relation_weights: a row a unit.
    person_codes, relation_codes: for each unit what it codes. colin_has_aunt: that question with
    the activities of every group. held_out: the questions with their outputs.
    """
    replica = chosen(trained)
    one = trained.replicas(replica, replica + 1)
    last = moments(trained)[-1]
    if not one.moments[last].isfinite().all():
        return None
    parts = one.units.parts(one.moments[last].double())
    person, relation = parts["person", "person_code"], parts["relation", "relation_code"]
    y = activities(one)
    trains = trained_on(one)
    found = counts(one.units.outputs(y), one.task.on, trains)
    colin = QUESTIONS.index(("Colin", "aunt"))
    return {
        "replica": replica,
        "replicas": trained.size,
        "moment": last,
        "persons": list(PERSONS),
        "relations": list(RELATIONS),
        "code_of_each_person": person_codes(one, 0).tolist(),
        "person_weights": person[:, :, 0].tolist(),
        "relation_weights": relation[:, :, 0].tolist(),
        "person_codes": _codes_of_each(person, ATTRIBUTES),
        "relation_codes": _codes_of_each(relation, {"sex of the answer": SEX_OF_ANSWER}),
        "colin_has_aunt": _question(one, colin)
        | {"activities": {group: values[:, colin, 0].tolist() for group, values in y.items()}},
        "held_out": [
            _question(one, case) | {"outputs": one.units.outputs(y)[:, case, 0].tolist()}
            for case in (~trains[:, 0]).nonzero()[:, 0].tolist()
        ],
        "trained_cases": int(trains.sum()),
        "trained_right": int(found["trained_right"]),
        "held_out_right": int(found["held_out_right"].nan_to_num()),
    }


def _codes_of_each(weights: Tensor, attributes: dict[str, tuple]) -> list[list[str]]:
    coding = {name: coded(weights, levels)[1][:, 0] for name, levels in attributes.items()}
    return [[name for name in coding if coding[name][unit]] for unit in range(len(weights))]


def _question(one: Trained, case: int) -> dict:
    person, relation = QUESTIONS[case]
    right = [PERSONS[place] for place in one.task.on[:, case].nonzero()[:, 0].tolist()]
    return {"person": person, "relation": relation, "right": right}


def chosen(trained: Trained) -> int:
    """The replica that serves as an example, see there."""
    last, ranked = moments(trained)[-1], []
    for start in range(0, trained.size, AT_ONCE):
        some = trained.replicas(start, start + AT_ONCE)
        weights, trains = some.moments[last], trained_on(some)
        found = counts(outputs(some, weights), some.task.on, trains)
        learned = found["trained_right"] == trains.sum(0)
        three = codes(some, weights)["has_all_three"]
        rank = 1 + 2 * found["held_out_right"].nan_to_num() + three
        ranked += torch.where(learned, rank, 0.0).tolist()
    return ranked.index(max(ranked))
