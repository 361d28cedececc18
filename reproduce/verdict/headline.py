"""The count that may be cited: what was printed, each thing once, in the literal reading."""

import pandas as pd

from reproduce.verdict.statistic import CONFIDENCE
from reproduce.verdict.verdict import NOT, NOT_JUDGED, REPRODUCED, VERDICTS

ANOTHER, DEPARTURE = "in another reading", "only with a departure"
FALLIBLE = ("within", "joint", "outcome", "band", "ordering", "contrast", "proportion")


def counted(table: pd.DataFrame) -> pd.DataFrame:
    """One row a printed number or statement: its literal reading, and how else it agrees.

    table: as `claims.claims_table` gives it. The column `agrees` is empty where the literal reading
    is reproduced or no row is; otherwise it says whether another way to read what the source leaves
    open is reproduced, or only a run that departs from the source.
    """
    printed = table[table["kind"] == "printed"]
    literal = printed[printed["same_as"] == ""].drop_duplicates("check").set_index("check")
    asks = printed["same_as"].where(printed["same_as"] != "", printed["check"])
    agreeing = printed[printed["verdict"] == REPRODUCED]
    asked, departs = asks[agreeing.index], agreeing["departs"].astype(bool)
    another, departing = {*asked[~departs]}, {*asked[departs]}
    agrees = [
        ""
        if row["verdict"] in (REPRODUCED, NOT_JUDGED)
        else ANOTHER
        if check in another
        else DEPARTURE
        if check in departing
        else ""
        for check, row in literal.iterrows()
    ]
    return literal.assign(agrees=agrees).reset_index()


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """Counts by source, in the order of the table, and in all."""
    each = counted(table)
    columns = [*VERDICTS, ANOTHER, DEPARTURE, NOT_JUDGED]
    found = pd.DataFrame(
        {
            **{verdict: each["verdict"] == verdict for verdict in (*VERDICTS, NOT_JUDGED)},
            **{agrees: each["agrees"] == agrees for agrees in (ANOTHER, DEPARTURE)},
        }
    )
    counts = found[columns].groupby(each["source"], sort=False).sum()
    counts.loc["all"] = counts.sum()
    return counts.astype(int).rename_axis("source").reset_index()


def by_chance(table: pd.DataFrame) -> str:
    """What the counts rest on: how many on arithmetic, how many could fail by chance, in words."""
    each = counted(table)
    judged = each[each["rule"].isin(FALLIBLE) & (each["n"] > 0)]
    exact = each[(each["rule"] == "exact") & (each["verdict"] == REPRODUCED)]
    reproduced = int((each["verdict"] == REPRODUCED).sum())
    expected = len(judged) * (1 - CONFIDENCE)
    failed = int((judged["verdict"] == NOT).sum())
    return (
        f"{len(exact)} of the {reproduced} reproduced are counts or arithmetic, without a random "
        f"start. {len(judged)} rows are judged by rules that fail a true claim in up to 5% of "
        f"cases: if all of them were true, chance alone would give at most about {expected:.0f} "
        f"not reproduced; there are {failed}."
    )


def apart(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that the headline leaves out, counted by what kind they are."""
    named = {
        "printed": "another reading of what is counted above, or another print of it",
        "derived": "derived from what is printed",
        "identity": "our program against itself or against mathematics",
        "setting": "settings, taken over",
        "extension": "more than was printed",
    }
    literal = table["id"].isin(counted(table)["id"])
    rest = table[~literal]
    counts = pd.crosstab(rest["kind"], rest["verdict"]).reindex(
        index=[*named], columns=[*VERDICTS, NOT_JUDGED], fill_value=0
    )
    counts.index = pd.Index([named[kind] for kind in counts.index], name="kind")
    return counts.reset_index()
