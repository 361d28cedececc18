"""The table of claims: one row for each claim, quantity and reading."""

import json
from collections.abc import Iterator

import pandas as pd

from reproduce.compare.kept import Kept
from reproduce.compare.rule import judge
from reproduce.paper import Check, Claim, Paper

COLUMNS = [
    *("claim", "paper", "locus", "statement", "quantity", "unit"),
    *("published", "reproduced", "low", "high", "n"),
    *("rule", "verdict", "reason", "experiment", "command"),
]
SHORT = ["claim", "statement", "published", "ours", "n", "verdict", "experiment"]
DIGITS = 4


def claims_table(papers: list[Paper], runs: dict[str, Kept]) -> pd.DataFrame:
    """Judge every check of every claim in each of its experiments; `COLUMNS`, full precision.

    A grid gives one row a point, with the point after the name of the experiment.
    """
    rows = [
        row
        for paper in papers
        for claim in paper.claims
        for check in claim.checks
        for experiment in check.experiments
        for row in _rows(paper, claim, check, experiment, runs)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(
    paper: Paper, claim: Claim, check: Check, experiment: str, runs: dict[str, Kept]
) -> Iterator[dict]:
    run, other = runs.get(experiment), runs.get(check.against)
    against = None if other is None else other.replicas[check.quantity]
    readings = {experiment: None} if run is None else run.readings(check.quantity)
    for reading, column in readings.items():
        if run is not None and column is None:
            raise KeyError(f"{claim.id}: {experiment} has no quantity {check.quantity}")
        yield {
            "claim": claim.id,
            "paper": paper.name,
            "locus": claim.locus,
            "statement": check.statement,
            "quantity": check.quantity,
            "unit": check.unit,
            "published": check.published,
            **vars(judge(check, column, against)),
            "rule": check.rule,
            "experiment": reading,
            "command": f"python -m reproduce experiment={experiment}"
            if run is None
            else run.record["command"],
        }


def number(value) -> str:
    """A number as a reader wants it; a missing one is a dash."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{DIGITS}g}"


def ours(row: pd.Series) -> str:
    """Value and interval; a time that never came within the run is said so."""
    if row["n"] == 0:
        return "–"
    late = "later" if str(row["quantity"]).startswith("sweeps_to") else "–"
    middle, low, high = (
        late if pd.isna(row[name]) else number(row[name]) for name in ("reproduced", "low", "high")
    )
    return middle if low == high == middle else f"{middle} [{low}, {high}]"


def short(table: pd.DataFrame) -> pd.DataFrame:
    """The columns for reading, numbers rounded."""
    rounded = table.assign(
        ours=table.apply(ours, axis=1), published=[number(x) for x in table["published"]]
    )
    return rounded[SHORT]


def markdown(table: pd.DataFrame) -> str:
    """A table as GitHub shows it."""
    safe = table.astype(str).map(lambda text: text.replace("|", "\\|"))
    return safe.to_markdown(index=False, disable_numparse=True) + "\n"


def latex(table: pd.DataFrame) -> str:
    """A booktabs table."""
    plain = table.astype(str).replace({"–": "--"})
    styler = plain.style.hide(axis="index").format(escape="latex")
    styler = styler.format_index(escape="latex", axis=1)
    return styler.to_latex(hrules=True, environment="longtable")


def as_json(table: pd.DataFrame) -> str:
    """All rows with full precision; null for a missing number."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def overview(table: pd.DataFrame) -> pd.DataFrame:
    """One row a check: the literal reading in full, the verdicts of the other readings counted."""
    rows = []
    for _, group in table.groupby(["paper", "claim", "quantity", "statement"], sort=False):
        literal = group.iloc[0]
        others = group.iloc[1:]["verdict"].value_counts()
        rows.append(
            {
                "claim": f"{literal['claim']} ({literal['paper']})",
                "statement": literal["statement"],
                "published": number(literal["published"]),
                "ours (literal reading)": ours(literal),
                "n": literal["n"],
                "verdict": f"**{literal['verdict']}**",
                "other readings": ", ".join(f"{n} {name}" for name, n in others.items()),
            }
        )
    return pd.DataFrame(rows)
