"""What was published: `papers/<name>.yaml`, read and checked.

A claim is one published number or statement. Each of its checks names the quantity that tests it,
the rule of comparison with its margin, and the experiments, one for each reading, in which the
quantity is measured; the first is the literal reading.
"""

from dataclasses import dataclass, field
from functools import cache

import yaml

from reproduce.place import PAPERS

RULES = ("exact", "within", "proportion", "property", "ordering")


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
    against: str | None = None  # ordering: the experiment it is compared with
    direction: str | None = None  # ordering: less or more


@dataclass(frozen=True)
class Claim:
    """One claim: its id, where it stands, its checks, and a few words of the paper, if any."""

    id: str
    locus: str
    statement: str
    quote: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Paper:
    """One paper: how to cite it, its printed weight sets by figure, its claims."""

    name: str
    citation: str
    bibtex: str
    claims: tuple[Claim, ...]
    weights: dict[str, dict] = field(default_factory=dict)


def _check(claim: dict, values: dict) -> Check:
    values = {"statement": claim["statement"], "quote": claim["quote"], **values}
    check = Check(**{**values, "experiments": tuple(values["experiments"])})
    needed = {
        "exact": ("decimals",),
        "property": ("share",),
        "ordering": ("against", "direction"),
    }
    if check.rule not in RULES:
        raise ValueError(f"{claim['id']}: rule {check.rule}: allowed are {', '.join(RULES)}")
    for name in needed.get(check.rule, ()):
        if getattr(check, name) is None:
            raise ValueError(f"{claim['id']} {check.quantity}: rule {check.rule} needs {name}")
    return check


@cache
def read_paper(name: str) -> Paper:
    """The paper of that name. FileNotFoundError, ValueError or TypeError when it is not sound."""
    content = yaml.safe_load((PAPERS / f"{name}.yaml").read_text())
    claims = tuple(
        Claim(
            claim["id"],
            claim["locus"],
            claim["statement"],
            claim["quote"],
            tuple(_check(claim, check) for check in claim["checks"]),
        )
        for claim in content.pop("claims")
    )
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
