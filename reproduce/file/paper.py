"""What was published: `papers/<name>.yaml`, read and checked.

A claim is one published number or statement. Each of its checks names the quantity that tests it,
the rule of comparison with its margin, and the experiments and readings in which the quantity is
measured; the first is the literal reading. A claim that no run here can test has no
checks but the reason why.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from reproduce.file.experiments import experiment_names, is_experiment
from reproduce.file.place import PAPERS
from reproduce.file.printed_net import wrong_in_nets
from reproduce.file.value import is_number, nearest, quoted, wrong_keys
from reproduce.file.yaml_file import FileError, read_mapping

RULES = ("exact", "within", "band", "proportion", "property", "ordering", "contrast")
NUMERIC = ("exact", "within", "band", "proportion")  # they compare with a published number
NEEDED = {
    "exact": ("decimals",),
    "property": ("share",),
    "ordering": ("against", "direction"),
    "contrast": ("against", "direction"),
}
TWO_SIDED = ("ordering", "contrast")
ONLY_FOR = {  # keys that some rules have
    "decimals": ("exact", "within"),
    "margin": ("proportion",),
    **dict.fromkeys(("at_least", "at_most", "share", "enough"), ("property",)),
    **dict.fromkeys(("against", "direction", "against_at", "against_quantity"), TWO_SIDED),
    "solved": ("ordering",),
}
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


def _claim(values: dict, where: str) -> Claim:
    _refuse(where, wrong_keys(Claim, values))
    checks = [
        _check(values, check, f"{where} check {place}")
        for place, check in enumerate(values["checks"], 1)
    ]
    claim = Claim(**{**values, "checks": tuple(checks)})
    if not claim.checks and not claim.reason:
        raise FileError(f"{where}: no checks, and no reason why there are none")
    if claim.checks and claim.reason:
        raise FileError(f"{where}: a reason is for a claim without checks")
    return claim


def _check(claim: dict, values: dict, where: str) -> Check:
    if isinstance(values.get("quantity"), str):
        where += f" ({values['quantity']})"
    _refuse(where, wrong_keys(Check, values))
    values = {"statement": claim["statement"], "quote": claim["quote"], **values}
    check = Check(**{**values, "experiments": tuple(values["experiments"])})
    _refuse(where, _wrong(check))
    return check


def _refuse(where: str, problems: Iterator[str]) -> None:
    """Raise FileError with the first problem, if there is one."""
    if problem := next(problems, None):
        raise FileError(f"{where}: {problem}")


def _wrong(check: Check) -> Iterator[str]:
    """What cannot be meant by a check, in words."""
    if check.rule not in RULES:
        yield f"rule={check.rule}: allowed are {', '.join(RULES)}"
    for name in NEEDED.get(check.rule, ()):
        if getattr(check, name) is None:
            yield f"rule={check.rule} needs {name}"
    for name, rules in ONLY_FOR.items():
        value = getattr(check, name)
        if value is not None and value is not False and check.rule not in rules:
            yield f"{name} is for rule {' or '.join(rules)}"
    yield from _wrong_numbers(check)
    yield from _wrong_experiments(check)
    if check.rule not in TWO_SIDED:
        return
    if check.direction not in DIRECTIONS:
        yield f"direction={check.direction}: allowed are {', '.join(DIRECTIONS)}"
    same = check.against_at in (None, check.at) and check.against_quantity is None
    if check.against in check.experiments and same:
        yield f"{check.against} against itself needs against_at, other than at"


def _wrong_numbers(check: Check) -> Iterator[str]:
    """What is wrong with the published value and the range around it."""
    value, published = check.published, f"published={quoted(check.published)}"
    if is_number(value):
        if check.decimals is not None and round(value, check.decimals) != value:
            yield f"{published}: it has more decimal places than decimals={check.decimals}"
        if check.rule == "proportion" and not 0 <= value <= 1:
            yield f"{published}: allowed for rule proportion is a share from 0 to 1"
        if check.rule == "band" and value <= 0:
            yield f"{published}: allowed for rule band is a number above 0"
    elif check.rule in NUMERIC:
        yield f"{published}: allowed for rule {check.rule} is a number"
    if check.rule == "property":
        low, high = check.at_least, check.at_most
        if low is None and high is None:
            yield "rule=property needs at_least or at_most"
        if low is not None and high is not None and low > high:
            yield f"at_least={low}: allowed is at most at_most={high}"


def _wrong_experiments(check: Check) -> Iterator[str]:
    """Names that are no experiment, or come twice."""
    for name in (*check.experiments, *filter(None, [check.against])):
        if not is_experiment(name):
            yield f"{name}: no such experiment; {nearest(name, experiment_names())}"
    if len(set(check.experiments)) < len(check.experiments):
        yield f"experiments={quoted([*check.experiments])}: allowed is each experiment once"


@cache
def read_paper(name: str) -> Paper:
    """The paper of that name. FileError says in one line what is wrong in its file."""
    file = f"papers/{name}.yaml"
    content = read_mapping(PAPERS / f"{name}.yaml", file)
    _refuse(file, wrong_keys(Paper, content, apart="name"))
    _refuse(file, wrong_in_nets(content.get("weights", {})))
    claims = tuple(
        _claim(claim, f"{file}: {claim.get('id', f'claim {place}')}")
        for place, claim in enumerate(content["claims"], 1)
    )
    paper = Paper(name=name, **{**content, "claims": claims})
    _refuse_same_ids([paper])
    return paper


def _refuse_same_ids(papers: list[Paper]) -> None:
    first: dict[str, str] = {}
    for paper in papers:
        for claim in paper.claims:
            if other := first.get(claim.id):
                raise FileError(
                    f"papers/{paper.name}.yaml: id={claim.id}: another claim has it, in {other}"
                )
            first[claim.id] = f"papers/{paper.name}.yaml"


def paper_names() -> list[str]:
    """The papers that have a file, oldest first."""
    names = [path.stem for path in PAPERS.glob("[!.]*.yaml")]
    return sorted(names, key=lambda name: (name[-4:], name))


def read_papers() -> list[Paper]:
    """All papers, oldest first; FileError when one is not sound."""
    papers = [read_paper(name) for name in paper_names()]
    _refuse_same_ids(papers)
    return papers


def printed(figure: str) -> dict:
    """The weight set `paper/figure` of papers/<paper>.yaml. KeyError names those there are."""
    name, _, figure_name = figure.partition("/")
    own = read_paper(name).weights if name in paper_names() else {}
    if figure_name not in own:
        known = [f"{paper.name}/{key}" for paper in read_papers() for key in paper.weights]
        raise KeyError(f"allowed are {', '.join(known)}")
    return own[figure_name]


def exact_checks(paper: Paper, experiment: str) -> list[Check]:
    """The checks of rule exact that ask something of the experiment."""
    checks = [check for claim in paper.claims for check in claim.checks]
    return [c for c in checks if c.rule == "exact" and experiment in c.experiments]
