"""Kinds, sources and joint numbers of all claims in papers/*.yaml."""

import printed_2017

from reproduce.file.claim import KINDS
from reproduce.file.paper import read_paper, read_papers
from reproduce.file.place import RESULTS
from reproduce.verdict.claims import claims_table
from reproduce.verdict.kept import read_results

claims = {claim.id: claim for paper in read_papers() for claim in paper.claims}


def test_all_printed_numbers_of_a_figure_are_asked_at_once():
    joint = {c.id: c.quantities for claim in claims.values() for c in claim.checks if c.quantities}
    magnitudes = {"weight_small": 3.6, "weight_middle": 7.2, "weight_large": 14.2}
    figure_1 = magnitudes | {"hidden_bias": -1.1, "hidden_to_output": -8.8, "output_bias": 6.4}
    figure_3 = {"input_to_hidden": 6.4, "input_to_output": 4.2, "hidden_to_output": 9.4}
    upper = [-3.18, 6.32, -12.56, 12.56, -6.33, 3.17]  # PDP Fig. 9, each hidden unit
    lower = [3.16, -6.34, 12.52, -12.51, 6.31, -3.17]
    pairs = ((0, 5), (1, 4), (2, 3))
    means = [sum(abs(unit[i]) for unit in (upper, lower) for i in pair) / 4 for pair in pairs]
    printed = [*means, -1.0, -9.44, 6.89]
    names = (*magnitudes, "hidden_bias", "hidden_to_output", "output_bias")
    figure_9 = {
        f"{name}_after_1208": round(number, 1) for name, number in zip(names, printed, strict=True)
    }
    without_largest = dict(figure_1), dict(figure_3)
    del without_largest[0]["weight_large"], without_largest[1]["hidden_to_output"]
    after_1425 = {f"{name}_after_1425": number for name, number in figure_1.items()}
    assert joint == {
        "N6.1": after_1425,
        "N6.14": after_1425,
        "N6.16": {f"{name}_at_end": number for name, number in figure_1.items()},
        "P20.1": figure_9,
        "P20.2": figure_9,
        "N6.2": {f"{k}_at_largest_weight": number for k, number in without_largest[0].items()},
        "P6.5": {f"weight_{name}_after_558": number for name, number in figure_3.items()},
        "B1.12": {f"loss_at_test_{test}": loss for test, loss in enumerate(printed_2017.EPOCHS, 1)},
        "P6.6": {
            f"weight_{k}_at_largest_weight": number for k, number in without_largest[1].items()
        },
    }


def test_printed_outcomes_of_single_runs_and_counts_of_unknown_n():
    checks = [check for claim in claims.values() for check in claim.checks]
    assert {c.id: c.outcomes for c in checks if c.outcomes} == {
        "H8.1": (4, 3),
        "N14.1": (4,),
        **dict.fromkeys(("B1.11", "B2.1", "B2.2"), (1,)),
    }
    assert {c.id: (c.all_but, c.of) for c in checks if c.of} == {
        **{f"P7.{number}": (2, (200, 400)) for number in (1, 2, 3)},
        "P7.4": (0, (200, 400)),
    }


def test_a_printed_claim_is_counted_under_one_id_and_judged_by_one_row():
    papers = read_papers()
    table = claims_table(papers, read_results(RESULTS))
    assert table["id"].is_unique
    printed = table[(table["kind"] == "printed") & (table["same_as"] == "")]
    literal = {c.id: c.experiments[0] for claim in claims.values() for c in claim.checks}
    first = printed.groupby("check", sort=False).first()
    assert (first["id"] == first.index).all()  # no grid point stands for a claim
    for check, row in first.iterrows():
        assert row["experiment"].startswith(literal.get(check, "")), check


def test_every_claim_has_a_kind_and_a_source_that_can_be_cited():
    for paper in read_papers():
        for claim in paper.claims:
            for part in claim.parts:
                assert part.kind in KINDS
                source = paper.source(part.source)
                assert f"{{{source.key}," in source.bibtex
    followers = {claim: claims[claim].source for claim in claims if claim[0] in "BD"}
    assert set(followers.values()) == set(read_paper("attention2017").sources) - {
        "vaswani2018tensor2tensor"
    }
    apart = {claim for claim in claims if claim[0] in "NPHA" and claims[claim].source}
    assert apart == {"H11"}  # a retelling of 1989
