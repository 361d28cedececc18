"""What was published: `papers/<name>.yaml`, read and checked.

A claim is one published number or statement. Each of its checks names the quantity that tests it,
the rule of comparison with its margin, and the experiments, one for each reading, in which the
quantity is measured; the first is the literal reading. A claim that no run here can test has no
checks but the reason why.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import yaml

from reproduce.place import PAPERS

RULES = ("exact", "within", "band", "proportion", "property", "ordering", "contrast")
NEEDED = {
    "exact": ("decimals",),
    "property": ("share",),
    "ordering": ("against", "direction"),
    "contrast": ("against", "direction"),
}
TWO_SIDED = ("ordering", "contrast")
DIRECTIONS = ("less", "more")


@dataclass(frozen=True)
class Check:
    """How one claim is tested; which of the optional fields are used depends on the rule."""

    quantity: str
    unit: str
    rule: str
    published: float | str
    experiments: tuple[str, ...]
    statement: str = ""  # where it says more than the claim's own
    quote: str = ""  # the same
    decimals: int | None = None  # exact, within: to which the paper rounds
    margin: float | None = None  # proportion
    at_least: float | None = None  # property: the range in which it holds
    at_most: float | None = None
    share: float | None = None  # property: of the replicas in which it must hold
    enough: int | None = None  # property: fewest replicas, where the models are large and few
    against: str | None = None  # ordering: the experiment it is compared with
    direction: str | None = None  # ordering: less or more
    at: dict | None = None  # of a grid only the points with these settings
    against_at: dict | None = None  # ordering: the same of the other side
    against_quantity: str | None = None  # ordering: of the other side, where it is another
    best: bool = False  # of several points only the best one
    solved: bool = False  # of times only those that came: starts that never solve are left out


@dataclass(frozen=True)
class Claim:
    """One claim: its id, where it stands, its checks, and a few words of the paper, if any."""

    id: str
    locus: str
    statement: str
    quote: str
    checks: tuple[Check, ...]
    reason: str = ""  # why there are no checks


@dataclass(frozen=True)
class Paper:
    """One paper: how to cite it, its printed weight sets by figure, its claims."""

    name: str
    citation: str
    bibtex: str
    claims: tuple[Claim, ...]
    weights: dict[str, dict] = field(default_factory=dict)


def _claim(values: dict) -> Claim:
    checks = tuple(_check(values, check) for check in values["checks"])
    claim = Claim(**{**values, "checks": checks})
    if not claim.checks and not claim.reason:
        raise ValueError(f"{claim.id}: no checks, and no reason why there are none")
    if claim.checks and claim.reason:
        raise ValueError(f"{claim.id}: a reason is for a claim without checks")
    return claim


def _check(claim: dict, values: dict) -> Check:
    values = {"statement": claim["statement"], "quote": claim["quote"], **values}
    check = Check(**{**values, "experiments": tuple(values["experiments"])})
    wrong = next(_wrong(check), None)
    if wrong:
        raise ValueError(f"{claim['id']} {check.quantity}: {wrong}")
    return check


def _wrong(check: Check) -> Iterator[str]:
    """What cannot be meant by a check, in words."""
    if check.rule not in RULES:
        yield f"rule {check.rule}: allowed are {', '.join(RULES)}"
    for name in NEEDED.get(check.rule, ()):
        if getattr(check, name) is None:
            yield f"rule {check.rule} needs {name}"
    for name in ("at", "against_at"):
        settings = getattr(check, name)
        if settings is not None and not (isinstance(settings, dict) and settings):
            yield f"{name} {settings}: settings are needed, as {{alpha: 0.9}}"
    if check.enough is not None and check.rule != "property":
        yield "enough is for rule property"
    if check.solved and check.rule != "ordering":
        yield "solved is for rule ordering"
    if check.rule not in TWO_SIDED:
        if check.against or check.against_at or check.against_quantity:
            yield "against, against_at and against_quantity are for rules ordering and contrast"
        return
    if check.direction not in DIRECTIONS:
        yield f"direction {check.direction}: allowed are {', '.join(DIRECTIONS)}"
    same = check.against_at in (None, check.at) and check.against_quantity is None
    if check.against in check.experiments and same:
        yield f"{check.against} against itself needs against_at, other than at"


@cache
def read_paper(name: str) -> Paper:
    """The paper of that name. FileNotFoundError, ValueError or TypeError when it is not sound."""
    content = yaml.safe_load((PAPERS / f"{name}.yaml").read_text())
    claims = tuple(_claim(claim) for claim in content.pop("claims"))
    return Paper(name=name, claims=claims, **content)


def read_papers() -> list[Paper]:
    """All papers, oldest first."""
    names = [path.stem for path in PAPERS.glob("*.yaml")]
    return [read_paper(name) for name in sorted(names, key=lambda name: (name[-4:], name))]


def printed(figure: str) -> dict:
    """The weight set `paper/figure` of papers/<paper>.yaml. KeyError names those there are."""
    name, _, figure_name = figure.partition("/")
    papers = {paper.name: paper for paper in read_papers()}
    known = [f"{paper}/{key}" for paper in papers for key in papers[paper].weights]
    if figure not in known:
        raise KeyError(f"allowed are {', '.join(known)}")
    return papers[name].weights[figure_name]
