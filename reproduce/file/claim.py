"""One claim of a paper and its checks, as they stand in `papers/<name>.yaml`.

A claim is one published number or statement. Each of its checks names the quantity that tests it,
the rule of comparison with its margin, and the experiments and readings in which the quantity is
measured; the first is the literal reading. A claim that no run here can test has no
checks but the reason why.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reproduce.file.experiments import experiment_names, is_experiment
from reproduce.file.value import is_number, nearest, quoted, wrong_keys
from reproduce.file.yaml_file import FileError

KINDS = {
    "printed": "the source prints this number or says this",
    "derived": "follows by arithmetic from what is printed, or is a part of a printed whole",
    "identity": "our program against itself or against mathematics",
    "setting": "taken over from the source",
    "extension": "more than the source says",
}
RULES = (
    *("exact", "within", "joint", "outcome", "band", "proportion", "property"),
    *("ordering", "contrast"),
)
NUMERIC = ("exact", "within", "band", "proportion")  # they compare with a published number
NEEDED = {
    "exact": ("decimals",),
    "joint": ("quantities", "decimals"),
    "outcome": ("outcomes",),
    "property": ("share",),
    "ordering": ("against", "direction"),
    "contrast": ("against", "direction"),
}
TWO_SIDED = ("ordering", "contrast")
ONLY_FOR = {  # keys that some rules have
    "decimals": ("exact", "within", "joint"),
    "quantities": ("joint",),
    "outcomes": ("outcome",),
    **dict.fromkeys(("margin", "of", "all_but"), ("proportion",)),
    **dict.fromkeys(("at_least", "at_most", "share", "enough"), ("property",)),
    **dict.fromkeys(("against", "direction", "against_at", "against_quantity"), TWO_SIDED),
    "solved": ("ordering",),
}
SHARE_OR_COUNT = ((True, False, False), (False, True, True))  # margin; of, all_but
DIRECTIONS = ("less", "more")
INHERITED = ("statement", "quote", "kind", "source")  # by a check from its claim


@dataclass(frozen=True)
class Check:
    """How one claim is tested; which of the optional fields are used depends on the rule."""

    id: str
    kind: str
    quantity: str
    unit: str
    rule: str
    published: float | str
    experiments: tuple[str, ...]
    statement: str = ""  # where it says more than the claim's own
    quote: str = ""  # the same
    source: str = ""  # key of another source than the paper itself
    same_as: str | None = None  # the check that asks the same published number or statement
    decimals: int | None = None  # exact, within, joint: to which the paper rounds
    quantities: dict | None = None  # joint: the printed number of each quantity
    outcomes: tuple[float, ...] | None = None  # outcome: what came out of each published run
    margin: float | None = None  # proportion of a published share
    of: tuple[int, ...] | None = (
        None  # proportion of a published count: how many runs there may have been
    )
    all_but: int | None = None  # proportion of a published count: in how many runs it was not so
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
    among: dict | None = None  # of replicas only those with at least these values
    solved: bool = False  # of times only those that came: starts that never solve are left out


@dataclass(frozen=True)
class Claim:
    """One claim: its id, where it stands, its checks, and a few words of the paper, if any.

    kind, source: of its checks too, where they do not say otherwise.
    """

    id: str
    kind: str
    locus: str
    statement: str
    quote: str
    checks: tuple[Check, ...]
    source: str = ""  # key of another source than the paper itself
    reason: str = ""  # why there are no checks

    @property
    def parts(self) -> "list[Claim | Check]":
        """The claim itself and its checks: all that has an id."""
        return [self, *self.checks]


def claim_of(values: dict, where: str) -> Claim:
    """A claim as it is written; FileError, beginning with `where`, says what is wrong."""
    refuse(where, wrong_keys(Claim, values))
    checks = [
        _check(values, check, f"{where} check {place}")
        for place, check in enumerate(values["checks"], 1)
    ]
    claim = Claim(**{**values, "checks": tuple(checks)})
    if claim.kind not in KINDS:
        raise FileError(f"{where}: kind={claim.kind}: allowed are {', '.join(KINDS)}")
    if not claim.checks and not claim.reason:
        raise FileError(f"{where}: no checks, and no reason why there are none")
    if claim.checks and claim.reason:
        raise FileError(f"{where}: a reason is for a claim without checks")
    return claim


def _check(claim: dict, values: dict, where: str) -> Check:
    if isinstance(values.get("quantity"), str):
        where += f" ({values['quantity']})"
    own = {key: claim[key] for key in INHERITED if key in claim}
    values = own | values
    refuse(where, wrong_keys(Check, values))
    tuples = {key: tuple(values[key]) for key in ("experiments", "outcomes", "of") if key in values}
    check = Check(**{**values, **tuples})
    refuse(where, _wrong(check, claim["id"]))
    return check


def refuse(where: str, problems: Iterator[str]) -> None:
    """Raise FileError with the first problem, if there is one."""
    if problem := next(problems, None):
        raise FileError(f"{where}: {problem}")


def _wrong(check: Check, claim_id: str) -> Iterator[str]:
    """What cannot be meant by a check, in words."""
    if check.kind not in KINDS:
        yield f"kind={check.kind}: allowed are {', '.join(KINDS)}"
    if not check.id.removeprefix(f"{claim_id}.").isdigit():
        yield f"id={check.id}: allowed is {claim_id}. and a number"
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
    elif check.rule in NUMERIC and check.of is None:
        yield f"{published}: allowed for rule {check.rule} is a number"
    given = tuple(part is not None for part in (check.margin, check.of, check.all_but))
    if check.rule == "proportion" and given not in SHARE_OR_COUNT:
        yield "rule=proportion needs margin, or of and all_but"
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
