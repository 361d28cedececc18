"""The pages of results/: one of counts and links, and for each paper its claims and its runs."""

import re
from pathlib import Path

import pandas as pd

from reproduce.file.claim import Claim
from reproduce.file.duration import in_words
from reproduce.file.paper import Paper
from reproduce.page.template import filled
from reproduce.verdict.claims import by_check, markdown, number, ours
from reproduce.verdict.headline import apart, by_chance, headline
from reproduce.verdict.kept import Kept, Runs, damaged
from reproduce.verdict.verdict import NOT_JUDGED, VERDICTS

HERE = Path(__file__).parent
ALL = (*VERDICTS, NOT_JUDGED)
CLAIMS, RUNS = "README.md", "runs.md"  # the two pages in the folder of a paper


def slug(heading: str) -> str:
    """What GitHub calls a heading in a link."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def heading_of(claim: str, locus: str) -> str:
    """The heading of a claim on the page of its paper."""
    return f"{claim}: {locus}"


def place_of(row: pd.Series) -> str:
    """Where the claim of a row of the table stands, seen from results/."""
    return f"{row['paper']}/{CLAIMS}#{slug(heading_of(row['claim'], row['locus']))}"


def link_of(experiment: str, text: str, way: str = "") -> str:
    """A link to a run; way: from where the link stands to results/."""
    name = experiment.split(":")[0]
    return f"[{text}]({way}{name.split('/')[0]}/{RUNS}#{slug(name)})"


def headline_of(papers: list[Paper], table: pd.DataFrame, way: str = "") -> str:
    """The headline as a table; the source that is a paper of the project leads to its page."""
    found = headline(table)
    pages = {paper.key: f"[{paper.key}]({way}{paper.name}/{CLAIMS})" for paper in papers}
    return markdown(found.assign(source=[pages.get(key, key) for key in found["source"]]))


def counted(verdicts: pd.Series) -> str:
    """How often each verdict is there, in words."""
    found = verdicts.value_counts()
    return ", ".join(f"{found[name]} {name}" for name in ALL if name in found)


def results_page(
    papers: list[Paper], table: pd.DataFrame, runs: Runs, sections: list[str]
) -> bytes:
    """results/README.md: counts, and a link for each experiment."""
    names = table["experiment"].str.split(":").str[0]
    rows = [
        {
            "experiment": link_of(name, name),
            "starts": number(run.record["replicas"]),
            "time": in_words(run.record["wall_seconds"]),
            "verdicts, in all its readings": counted(table.loc[names == name, "verdict"]) or "–",
        }
        for name, run in whole(runs).items()
    ]
    page = filled(
        HERE / "results.md.j2",
        headline=headline_of(papers, table),
        by_chance=by_chance(table),
        apart=markdown(apart(table)),
        sources=[source for paper in papers for source in (paper, *paper.sources.values())],
        runs=markdown(pd.DataFrame(rows)) if rows else "",
        sections=sections,
        damaged={name: error.reason for name, error in damaged(runs).items()},
    )
    return page.encode()


def claims_page(paper: Paper, table: pd.DataFrame) -> bytes:
    """What one paper printed, claim by claim in its order, with ours beside each."""
    own = table[table["paper"] == paper.name]
    page = filled(
        HERE / "paper.md.j2",
        paper=paper,
        headline=headline_of([], own),
        claims=[(claim, *of_claim(claim, own)) for claim in paper.claims],
    )
    return page.encode()


def of_claim(claim: Claim, table: pd.DataFrame) -> tuple[str, str]:
    """The heading of a claim and the table of its checks; no table where it has no checks."""
    heading = heading_of(claim.id, claim.locus)
    if not claim.checks:
        return heading, ""
    rows = []
    for group in by_check(table[table["claim"] == claim.id]):
        literal = group["experiment"].iloc[0].split(":")[0]
        for place, (_, row) in enumerate(group.iterrows()):
            name = row["experiment"].removeprefix(f"{literal}/")
            run = link_of(row["experiment"], name.removeprefix(f"{row['paper']}/"), "../")
            rows.append(
                {
                    "id": "" if place else row["id"],
                    "kind": "" if place else row["kind"],
                    "asked": f"in {run}" if place else f"{row['statement']}, in {run}",
                    "printed": "" if place else number(row["published"]),
                    "ours": ours(row),
                    "n": number(row["n"]),
                    "verdict": f"**{row['verdict']}**",
                    "decided by": "; ".join(filter(None, [row["decided_by"], row["reason"]])),
                }
            )
    return heading, markdown(pd.DataFrame(rows))


def runs_page(paper: str, runs: dict[str, Kept], pictures: dict[str, list[Path]]) -> bytes:
    """The kept runs of one paper: command, size, time, files and figures of each."""
    page = filled(
        HERE / "runs.md.j2",
        paper=paper,
        runs=[run for name, run in runs.items() if name.startswith(f"{paper}/")],
        pictures=pictures,
        number=number,
        in_words=in_words,
    )
    return page.encode()


def whole(runs: Runs) -> dict[str, Kept]:
    """The runs that are not damaged, by experiment."""
    return {name: run for name, run in runs.items() if isinstance(run, Kept)}
