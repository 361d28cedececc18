"""What README.md says of the results: counts, some rows, three findings; between its two marks."""

from collections.abc import Callable

import pandas as pd

from reproduce.file.paper import Paper
from reproduce.file.yaml_file import FileError
from reproduce.page.pages import CLAIMS, HERE, counts, place_of
from reproduce.page.template import filled
from reproduce.verdict.claims import by_check, claims_table, markdown, number, ours
from reproduce.verdict.kept import Runs

BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"


def claims_section(papers: list[Paper], runs: Runs, readme: str) -> str:
    """The README's text with the part between its marks renewed. FileError."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise FileError(f"README.md: it needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{section_of(claims_table(papers, runs))}{END}{after}"


def section_of(table: pd.DataFrame) -> str:
    """The part between the marks, from the table of claims."""
    found = counts(table).reset_index(names="paper")
    found["paper"] = [
        name if name == "all" else f"[{name}](results/{name}/{CLAIMS})" for name in found["paper"]
    ]
    said = literal(table)
    return filled(
        HERE / "readme.md.j2",
        counts=markdown(found),
        row=lambda claim, beginning, words: row(said(claim, beginning), words),
        said=said,
        held=lambda claim, beginning: held(said(claim, beginning)),
    )


def literal(table: pd.DataFrame) -> Callable[[str, str], pd.Series]:
    """A function that finds the literal reading of a check by its claim and how it begins.

    FileError where that is not one check.
    """
    rows = [group.iloc[0] for group in by_check(table)]

    def said(claim: str, beginning: str) -> pd.Series:
        own = [row for row in rows if row["claim"] == claim]
        those = [row for row in own if row["statement"] == beginning]
        those = those or [row for row in own if row["statement"].startswith(beginning)]
        if len(those) != 1:
            raise FileError(
                f"readme.md.j2: {len(those)} questions of claim {claim} begin with "
                f"{beginning!r}; needed is one"
            )
        return those[0]

    return said


def row(found: pd.Series, words: str) -> str:
    """One row of the table in README, its question in `words`."""
    claim = f"[{found['claim']}](results/{place_of(found)})"
    cells = [claim, words, number(found["published"]), ours(found)]
    return f"| {' | '.join(cells)} | {number(found['n'])} | **{found['verdict']}** |"


def held(found: pd.Series) -> str:
    """Of how many nets a share is true: `3 of 1,000`."""
    n, share = found["n"], found["reproduced"]
    return f"{number(round(share * n)) if n else 0} of {number(n)}"
