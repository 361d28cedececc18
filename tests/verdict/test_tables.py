"""The table of claims in its four forms."""

import io
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from claimed import check as check_of
from claimed import claim
from claimed import paper as paper_of

from reproduce.file.claim import Check
from reproduce.file.finished import DamagedRun
from reproduce.file.paper import Paper, read_papers
from reproduce.page.report import tables
from reproduce.verdict.claims import (
    as_csv,
    as_json,
    by_check,
    claims_table,
    latex,
    markdown,
    ours,
    short,
)
from reproduce.verdict.kept import Kept

COLUMNS = (  # of the plan, in its order
    "id,check,claim,paper,source,kind,same_as,locus,statement,quantity,unit,"
    "published,reproduced,low,high,n,rule,verdict,decided_by,reason,departs,experiment,command"
)
AWKWARD = "50% of a_b & c | d # 10^6"


def check(quantity: str, rule: str = "within", published=1425, **options) -> Check:
    options = {"experiments": ("paper/literal", "paper/other"), "statement": AWKWARD} | options
    return check_of(rule, published, quantity, **options)


def paper(*checks: Check) -> Paper:
    return paper_of(claim(*checks))


def run(experiment: str, columns: dict) -> Kept:
    record = {"experiment": experiment, "command": f"python -m reproduce seed=7 {experiment}"}
    return Kept(Path(), record, pd.DataFrame(columns), None)


def late(never: int) -> dict:
    """Times of 300 starts, of which some never came."""
    times = [1 / 3 + start for start in range(300 - never)]
    return {"sweeps_to_solve": times + [math.nan] * never}


@pytest.fixture
def runs() -> dict[str, Kept]:
    made = [run("paper/literal", late(200)), run("paper/other", late(0))]
    return {kept.experiment: kept for kept in made}


def test_the_columns_are_those_of_the_plan_in_order(runs):
    _, files = tables([paper(check("sweeps_to_solve"))], runs)
    assert files["claims.csv"].splitlines()[0] == COLUMNS


def test_there_is_one_row_for_each_check_and_experiment_of_the_papers():
    papers = read_papers()
    table = claims_table(papers, {})
    table = table[table["rule"] != "none"]
    asked = [
        (claim.id, paper.name, check.quantity, check.statement, experiment)
        for paper in papers
        for claim in paper.claims
        for check in claim.checks
        for experiment in check.experiments
    ]
    shown = table[["claim", "paper", "quantity", "statement", "experiment"]]
    assert list(shown.itertuples(index=False, name=None)) == asked
    assert set(table["verdict"]) == {"undecided"}
    assert set(table["decided_by"]) == {"not run"}


def test_a_row_names_its_own_run(runs):
    table = claims_table([paper(check("sweeps_to_solve"))], {"paper/other": runs["paper/other"]})
    assert table["verdict"].tolist() == ["undecided", "not reproduced"]
    assert table["command"].tolist() == [
        "python -m reproduce experiment=paper/literal",  # how to make it
        "python -m reproduce seed=7 paper/other",  # how it was made
    ]


@pytest.mark.parametrize("broken", ["paper/literal", "paper/other"])
def test_a_row_says_what_is_damaged_of_the_runs_that_it_asks_for(runs, broken):
    runs[broken] = DamagedRun(Path("results", broken, "replicas.csv"), "it is short", "restore it")
    options = {"direction": "more", "against": "paper/other", "experiments": ["paper/literal"]}
    checks = [check("sweeps_to_solve", "ordering", "more", **options), check("sweeps_to_solve")]
    table = claims_table([paper(*checks)], runs)
    told = f"{broken}: replicas.csv is damaged: it is short"
    assert (table["decided_by"] == told).tolist() == [True, *(table["experiment"] == broken)[1:]]
    assert table["verdict"][0] == "undecided"
    own = table["command"][1:][table["experiment"] == broken].item()
    assert own == f"python -m reproduce experiment={broken}"


@pytest.mark.parametrize("lacking", ["paper/literal", "paper/other"])
def test_a_quantity_that_a_run_does_not_have_is_an_error(runs, lacking):
    runs[lacking] = run(lacking, {"error_at_end": [0.1]})
    with pytest.raises(ValueError, match=rf"N5 .*: {lacking} has no quantity sweeps_to_solve"):
        claims_table([paper(check("sweeps_to_solve"))], runs)


def test_an_ordering_against_a_run_without_the_quantity_is_an_error(runs):
    options = {"direction": "more", "against": "paper/other", "experiments": ["paper/literal"]}
    runs["paper/literal"] = run("paper/literal", {"right_at_end": [1.0] * 300})
    with pytest.raises(ValueError, match=r"N5 .*: paper/other has no quantity right_at_end"):
        claims_table([paper(check("right_at_end", "ordering", "more", **options))], runs)


UNJUDGED = claim(
    id="P31", locus="p. 353", statement="sigma-pi units | a rule", reason="no simulation | printed"
)


def test_a_claim_without_checks_has_one_row_without_a_verdict_in_every_form(runs):
    papers = [paper(check("sweeps_to_solve")), paper_of(UNJUDGED, name="pdp")]
    table, files = tables(papers, runs)
    read = pd.read_csv(io.StringIO(files["claims.csv"]), keep_default_na=False).iloc[2].to_dict()
    given = {"claim": "P31", "paper": "pdp", "locus": "p. 353", "rule": "none", "n": 0}
    given |= dict.fromkeys(("id", "check"), "P31") | {"source": "of_1986", "kind": "printed"}
    given |= {"statement": UNJUDGED.statement, "decided_by": UNJUDGED.reason}
    given |= {"verdict": "not judged", "departs": False}
    assert read == dict.fromkeys(COLUMNS.split(","), "") | given
    row = json.loads(files["claims.json"])[2]
    missing = ("published", "reproduced", "low", "high")
    texts = ("quantity", "unit", "same_as", "reason", "experiment", "command")
    assert row == given | dict.fromkeys(missing) | dict.fromkeys(texts, "")
    line = markdown(short(table)).splitlines()[4]
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
    escaped = UNJUDGED.statement.replace("|", "\\|")
    why = UNJUDGED.reason.replace("|", "\\|")
    assert cells == ["", "P31", "printed", escaped, "–", "–", "0", "not judged", why, ""]
    assert (
        "P31 & printed & sigma-pi units | a rule & -- & -- & 0 & not judged &"
        in (files["claims.tex"])
    )


def test_claims_without_checks_alone_make_a_table_too():
    table, files = tables([paper_of(UNJUDGED, name="pdp")], {})
    assert table["decided_by"].tolist() == ["no simulation | printed"]
    assert json.loads(files["claims.json"])[0]["published"] is None


def test_a_probability_of_being_earlier_without_an_interval_reads_as_a_dash(runs):
    runs["paper/literal"] = run("paper/literal", late(300))
    options = {"direction": "less", "against": "paper/literal", "experiments": ["paper/other"]}
    made = {**runs, "paper/other": run("paper/other", late(300))}
    asked = check("sweeps_to_solve", "ordering", "sooner", **options)
    row = claims_table([paper(asked)], made).iloc[0]
    assert (row["verdict"], ours(row)) == ("undecided", "0.5 [–, –]")
    sooner = {**made, "paper/other": run("paper/other", late(0))}
    assert ours(claims_table([paper(asked)], sooner).iloc[0]) == "1 [0.9874, 1]"


def test_files_have_12_digits_of_each_number(runs):
    table, files = tables([paper(check("sweeps_to_solve"))], runs)
    # of the 300 numbers start + 1/3 the lower median is number 150, the 2.5% quantile number 8
    assert table["reproduced"][1] == 149 + 1 / 3
    assert ",149.333333333,7.33333333333," in files["claims.csv"].splitlines()[2]
    row = json.loads(files["claims.json"])[1]
    assert (row["reproduced"], row["low"]) == (149.333333333, 7.33333333333)


def test_no_file_shows_the_last_bits_in_which_processors_differ():
    numbers = np.array([1 / 3, 0.1 + 0.2, 149 + 1 / 3, 2 / 3 * 1e-9, 44138496.0, 1.0, math.nan])
    near = [numbers, np.nextafter(numbers, -np.inf), np.nextafter(numbers, np.inf)]
    frames = [pd.DataFrame({"reproduced": each, "n": 7, "verdict": "partly"}) for each in near]
    for form in (as_csv, as_json):
        assert len({form(frame) for frame in frames}) == 1
    rounded = [0.333333333333, 0.3, 149.333333333, 6.66666666667e-10, 44138496.0, 1.0]
    assert [row["reproduced"] for row in json.loads(as_json(frames[0]))] == [*rounded, None]


def test_json_holds_numbers_and_says_what_is_not_decided(runs):
    _, files = tables([paper(check("sweeps_to_solve"))], runs)
    literal, _ = json.loads(files["claims.json"])
    assert list(literal) == COLUMNS.split(",")
    assert literal["verdict"] == "undecided"
    found = (literal["n"], literal["reproduced"], literal["high"])
    assert found == (100, 49.3333333333, 97.3333333333)


def test_what_was_not_run_reads_as_a_dash(runs):
    table = claims_table([paper(check("sweeps_to_solve"))], runs)
    assert ours(table.iloc[0]) == "49.33 [2.333, 97.33]"
    assert ours(claims_table([paper(check("sweeps_to_solve"))], {}).iloc[0]) == "–"


def test_the_rows_of_a_check_stand_together_its_literal_reading_first(runs):
    options = {"experiments": ("paper/other",), "statement": "another check", "id": "N5.2"}
    single = check("sweeps_to_solve", published=200, **options)
    table = claims_table([paper(check("sweeps_to_solve"), single)], runs)
    assert [rows["id"].tolist() for rows in by_check(table)] == [
        ["N5.1", "N5.1 / paper/other"],
        ["N5.2"],
    ]
    assert table["verdict"].tolist() == ["undecided", "not reproduced", "reproduced"]


def test_markdown_escapes_the_bar_and_nothing_breaks_a_row(runs):
    text = markdown(short(claims_table([paper(check("sweeps_to_solve"))], runs)))
    assert "a_b & c \\| d" in text
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines()]
    assert bars == [len(short(claims_table([], {})).columns) + 1] * 4


def test_latex_is_a_booktabs_table_in_which_nothing_special_is_left(runs):
    text = latex(short(claims_table([paper(check("sweeps_to_solve"))], runs)))
    for rule in ("toprule", "midrule", "bottomrule"):
        assert rf"\{rule}" in text
    assert r"50\% of a\_b \& c | d \# 10" in text
    assert re.findall(r"(?<!\\)[%_#$^]", text) == []
    opened, closed = (re.findall(rf"\\{word}{{(\w+)}}", text) for word in ("begin", "end"))
    assert opened == closed == ["longtable"]
    assert text.count("{") == text.count("}")
    rows = [line for line in text.splitlines() if line.startswith("N5")]
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [7, 7]  # eight columns
    assert all(row.endswith(r"\\") for row in rows)
