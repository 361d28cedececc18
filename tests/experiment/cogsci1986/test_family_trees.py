"""The family trees against another telling of them, and what is held out of a net's lessons."""

from collections import Counter
from itertools import product

import pytest
import torch
from scipy import stats

from reproduce.experiment.cogsci1986.family_trees import trees
from reproduce.experiment.cogsci1986.family_trees.held_out import held_out
from reproduce.experiment.cogsci1986.family_trees.trees import (
    PERSONS,
    QUESTIONS,
    RELATIONS,
)
from reproduce.units.start import uniform
from reproduce.units.task import Task

# Nature 1986, Fig. 2, told from the children: child -> father and mother
PARENTS = {
    "Arthur": {"Christopher", "Penelope"},
    "Victoria": {"Christopher", "Penelope"},
    "James": {"Andrew", "Christine"},
    "Jennifer": {"Andrew", "Christine"},
    "Colin": {"James", "Victoria"},
    "Charlotte": {"James", "Victoria"},
    "Emilio": {"Roberto", "Maria"},
    "Lucia": {"Roberto", "Maria"},
    "Marco": {"Pierro", "Francesca"},
    "Angela": {"Pierro", "Francesca"},
    "Alfonso": {"Marco", "Lucia"},
    "Sophia": {"Marco", "Lucia"},
}
CHILDLESS = [{"Arthur", "Margaret"}, {"Charles", "Jennifer"}]
CHILDLESS += [{"Emilio", "Gina"}, {"Tomaso", "Angela"}]
COUPLES = [*CHILDLESS, *PARENTS.values()]
WOMEN = {"Penelope", "Christine", "Victoria", "Jennifer", "Margaret", "Charlotte"}
WOMEN |= {"Maria", "Francesca", "Lucia", "Angela", "Gina", "Sophia"}


def parent(a: str, b: str) -> bool:
    return a in PARENTS.get(b, ())


def married(a: str, b: str) -> bool:
    return a != b and {a, b} in COUPLES


def sibling(a: str, b: str) -> bool:
    return a != b and a in PARENTS and PARENTS.get(b) == PARENTS[a]


def elder(a: str, b: str) -> bool:
    """A is an uncle or aunt of b."""
    near = [x for x in PERSONS if x == a or married(x, a)]
    return any(sibling(x, y) and parent(y, b) for x, y in product(near, PERSONS))


KIN = {  # whether b stands so to a
    ("father", "mother"): lambda a, b: parent(b, a),
    ("husband", "wife"): married,
    ("son", "daughter"): parent,
    ("uncle", "aunt"): lambda a, b: elder(b, a),
    ("brother", "sister"): sibling,
    ("nephew", "niece"): elder,
}
TRIPLES = {
    (a, pair[b in WOMEN], b)
    for a, b in product(PERSONS, PERSONS)
    for pair, kin in KIN.items()
    if kin(a, b)
}


def decoded() -> dict[tuple[str, str], set[str]]:
    """The cases of the task as names, in their order."""
    task = Task.of(trees.cases())
    asked = {}
    for case in range(task.inputs.shape[1]):
        person, relation = task.inputs[:, case].nonzero()[:, 0].tolist()
        right = {PERSONS[place] for place in task.on[:, case].nonzero()[:, 0].tolist()}
        asked[PERSONS[person], RELATIONS[relation - 24]] = right
    return asked


def test_the_cases_are_the_112_triples_of_another_derivation_as_104_questions():
    task, asked = Task.of(trees.cases()), decoded()
    assert len(TRIPLES) == 112
    assert {(a, r, b) for (a, r), right in asked.items() for b in right} == TRIPLES
    assert tuple(asked) == QUESTIONS
    assert len(asked) == 104
    assert (task.inputs.shape, task.on.shape) == ((36, 104), (24, 104))
    assert (task.inputs.dtype, task.on.dtype) == (torch.float64, torch.bool)
    assert set(task.inputs.unique().tolist()) == {0, 1}
    assert Counter(map(len, asked.values())) == {1: 96, 2: 8}


def test_what_the_papers_say_of_single_persons():
    asked = decoded()
    assert asked["Colin", "aunt"] == {"Jennifer", "Margaret"}
    assert asked["Sophia", "uncle"] == {"Emilio", "Tomaso"}
    assert asked["Charles", "nephew"] == {"Colin"}
    assert asked["Lucia", "father"] == {"Roberto"}
    assert ("Margaret", "father") not in asked
    order = "Christopher Andrew Arthur James Charles Colin "
    order += "Penelope Christine Victoria Jennifer Margaret Charlotte"
    assert PERSONS[:12] == tuple(order.split())


def test_the_second_half_of_the_cases_is_the_first_with_the_families_exchanged():
    task = Task.of(trees.cases())
    inputs = torch.cat([task.inputs[:24].roll(12, 0), task.inputs[24:]])
    assert torch.equal(inputs[:, :52], task.inputs[:, 52:])
    assert torch.equal(task.on.roll(12, 0)[:, :52], task.on[:, 52:])
    assert not task.on[12:, :52].any()


def test_what_is_said_of_a_person_follows_from_the_tree():
    top = {p for p in PERSONS if any(parent(p, c) and PARENTS.keys() & {c} for c in PERSONS)}
    top = {p for p in top if p not in PARENTS and not any(married(p, c) for c in PARENTS)}
    youngest = {"Colin", "Charlotte", "Alfonso", "Sophia"}
    left = {"Christopher", "Penelope", "Arthur", "Victoria", "Margaret"}
    left |= {"Roberto", "Maria", "Emilio", "Lucia", "Gina"}
    for place, person in enumerate(PERSONS):
        generation = 1 if person in top else 3 if person in youngest else 2
        branch = None if person in youngest else "left" if person in left else "right"
        assert trees.GENERATION[place] == generation
        assert trees.BRANCH[place] == branch
        assert trees.SEX[place] == ("female" if person in WOMEN else "male")
        assert trees.NATIONALITY[place] == ("English" if place < 12 else "Italian")
    assert Counter(trees.GENERATION) == {1: 8, 2: 12, 3: 4}
    answers = {(r, "female" if b in WOMEN else "male") for _, r, b in TRIPLES}
    assert set(zip(RELATIONS, trees.SEX_OF_ANSWER, strict=True)) == answers


@pytest.mark.parametrize("kind", ["random", "figure8"])
def test_a_replica_misses_the_same_four_cases_whatever_the_range(kind):
    whole = held_out(kind, 5, 0, 40)
    assert (whole.dtype, whole.shape) == (torch.bool, (104, 40))
    assert whole.sum(0).tolist() == [4] * 40
    for first, replicas in ((0, 1), (7, 20), (39, 1), (13, 0)):
        assert torch.equal(held_out(kind, 5, first, replicas), whole[:, first : first + replicas])
    assert not torch.equal(held_out(kind, 6, 0, 40), whole)
    with pytest.raises(KeyError):
        held_out("figure9", 5, 0, 1)


def sets_of(held: torch.Tensor) -> Counter:
    return Counter(tuple(column.nonzero()[:, 0].tolist()) for column in held.T)


def test_every_case_is_as_likely_as_any_other_to_be_missed():
    drawn = held_out("random", 1, 0, 5200)
    assert stats.chisquare(drawn.sum(1)).pvalue > 1e-3
    assert max(sets_of(drawn).values()) <= 2  # of 4,598,126 sets


def test_of_figure_8_the_answers_are_as_printed_and_every_such_set_is_as_likely():
    drawn = sets_of(held_out("figure8", 1, 0, 5400))
    for cases in drawn:
        answers = [trees.ANSWERS[QUESTIONS[case]] for case in cases]
        assert all(len(answer) == 1 for answer in answers)
        assert sorted(min(answer) for answer in answers) == ["Andrew", "Lucia", "Lucia", "Victoria"]
    # Andrew: father of James, Jennifer; husband. Victoria, as Lucia: daughter twice, mother twice,
    # wife, sister. 3 x 6 x (6 x 5 / 2) sets
    assert len(drawn) == 270
    assert stats.chisquare(list(drawn.values())).pvalue > 1e-3


def test_what_is_missed_does_not_hang_together_with_how_the_weights_start():
    replicas = 2000
    start, missed = uniform(3, 0, replicas, 104), held_out("random", 3, 0, replicas)
    lowest = start.argsort(0)[:4]
    assert abs(missed.gather(0, lowest).sum() / replicas - 4 * 4 / 104) < 0.04
    assert abs(start[missed].mean()) < 4 * (1 / 3 / (4 * replicas)) ** 0.5
