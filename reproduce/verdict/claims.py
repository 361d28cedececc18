"""The table of claims: one row for each claim, quantity and reading."""

import json
from collections.abc import Iterator

import pandas as pd

from reproduce.file.claim import TWO_SIDED, Check, Claim
from reproduce.file.finished import DamagedRun
from reproduce.file.paper import Paper
from reproduce.file.yaml_file import FileError
from reproduce.verdict.kept import Runs, whole
from reproduce.verdict.rule import judge
from reproduce.verdict.side import how_chosen, sides
from reproduce.verdict.statistic import is_time
from reproduce.verdict.verdict import NOT_JUDGED, UNDECIDED, Verdict

COLUMNS = [
    *("id", "check", "claim", "paper", "source", "kind", "same_as"),
    *("locus", "statement", "quantity", "unit"),
    *("published", "reproduced", "low", "high", "n"),
    *("rule", "verdict", "decided_by", "reason", "departs", "experiment", "command"),
]
SHORT = ["id", "kind", "statement", "published", "ours", "n", "verdict", "decided_by"]
DIGITS = 4  # of a number that is read
WRITTEN = 12  # digits of a number in a file; processors differ in the last of its 17


def claims_table(papers: list[Paper], runs: Runs) -> pd.DataFrame:
    """Judge every check of every claim in each of its experiments; `COLUMNS`, full precision.

    A grid gives one row a point, with the point after the name of the experiment, or one row of
    its best point. A claim without checks gives one row, without a verdict.
    """
    rows = [
        {
            **{"claim": claim.id, "paper": paper.name, "locus": claim.locus, **row},
            "source": paper.source(row["source"]).key,
            "departs": row["run"] in paper.departures,
        }
        for paper in papers
        for claim in paper.claims
        for row in _rows(claim, runs)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(claim: Claim, runs: Runs) -> Iterator[dict]:
    for check in claim.checks:
        for experiment in check.experiments:
            try:
                yield from _readings(check, experiment, runs)
            except ValueError as error:
                raise FileError(f"{claim.id} {check.quantity}: {error}") from None
    if not claim.checks:
        unjudged = Verdict(NOT_JUDGED, claim.reason)
        texts = dict.fromkeys(("quantity", "unit", "experiment", "command", "run", "same_as"), "")
        own = {"id": claim.id, "check": claim.id, "kind": claim.kind, "source": claim.source}
        yield {**own, "statement": claim.statement, "rule": "none", **texts, **vars(unjudged)}


def _readings(check: Check, experiment: str, runs: Runs) -> Iterator[dict]:
    told: dict[str, object] = {
        "check": check.id,
        "kind": check.kind,
        "source": check.source,
        "run": experiment,
    }
    told |= {"same_as": check.same_as or "", "statement": check.statement, "rule": check.rule}
    told |= {"quantity": check.quantity, "unit": check.unit, "published": check.published}
    if why := damage(check, experiment, runs):
        told |= {"id": row_id(check, experiment, experiment), **vars(Verdict(UNDECIDED, why))}
        yield {**told, "experiment": experiment, "command": to_make(experiment)}
        return
    run, other = whole(runs, experiment), None
    ours = sides(run, experiment, check, check.quantity, check.at)
    if check.against is not None:
        name = check.against
        quantity = check.against_quantity or check.quantity
        others = sides(whole(runs, name), name, check, quantity, check.against_at)
        if len(ours) > 1 or len(others) > 1:
            many = experiment if len(ours) > 1 else name
            count = max(len(ours), len(others))
            raise ValueError(
                f"{many} has {count} points: an ordering needs best: true, or settings of one"
            )
        other = others[0]
    for side in ours:
        verdict = judge(check, side.column, other)
        yield {
            **told,
            **vars(verdict),
            "id": row_id(check, experiment, side.name if len(ours) > 1 else experiment),
            "reason": "; ".join(filter(None, [verdict.reason, how_chosen(side, other)])),
            "experiment": side.name,
            "command": to_make(experiment) if run is None else run.record["command"],
        }


def row_id(check: Check, experiment: str, name: str) -> str:
    """The check's own id in its literal reading; else followed by reading and grid point.

    name: the experiment, perhaps with a grid point of it.
    """
    literal = check.experiments[0]
    parts = [] if experiment == literal else [experiment.removeprefix(f"{literal}/")]
    parts += [name.removeprefix(f"{experiment}: ")] if name != experiment else []
    return " / ".join([check.id, *parts])


def damage(check: Check, experiment: str, runs: Runs) -> str:
    """What is damaged of the runs that a check asks for; empty where nothing is."""
    asked = {name: runs.get(name) for name in (experiment, check.against) if name is not None}
    broken = {name: run for name, run in asked.items() if isinstance(run, DamagedRun)}
    return "; ".join(f"{name}: {run.reason}" for name, run in broken.items())


def to_make(experiment: str) -> str:
    """The command of a run that is not there."""
    return f"python -m reproduce experiment={experiment}"


def as_written(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its numbers rounded to `WRITTEN` digits, the same on every processor."""
    numbers = table.select_dtypes("float")
    return table.assign(**numbers.map(lambda number: float(f"{number:.{WRITTEN}g}")))


def as_csv(table: pd.DataFrame) -> str:
    """All rows with `WRITTEN` digits."""
    return as_written(table).to_csv(index=False)


def number(value: float | str | None) -> str:
    """A number as a reader wants it; a missing one is a dash."""
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{DIGITS}g}"


def ours(row: pd.Series) -> str:
    """Value and interval; a time that never came within the run is said so."""
    if row["n"] == 0:
        return "–"
    late = "later" if is_time(row["quantity"]) and row["rule"] not in TWO_SIDED else "–"
    middle, low, high = (
        late if pd.isna(row[name]) else number(row[name]) for name in ("reproduced", "low", "high")
    )
    without = low == high == middle or row["rule"] == "contrast"
    return middle if without else f"{middle} [{low}, {high}]"


def short(table: pd.DataFrame) -> pd.DataFrame:
    """The columns for reading, numbers rounded."""
    rounded = table.assign(
        ours=[ours(row) for _, row in table.iterrows()],
        published=[number(x) for x in table["published"]],
    )
    return rounded[SHORT]


def markdown(table: pd.DataFrame) -> str:
    """A table as GitHub shows it, its cells not padded."""
    safe = table.astype(str).map(lambda text: " ".join(text.replace("|", "\\|").split()))
    rows = [[*map(str, table)], ["---"] * table.shape[1], *safe.to_numpy().tolist()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def latex(table: pd.DataFrame) -> str:
    """A booktabs table."""
    plain = table.astype(str).replace({"–": "--"})
    styler = plain.style.hide(axis="index").format(escape="latex")
    styler = styler.format_index(escape="latex", axis=1)
    return styler.to_latex(hrules=True, environment="longtable")


def as_json(table: pd.DataFrame) -> str:
    """All rows with `WRITTEN` digits; null for a missing number."""
    rows = as_written(table).astype(object).where(table.notna(), None).to_dict(orient="records")
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def by_check(table: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of each check, the literal reading first, in the order of the papers."""
    return [rows for _, rows in table.groupby("check", sort=False)]
