"""The pages of results/: one of counts and links, and for each paper its claims and its runs."""

import re
from pathlib import Path

import pandas as pd

from reproduce.file.duration import in_words
from reproduce.file.paper import Claim, Paper
from reproduce.page.template import filled
from reproduce.verdict.claims import by_check, markdown, number, ours
from reproduce.verdict.kept import Kept, Runs, damaged
from reproduce.verdict.rule import INCONCLUSIVE, NO_VERDICT, NOT, PARTLY, REPRODUCED

HERE = Path(__file__).parent
VERDICTS = (REPRODUCED, PARTLY, NOT, INCONCLUSIVE, NO_VERDICT)
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


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """How each check came out in its literal reading: a row a paper, and their sum."""
    literal = pd.DataFrame([rows.iloc[0] for rows in by_check(table)], columns=table.columns)
    found = pd.crosstab(literal["paper"], literal["verdict"])
    found = found.reindex(literal["paper"].unique()).reindex(columns=VERDICTS, fill_value=0)
    found.insert(0, "asked", found.sum(axis=1))
    found.loc["all"] = found.sum()
    return found


def counted(verdicts: pd.Series) -> str:
    """How often each verdict is there, in words."""
    found = verdicts.value_counts()
    return ", ".join(f"{found[name]} {name}" for name in VERDICTS if name in found)


def results_page(
    papers: list[Paper], table: pd.DataFrame, runs: Runs, sections: list[str]
) -> bytes:
    """results/README.md: counts, and a link for each experiment."""
    found = counts(table).reset_index(names="paper")
    found["paper"] = [
        name if name == "all" else f"[{name}]({name}/{CLAIMS})" for name in found["paper"]
    ]
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
        counts=markdown(found),
        papers=papers,
        runs=markdown(pd.DataFrame(rows)) if rows else "",
        sections=sections,
        damaged={name: error.reason for name, error in damaged(runs).items()},
    )
    return page.encode()


def claims_page(paper: Paper, table: pd.DataFrame, found: pd.DataFrame) -> bytes:
    """What one paper printed, claim by claim in its order, with ours beside each."""
    own = table[table["paper"] == paper.name]
    page = filled(
        HERE / "paper.md.j2",
        paper=paper,
        counts=found.loc[[paper.name]].to_dict("records")[0],
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
                    "asked": f"in {run}" if place else f"{row['statement']}, in {run}",
                    "printed": "" if place else number(row["published"]),
                    "ours": ours(row),
                    "n": number(row["n"]),
                    "verdict": f"**{row['verdict']}**",
                    "why": row["reason"],
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
