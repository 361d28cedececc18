"""Two families with the same tree, one English and one Italian (Nature 1986, Fig. 2, p. 534-535).

A case asks one question, a person and a relation, and the answer is the whole set of persons who
stand so to the first (CogSci 1986, p. 6): Colin's aunts are Jennifer and Margaret. The questions
that have an answer are 104, the single triples of person, relation and person 112.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from reproduce.units.cases import Cases


class Family(NamedTuple):
    """A marriage and its children."""

    husband: str
    wife: str
    sons: tuple[str, ...] = ()
    daughters: tuple[str, ...] = ()


ITALIAN_OF = {  # the persons in the order of the columns of CogSci 1986, Fig. 6
    "Christopher": "Roberto",
    "Andrew": "Pierro",
    "Arthur": "Emilio",
    "James": "Marco",
    "Charles": "Tomaso",
    "Colin": "Alfonso",
    "Penelope": "Maria",
    "Christine": "Francesca",
    "Victoria": "Lucia",
    "Jennifer": "Angela",
    "Margaret": "Gina",
    "Charlotte": "Sophia",
}
ENGLISH_FAMILIES = (
    Family("Christopher", "Penelope", ("Arthur",), ("Victoria",)),
    Family("Andrew", "Christine", ("James",), ("Jennifer",)),
    Family("Arthur", "Margaret"),
    Family("James", "Victoria", ("Colin",), ("Charlotte",)),
    Family("Charles", "Jennifer"),
)


def _translated(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(ITALIAN_OF[name] for name in names)


FAMILIES = ENGLISH_FAMILIES + tuple(
    Family(
        ITALIAN_OF[family.husband],
        ITALIAN_OF[family.wife],
        _translated(family.sons),
        _translated(family.daughters),
    )
    for family in ENGLISH_FAMILIES
)


def parents(person: str) -> set[str]:
    """Father and mother; nobody for those who marry into the tree or stand at its top."""
    return {name for f in FAMILIES if person in f.sons + f.daughters for name in f[:2]}


def spouses(person: str) -> set[str]:
    """The husband or the wife."""
    return {name for f in FAMILIES if person in f[:2] for name in f[:2]} - {person}


def children(person: str) -> set[str]:
    """Sons and daughters."""
    return {name for f in FAMILIES if person in f[:2] for name in f.sons + f.daughters}


def siblings(person: str) -> set[str]:
    """The other children of the parents."""
    return _all(children, parents(person)) - {person}


def parents_siblings(person: str) -> set[str]:
    """Uncles and aunts, by blood or by marriage to one."""
    by_blood = _all(siblings, parents(person))
    return by_blood | _all(spouses, by_blood)


def siblings_children(person: str) -> set[str]:
    """Nephews and nieces, by blood or as those of the spouse."""
    return _all(children, _all(siblings, {person} | spouses(person)))


def _all(kin: Callable[[str], set[str]], persons: set[str]) -> set[str]:
    return set().union(*map(kin, persons))


KIN = {  # the relation to a man and to a woman
    ("father", "mother"): parents,
    ("husband", "wife"): spouses,
    ("son", "daughter"): children,
    ("uncle", "aunt"): parents_siblings,
    ("brother", "sister"): siblings,
    ("nephew", "niece"): siblings_children,
}
PERSONS = (*ITALIAN_OF, *ITALIAN_OF.values())
RELATIONS = tuple(relation for pair in KIN for relation in pair)
NATIONALITY = tuple("English" if person in ITALIAN_OF else "Italian" for person in PERSONS)
SEX = tuple(
    "male" if any(person == f.husband or person in f.sons for f in FAMILIES) else "female"
    for person in PERSONS
)
SEX_OF_ANSWER = tuple(sex for _ in KIN for sex in ("male", "female"))


def _above(person: str) -> set[str]:
    """The parents, or those of the spouse for a person who marries into the tree."""
    return parents(person) or _all(parents, spouses(person))


def _generation(person: str) -> int:
    return 1 + max(map(_generation, _above(person)), default=0)


def _tops(person: str) -> set[str]:
    """The husbands at the top of the tree from whom the person, or else the spouse, descends."""
    husband = {f.husband for f in FAMILIES if person in f[:2]}
    return _all(_tops, _above(person)) or husband


def _branch(person: str) -> str | None:
    """The side of Christopher and Penelope is left, that of Andrew and Christine right."""
    left = {f.husband for f in (FAMILIES[0], FAMILIES[len(ENGLISH_FAMILIES)])}
    tops = _tops(person)
    return None if len(tops) > 1 else "left" if tops <= left else "right"


GENERATION = tuple(map(_generation, PERSONS))
BRANCH = tuple(map(_branch, PERSONS))


def answer(person: str, relation: str) -> set[str]:
    """Who stands in the relation to the person; nobody for most pairs.

    Colin's mother is Victoria, his aunts are Jennifer and Margaret (married to his uncle Arthur);
    Charles' nephew is Colin, by his wife Jennifer; Margaret has no father.
    """
    (kin,) = (kin for pair, kin in KIN.items() if relation in pair)
    sex = SEX_OF_ANSWER[RELATIONS.index(relation)]
    return {name for name in kin(person) if SEX[PERSONS.index(name)] == sex}


ANSWERS = {
    (person, relation): found
    for person in PERSONS
    for relation in RELATIONS
    if (found := answer(person, relation))
}
QUESTIONS = tuple(ANSWERS)  # in the order of the cases


def cases() -> Cases:
    """The 104 questions in the order of `QUESTIONS`.

    inputs: (36, 104), the 24 persons over the 12 relations, one of each on. targets: (24, 104), 1
    for the persons who are an answer. English questions come first: 0 is (Christopher, wife),
    which Penelope answers, and (Colin, aunt) has its inputs 5 and 24 + 7 on, its outputs 9 and 10.
    """
    inputs = np.array(
        [
            [place == person for place in PERSONS] + [place == relation for place in RELATIONS]
            for person, relation in QUESTIONS
        ]
    ).T.astype(float)
    answered = [[place in ANSWERS[question] for place in PERSONS] for question in QUESTIONS]
    targets = np.array(answered).T.astype(float)
    assert inputs.shape == (36, 104)
    assert targets.sum() == 112
    return Cases(inputs, targets)
