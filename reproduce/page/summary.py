"""What a finished run says at its end: each question asked of it, printed beside ours."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from reproduce.file.claim import Claim
from reproduce.file.duration import in_words
from reproduce.file.finished import open_run
from reproduce.file.paper import Paper, read_papers
from reproduce.file.yaml_file import FileError
from reproduce.page.pages import CLAIMS, counted
from reproduce.verdict.claims import claims_table, number, ours
from reproduce.verdict.kept import Kept, read_kept

SHOWN = 12  # rows; a grid may have one for each of many points
STATEMENT = 40  # letters of a question


def asked_of(run: Kept) -> list[tuple[Paper, Claim]]:
    """Every check of the run, each as a claim of its own."""
    return [
        (paper, replace(claim, checks=(replace(check, experiments=(run.experiment,)),)))
        for paper in read_papers()
        for claim in paper.claims
        for check in claim.checks
        if run.experiment in check.experiments
    ]


def judged(run: Kept) -> Iterator[pd.DataFrame]:
    """The rows of each check; none where changed settings left out what it asks for."""
    for paper, claim in asked_of(run):
        try:
            yield claims_table([replace(paper, claims=(claim,))], {run.experiment: run})
        except FileError:
            continue


def summary(folder: Path, changed: list[str]) -> str:
    """The lines for the run in `folder`; changed: the settings that are not those of its file."""
    run = read_kept(open_run(folder))
    lines = verdicts_in_words(run)
    if changed:
        lines.append(f"changed settings, so not citable: {', '.join(changed)}")
    seconds, starts = run.record["wall_seconds"], run.record["replicas"]
    lines.append(f"{number(starts)} start{'s' if starts != 1 else ''} in {in_words(seconds)}")
    if (folder / "figures").exists():
        lines.append(f"figures: {folder / 'figures'}")
    lines.append(f"citable numbers: results/{run.experiment.split('/')[0]}/{CLAIMS}")
    return "\n".join(lines)


def verdicts_in_words(run: Kept) -> list[str]:
    """A line for each of its first rows in the table of claims, and how many of each verdict."""
    found = [*judged(run)]
    if not found:
        return ["no claim can be held against this run"]
    table = pd.concat(found, ignore_index=True)
    return [*rows_in_words(table), counted(table["verdict"])]


def rows_in_words(table: pd.DataFrame) -> list[str]:
    """The first rows as aligned columns."""
    shown = table.head(SHOWN)
    question = shown["statement"].map(cut)
    printed = shown["published"].map(number)
    middle = pd.Series([ours(row) for _, row in shown.iterrows()], index=shown.index)
    columns = {"claim": shown["check"], "question": question, "printed": printed, "ours": middle}
    text = pd.DataFrame({**columns, "verdict": shown["verdict"]}).astype(str)
    wide = {name: max(len(str(name)), text[name].str.len().max()) for name in text}
    rows = [[*text], *text.to_numpy().tolist()]
    lines = [
        "  ".join(cell.ljust(wide[name]) for name, cell in zip(text, row, strict=True)).rstrip()
        for row in rows
    ]
    return [*lines, *([f"and {len(table) - SHOWN} more"] if len(table) > SHOWN else [])]


def cut(statement: str) -> str:
    """A question that fits its column."""
    return statement if len(statement) <= STATEMENT else f"{statement[: STATEMENT - 1]}…"
