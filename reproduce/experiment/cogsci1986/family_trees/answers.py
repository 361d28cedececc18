"""The family-tree nets as CogSci 1986 and Nature 1986 tell of them: answers, and codes of persons.

CogSci 1986, p. 6-9 and Figs. 6-8; Nature 1986, p. 534-535 and Figs. 3-4. A case is one question
with its whole set of answers. Trained cases are those a replica learns from, held-out the others.
"""

from functools import reduce
from itertools import permutations

import torch
from torch import Tensor

from reproduce.experiment.cogsci1986.family_trees.trees import (
    BRANCH,
    GENERATION,
    NATIONALITY,
    PERSONS,
    QUESTIONS,
    SEX,
    SEX_OF_ANSWER,
)
from reproduce.units.measure.generalization import moments, trained_on
from reproduce.units.measure.learning import outputs, right
from reproduce.units.trained import Trained

NEEDS = {
    "schema": "units",
    "task": "family_trees",
    "links": [
        ("person", "person_code"),
        ("relation", "relation_code"),
        ("person_code", "central"),
        ("relation_code", "central"),
        ("central", "penultimate"),
        ("penultimate", "answer"),
    ],
    "full": True,
    "once": True,
}
CODED = 0.5  # a unit codes an attribute that explains at least this share of its variance
PERMUTATIONS, AS_FAR = 999, 9  # and of these no more than 9 may explain as much: the upper 1%
SEED = 1986  # of the permutations, which are the same for all nets
ROUNDING = 1e-9  # relative; permutations that make the same groups explain the same
ATTRIBUTES = {"nationality": NATIONALITY, "generation": GENERATION, "branch": BRANCH, "sex": SEX}
ALL_THREE = ("nationality", "generation", "branch")
ENGLISH = len(PERSONS) // 2


def measure(trained: Trained) -> dict[str, Tensor]:
    """The tendency and the codes at the last of `moments`, and what the data are.

    isomorph_excess_M: see `isomorph_excess`. The columns of `codes` are nan in the replicas that
    are not right on all their trained cases at that moment.
    cases, triples, colin_has_aunt_answers: how many there are.
    """
    on, trains = trained.task.on, trained_on(trained)
    moment = moments(trained)[-1]
    weights = trained.moments[moment]
    excess = isomorph_excess(outputs(trained, weights), on, trains)
    columns = {f"isomorph_excess_{moment}": excess}
    learned = right(trained, weights)
    for name, column in codes(trained, weights).items():
        columns[name] = torch.where(learned, column, torch.nan)
    facts = {"cases": on.shape[1], "triples": on.sum().item()}
    facts["colin_has_aunt_answers"] = on[:, QUESTIONS.index(("Colin", "aunt"))].sum().item()
    ones = torch.ones(trains.shape[1], dtype=torch.float64)
    return columns | {name: number * ones for name, number in facts.items()}


def isomorph_excess(y: Tensor, on: Tensor, trains: Tensor) -> Tensor:
    """The "slight tendency to activate the isomorphic person" (p. 9), over held-out cases: (r,).

    Per case, the mean output of the answers' isomorphs in the other family, less the mean output
    of the others of that family. Shapes as in `counts`; nan where no case is held out.
    """
    isomorphs = on.roll(ENGLISH, 0)  # (24, c)
    english = isomorphs[:ENGLISH].any(0)  # (c,)
    others = torch.stack([english, ~english]).repeat_interleave(ENGLISH, 0) & ~isomorphs
    theirs, rest = (who.double() / who.sum(0) for who in (isomorphs, others))
    excess = ((theirs - rest)[:, :, None] * y).sum(0)  # (c, r)
    return torch.where(trains, 0.0, excess).sum(0) / (~trains).sum(0)


def codes(trained: Trained, weights: Tensor) -> dict[str, Tensor]:
    """What the weights of the six person units and the six relation units stand for.

    ATTRIBUTE_units: how many of the person units code it, see `coded`. has_ATTRIBUTE_unit
    [0 or 1]: at least one. has_all_three [0 or 1]: a unit each for nationality, generation and
    branch (Fig. 4). A_share_of_B_unit: how much of the variance of the unit that is matched to
    the role B (see `matched`) the attribute A explains; A_share_of_other_units: the mean over the
    three units that no role is matched to.
    english_italian_correlation: Pearson's, between a unit's weights from the English and from
    their isomorphs; the median over the units that do not code nationality, nan without any.
    relation_sex_units, has_relation_sex_unit: of the relation units, for the sex of the answer.
    """
    parts = trained.units.parts(weights.double())
    person = parts["person", "person_code"]  # (6, 24, r)
    found = {name: coded(person, levels) for name, levels in ATTRIBUTES.items()}
    shares, units = ({name: both[k] for name, both in found.items()} for k in (0, 1))
    columns: dict[str, Tensor] = {}
    for name in ATTRIBUTES:
        columns |= _number(name, units[name])
    roles = matched(torch.stack([shares[role] for role in ALL_THREE]))  # (3, r)
    coding = torch.stack([units[role].gather(0, k[None])[0] for role, k in _each(roles)])
    columns["has_all_three"] = coding.all(0).double()
    taken = torch.zeros_like(person[:, 0]).scatter_(0, roles, 1.0)  # (6, r)
    for name, share in shares.items():
        for role, unit in _each(roles):
            columns[f"{name}_share_of_{role}_unit"] = share.gather(0, unit[None])[0]
        others = (share * (1 - taken)).sum(0) / (1 - taken).sum(0)
        columns[f"{name}_share_of_other_units"] = others
    alike = correlation(person[:, :ENGLISH], person[:, ENGLISH:])
    ignoring = torch.where(units["nationality"], torch.nan, alike)
    columns["english_italian_correlation"] = ignoring.nanquantile(0.5, dim=0)
    _, sexed = coded(parts["relation", "relation_code"], SEX_OF_ANSWER)
    return columns | _number("relation_sex", sexed)


def _each(roles: Tensor) -> list[tuple[str, Tensor]]:
    return list(zip(ALL_THREE, roles, strict=True))


def matched(shares: Tensor) -> Tensor:
    """Which unit has each role: different units, with the largest sum of their shares.

    shares: how much of each unit's variance the attribute of each role explains, (roles, units,
    r). Result: (roles, r).
    """
    roles, units, _ = shares.shape
    choices = torch.tensor(list(permutations(range(units), roles)))  # (choices, roles)
    each = (shares[role, choices[:, role]] for role in range(roles))
    sums = reduce(torch.add, each)  # (choices, r)
    return choices[sums.argmax(0)].T


def _number(name: str, coding: Tensor) -> dict[str, Tensor]:
    return {
        f"{name}_units": coding.sum(0).double(),
        f"has_{name}_unit": coding.any(0).double(),
    }


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson's correlation of a and b (units, n, r) over n: (units, r)."""
    a, b = (x - x.mean(1, keepdim=True) for x in (a, b))
    return (a * b).sum(1) / (a.square().sum(1) * b.square().sum(1)).sqrt()


def coded(weights: Tensor, levels: tuple) -> tuple[Tensor, Tensor]:
    """Share of each unit's variance that an attribute explains, and whether the unit codes it.

    weights: (units, n, r). levels: n, None for those who have none and are left out. Both
    results: (units, r). A unit codes the attribute when the share is CODED or more and at most
    AS_FAR of the PERMUTATIONS of its own weights reach it (a permutation test at 1%).
    """
    kept = [place for place, level in enumerate(levels) if level is not None]
    had = [levels[place] for place in kept]
    members = torch.tensor([[level == one for level in had] for one in sorted(set(had))]).double()
    chance = torch.Generator().manual_seed(SEED)
    orders = torch.rand(PERMUTATIONS, len(had), generator=chance).argsort(1)
    shuffled = members[:, orders].movedim(1, 0)  # (permutations, levels, n)
    shares, reached = [], []
    for unit in weights[:, kept]:  # (n, r)
        shares.append(explained(unit, members))
        by_chance = explained(unit, shuffled)  # (permutations, r)
        reached.append((by_chance >= shares[-1] * (1 - ROUNDING)).sum(0))
    share = torch.stack(shares)
    return share, (share >= CODED) & (torch.stack(reached) <= AS_FAR)


def explained(weights: Tensor, members: Tensor) -> Tensor:
    """Eta squared, the share of variance between groups in a one-way analysis of variance.

    weights: (n, r). members: who is in each group, 0 or 1, (..., groups, n). Result: (..., r);
    0 for weights that are all the same.
    """
    off = weights - weights.mean(0)
    sums = members @ off  # (..., groups, r)
    between = (sums.square() / members.sum(-1, keepdim=True)).sum(-2)
    total = off.square().sum(0)
    return torch.where(total > 0, between / total, 0.0)
