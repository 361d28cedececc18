"""What was published: `papers/<name>.yaml`, read and checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from reproduce.file.claim import Check, Claim, claim_of, refuse
from reproduce.file.experiments import experiment_names, is_experiment
from reproduce.file.place import PAPERS
from reproduce.file.printed_net import wrong_in_nets
from reproduce.file.value import nearest, quoted, wrong_keys
from reproduce.file.yaml_file import FileError, read_mapping

KEY = re.compile(r"\s*@\w+\{([^,\s]+),")


@dataclass(frozen=True)
class Source:
    """A publication: how to cite it, in words and in BibTeX."""

    citation: str
    bibtex: str

    @property
    def key(self) -> str:
        """The key of its BibTeX entry; empty where it has none."""
        found = KEY.match(self.bibtex)
        return found[1] if found else ""


@dataclass(frozen=True)
class Paper(Source):
    """One paper: how to cite it, its claims, and its printed weight sets by figure.

    sources: by key, of claims that stand elsewhere.
    departures: experiments that leave what is printed, not only read it in one of several ways.
    """

    name: str
    claims: tuple[Claim, ...]
    weights: dict[str, dict] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    departures: tuple[str, ...] = ()

    def source(self, key: str = "") -> Source:
        """The source of that key; without a key the paper itself."""
        return self.sources[key] if key else self


@cache
def read_paper(name: str) -> Paper:
    """The paper of that name. FileError says in one line what is wrong in its file."""
    file = f"papers/{name}.yaml"
    content = read_mapping(PAPERS / f"{name}.yaml", file)
    refuse(file, wrong_keys(Paper, content, apart="name"))
    refuse(file, wrong_in_nets(content.get("weights", {})))
    claims = tuple(
        claim_of(claim, f"{file}: {claim.get('id', f'claim {place}')}")
        for place, claim in enumerate(content["claims"], 1)
    )
    refuse(file, _wrong_sources(content, claims))
    sources = {key: Source(**values) for key, values in content.get("sources", {}).items()}
    departures = tuple(content.get("departures", ()))
    parts = {"claims": claims, "sources": sources, "departures": departures}
    paper = Paper(name=name, **{**content, **parts})
    _refuse_same_ids([paper])
    return paper


def _wrong_sources(content: dict, claims: tuple[Claim, ...]) -> Iterator[str]:
    """Sources that are badly written, or that are not there; departures that do not exist."""
    sources = content.get("sources", {})
    for key, values in sources.items():
        yield from (f"sources: {key}: {wrong}" for wrong in wrong_keys(Source, values))
        if (found := Source(**values).key) != key:
            yield f"sources: {key}: its bibtex has the key {quoted(found)}"
    for part in (part for claim in claims for part in claim.parts):
        if part.source and part.source not in sources:
            yield f"{part.id}: source={part.source}: {nearest(part.source, sources)}"
    for name in content.get("departures", ()):
        if not is_experiment(name):
            yield f"departures: {name}: no such experiment; {nearest(name, experiment_names())}"


def _refuse_same_ids(papers: list[Paper]) -> None:
    first: dict[str, str] = {}
    for paper in papers:
        for part in (part for claim in paper.claims for part in claim.parts):
            if other := first.get(part.id):
                what = "claim" if isinstance(part, Claim) else "check"
                raise FileError(
                    f"papers/{paper.name}.yaml: id={part.id}: another {what} has it, in {other}"
                )
            first[part.id] = f"papers/{paper.name}.yaml"


def _refuse_unknown_twins(papers: list[Paper]) -> None:
    """A check can be the same as a printed one that is counted, in any paper."""
    checks = [(p.name, check) for p in papers for claim in p.claims for check in claim.checks]
    counted = [c.id for _, c in checks if c.kind == "printed" and c.same_as is None]
    for name, check in checks:
        if check.same_as is not None and check.same_as not in counted:
            raise FileError(
                f"papers/{name}.yaml: {check.id}: same_as={check.same_as}: no such printed check; "
                f"{nearest(check.same_as, counted)}"
            )


def paper_names() -> list[str]:
    """The papers that have a file, oldest first."""
    names = [path.stem for path in PAPERS.glob("[!.]*.yaml")]
    return sorted(names, key=lambda name: (name[-4:], name))


def read_papers() -> list[Paper]:
    """All papers, oldest first; FileError when one is not sound."""
    papers = [read_paper(name) for name in paper_names()]
    _refuse_same_ids(papers)
    _refuse_unknown_twins(papers)
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
