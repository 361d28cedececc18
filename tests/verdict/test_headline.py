"""The headline counts each printed claim once, in its literal reading."""

import pandas as pd

from reproduce.file.paper import read_papers
from reproduce.file.place import RESULTS
from reproduce.verdict.claims import claims_table
from reproduce.verdict.headline import apart, by_chance, counted, headline

WIDE = "in another reading"
FAR = "only with a departure"


def row(id_: str, verdict: str, kind="printed", same_as="", departs=False, source="a1986") -> dict:
    told = {"id": id_, "check": id_.split(" / ")[0], "kind": kind, "same_as": same_as}
    return told | {
        "verdict": verdict,
        "departs": departs,
        "source": source,
        "rule": "within",
        "n": 200,
    }


TABLE = pd.DataFrame(
    [
        row("N1.1", "reproduced"),
        row("N1.1 / other", "not reproduced"),
        row("N2.1", "not reproduced"),
        row("N2.1 / other", "reproduced"),
        row("N2.1 / far", "reproduced", departs=True),
        row("N3.1", "undecided"),
        row("N3.1 / far", "reproduced", departs=True),
        row("N4.1", "partly"),
        row("N4.2", "reproduced", same_as="N4.1"),
        row("N4.3", "reproduced", kind="derived"),
        row("N5.1", "not reproduced"),
        row("N5.1 / far", "undecided", departs=True),
        row("N6", "not judged"),
        row("B1.1", "reproduced", source="b2018"),
        row("B1.2", "not reproduced", kind="extension", source="b2018"),
    ]
)


def test_each_printed_claim_counts_once_and_says_how_else_it_agrees():
    each = counted(TABLE).set_index("check")
    assert [*each.index] == ["N1.1", "N2.1", "N3.1", "N4.1", "N5.1", "N6", "B1.1"]
    assert each["agrees"].to_dict() == {
        **{"N1.1": "", "N2.1": WIDE, "N3.1": FAR, "N4.1": WIDE, "N5.1": "", "N6": "", "B1.1": ""}
    }


def test_the_counts_stand_by_source_and_in_all():
    counts = headline(TABLE).set_index("source")
    assert [*counts.index] == ["a1986", "b2018", "all"]
    verdicts = ["reproduced", "partly", "not reproduced", "undecided"]
    assert counts.loc["a1986", verdicts].tolist() == [1, 1, 2, 1]
    assert counts.loc["b2018", verdicts].tolist() == [1, 0, 0, 0]
    assert counts.loc["all", [*verdicts, WIDE, FAR, "not judged"]].tolist() == [2, 1, 2, 1, 2, 1, 1]
    rule = TABLE["rule"].where(TABLE["id"] != "B1.1", "exact")
    n = TABLE["n"].where(TABLE["id"] != "N6", 0)
    told = by_chance(TABLE.assign(rule=rule, n=n))
    assert told.startswith("1 of the 2 reproduced are counts or arithmetic")
    assert " 5 rows are judged by rules that fail a true claim in up to 5% of cases" in told
    assert told.endswith("there are 2.")


def test_what_is_not_counted_is_counted_apart():
    rest = apart(TABLE).set_index("kind")
    assert rest.to_numpy().sum() + len(counted(TABLE)) == len(TABLE)


def test_the_counts_in_results_follow_from_its_table_of_claims():
    written = pd.read_csv(RESULTS / "claims.csv", keep_default_na=False)
    for name in ("id", "kind", "source", "decided_by"):
        assert (written[name] != "").all(), name
    made = claims_table(read_papers(), {})
    assert {*written["check"]} == {*made["check"]}
    counts = headline(written)
    page = (RESULTS / "README.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    said = {row[0].split("]")[0].lstrip("["): row[1:] for row in rows}
    for _, (source, *numbers) in counts.iterrows():
        assert said[source] == [str(number) for number in numbers]
