"""What README.md says of the results: counts, some rows, three findings; between its two marks."""

from collections.abc import Callable

import pandas as pd

from reproduce.file.paper import Paper
from reproduce.file.value import nearest
from reproduce.file.yaml_file import FileError
from reproduce.page.pages import HERE, headline_of, place_of
from reproduce.page.template import filled
from reproduce.verdict.claims import by_check, claims_table, number, ours
from reproduce.verdict.headline import by_chance
from reproduce.verdict.kept import Runs

BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"


def claims_section(papers: list[Paper], runs: Runs, readme: str) -> str:
    """The README's text with the part between its marks renewed. FileError."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise FileError(f"README.md: it needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{section_of(papers, claims_table(papers, runs))}{END}{after}"


def section_of(papers: list[Paper], table: pd.DataFrame) -> str:
    """The part between the marks, from the table of claims."""
    said = literal(table)
    return filled(
        HERE / "readme.md.j2",
        headline=headline_of(papers, table, "results/"),
        by_chance=by_chance(table),
        row=lambda check, words: row(said(check), words),
        said=said,
        held=lambda check: held(said(check)),
    )


def literal(table: pd.DataFrame) -> Callable[[str], pd.Series]:
    """A function that gives the literal reading of a check. FileError where there is no such."""
    rows = {group["check"].iloc[0]: group.iloc[0] for group in by_check(table)}

    def said(check: str) -> pd.Series:
        if check not in rows:
            raise FileError(f"readme.md.j2: {check}: no such check; {nearest(check, rows)}")
        return rows[check]

    return said


def row(found: pd.Series, words: str) -> str:
    """One row of the table in README, its question in `words`."""
    claim = f"[{found['check']}](results/{place_of(found)})"
    cells = [claim, words, number(found["published"]), ours(found)]
    return f"| {' | '.join(cells)} | {number(found['n'])} | **{found['verdict']}** |"


def held(found: pd.Series) -> str:
    """Of how many nets a share is true: `3 of 1,000`."""
    n, share = found["n"], found["reproduced"]
    return f"{number(round(share * n)) if n else 0} of {number(n)}"
