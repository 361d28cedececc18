"""What papers/*.yaml say was published, against the notes and against arithmetic by hand."""

import math
import re
from collections import Counter
from itertools import product

import printed_2017
import pytest

from reproduce.file.experiments import experiment_names
from reproduce.file.paper import read_paper, read_papers
from reproduce.run.config.compose import compose_experiment

CLAIMS = {  # of the experiments there are
    "nature1986": [f"N{number}" for number in range(1, 18)],
    "cogsci1986": [f"H{number}" for number in range(1, 12)],
    "pdp1986": ["P6", "P7", "P8", "P9", "P19", "P20", "P32"],
    "attention2017": printed_2017.IDS,
}
WITHOUT_CHECKS = ["H4", "H5", "H6", "H11", "N10", "N12", "N13"]  # settings, data, a retelling
WITHOUT_CHECKS += printed_2017.WITHOUT_CHECKS

# Nature 1986 Fig. 1 (N6); PDP 1986 Fig. 3 (P6) and Fig. 5 (P8): a row for each receiving unit
LEFT, RIGHT = [14.2, -3.6, 7.2, -7.2, 3.6, -14.2], [-14.2, 3.6, -7.1, 7.1, -3.6, 14.2]
WEIGHTS = {
    ("nature1986", "figure1"): {
        "hidden": {"bias": [-1.1, -1.1], "input": [LEFT, RIGHT]},
        "output": {"bias": [6.4], "hidden": [[-8.8, -8.8]]},
    },
    ("pdp1986", "figure3"): {
        "hidden": {"bias": [2.2], "input": [[-6.4, -6.4]]},
        "output": {"bias": [6.3], "input": [[-4.2, -4.2]], "hidden": [[-9.4]]},
    },
    ("pdp1986", "figure5"): {
        "hidden": {"bias": [2.0, -0.1], "input": [[-2.0, 9.2], [4.3, 8.8]]},
        "output": {"bias": [-0.8], "hidden": [[-4.5, 5.3]]},
    },
}

NUMBERS = {  # claim -> quantity -> every number that is published of it
    "N5": {
        "sweeps_to_solve": [1425],
        "sweeps_to_within_0.2": [1425],
        "sweeps_to_within_0.156": [1425],
        "sweeps_to_largest_weight": [1425],
    },
    "N6": {
        "sweeps_to_solve": [1425],
    }
    | {
        f"{name}_{moment}": [number]
        for name, number in {
            **{"weight_small": 3.6, "weight_middle": 7.2, "weight_large": 14.2},
            **{"hidden_bias": -1.1, "hidden_to_output": -8.8, "output_bias": 6.4},
        }.items()
        for moment in ("after_1425", "at_largest_weight")
        if (name, moment) != ("weight_large", "at_largest_weight")  # 14.2 by its definition
    },
    "N9": {"cases": [104], "triples": [104], "trained_cases": [100]},
    "N11": {"colin_has_aunt_answers": [2]},
    "H1": {"cases": [104], "trained_cases": [100]},
    "H2": {"colin_has_aunt_answers": [2]},
    "H7": {"sweeps_to_solve": [573], "sweeps_to_within_0.21": [573]},
    "P6": {
        "sweeps_to_solve": [558],
        "sweeps_to_within_0.2": [558],
        "sweeps_to_within_0.123": [558],
        "weight_input_to_hidden_after_558": [6.4],
        "weight_input_to_output_after_558": [4.2],
        "weight_hidden_to_output_after_558": [9.4],
        "weight_input_to_hidden_at_largest_weight": [6.4],
        "weight_input_to_output_at_largest_weight": [4.2],
        "right_at_end": [1],
        "answer_00": [0.103],
        "answer_01": [0.877],
        "answer_10": [0.877],
        "answer_11": [0.109],
    },
    "P8": {"answer_00": [0.096], "answer_01": [0.5], "answer_10": [0.898], "answer_11": [0.5]},
    "P19": {"sweeps_to_solve": [1208], "sweeps_to_within_0.2": [1208]},
    "P9": {"right_at_end": [0.0, 1.0, 1.0]},  # stuck at .25; escapes at .5; none stuck at .5
    **printed_2017.NUMBERS,
}
BOUNDS = {  # (claim, quantity) -> at least and at most, where the paper leaves no choice
    ("H3", "trained_right_after_1500"): (100, None),
    ("H3", "trained_strict_after_1500"): (100, None),
    ("H10", "has_sex_unit"): (None, 0),
    ("H10", "has_relation_sex_unit"): (1, None),
    ("N15", "has_all_three"): (1, None),
    ("P32", "sweeps_to_solve"): (None, 199),  # fewer than 200
    ("N17", "in_minimum"): (None, 0),
    **printed_2017.BOUNDS,
}

claims = {claim.id: claim for paper in read_papers() for claim in paper.claims}


def test_the_claims_are_those_of_the_experiments():
    assert {p.name: [claim.id for claim in p.claims] for p in read_papers()} == CLAIMS
    assert sorted(claim.id for claim in claims.values() if claim.reason) == sorted(WITHOUT_CHECKS)


@pytest.mark.parametrize("claim", NUMBERS)
def test_every_published_number_is_the_paper_s(claim):
    found = {}
    for check in claims[claim].checks:
        if not isinstance(check.published, str):
            found.setdefault(check.quantity, []).append(check.published)
    assert found == NUMBERS[claim]


@pytest.mark.parametrize(("claim", "quantity"), BOUNDS)
def test_a_property_is_asked_for_as_the_paper_states_it(claim, quantity):
    checks = [check for check in claims[claim].checks if check.quantity == quantity]
    assert {(check.at_least, check.at_most) for check in checks} == {BOUNDS[claim, quantity]}


@pytest.mark.parametrize("problem", ["symmetry", "xor", "parity"])
def test_second_derivatives_are_held_against_momentum_by_iterations_too(problem):
    checks = [check for check in claims["N4"].checks if check.against_quantity]
    (check,) = (each for each in checks if each.against == f"nature1986/momentum_{problem}")
    assert check.quantity == f"{check.against_quantity}_counting_iterations"
    assert check.against_quantity == "sweeps_to_solve"
    assert (check.direction, check.against_at, check.solved) == ("less", {"alpha": 0.9}, False)
    ours = f"nature1986/second_derivatives_{problem}"
    assert check.experiments == (ours, f"{ours}/newton")


def test_the_printed_weights_are_the_figures():
    found = {(p.name, name): net for p in read_papers() for name, net in p.weights.items()}
    assert found == WEIGHTS


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def answer(net: dict, inputs: tuple[int, ...]) -> float:
    """Equations 1 and 2 in a net with one output."""

    def unit(group: str, j: int, **senders) -> float:
        sums = (
            w * y
            for source, values in senders.items()
            for w, y in zip(net[group].get(source, [[]] * (j + 1))[j], values, strict=False)
        )
        return sigmoid(net[group]["bias"][j] + sum(sums))

    hidden = [unit("hidden", j, input=inputs) for j in range(len(net["hidden"]["bias"]))]
    return unit("output", 0, input=inputs, hidden=hidden)


def computed(claim: str) -> dict[tuple[str, str], tuple[float, int]]:
    """(quantity, experiment) -> what is said to follow from the printed weights, and digits."""
    return {
        (check.quantity, check.experiments[0].split("/", 1)[1]): (check.published, check.decimals)
        for check in claims[claim].checks
        if "/published" in check.experiments[0]
    }


def test_what_is_said_to_follow_from_the_printed_symmetry_net_follows():
    net = WEIGHTS["nature1986", "figure1"]
    y = {case: answer(net, case) for case in product((0, 1), repeat=6)}
    on = {case: case == case[::-1] for case in y}
    symmetric = [y[case] for case in y if on[case]]
    other = [y[case] for case in y if not on[case]]
    assert (len(symmetric), len(other)) == (8, 56)
    errors = [0.5 * sum((y[c] - (t if on[c] else 1 - t)) ** 2 for c in y) for t in (1.0, 0.9)]
    truth = {
        ("right_at_end", "symmetry/published"): float(min(symmetric) > 0.5 > max(other)),
        ("output_symmetric_low_at_end", "symmetry/published"): min(symmetric),
        ("output_symmetric_high_at_end", "symmetry/published"): max(symmetric),
        ("output_other_low_at_end", "symmetry/published"): min(other),
        ("output_other_high_at_end", "symmetry/published"): max(other),
        ("error_at_end", "symmetry/published"): errors[0],
        ("error_at_end", "symmetry/published_targets_0.1_0.9"): errors[1],
    }
    said = computed("N8")
    assert {key: round(truth[key], digits) for key, (_, digits) in said.items()} == {
        key: number for key, (number, _) in said.items()
    }
    assert said.keys() == truth.keys()


@pytest.mark.parametrize(
    ("claim", "figure", "experiment"),
    [("P6", "figure3", "xor_direct/published"), ("P8", "figure5", "xor/published_minimum")],
)
def test_what_is_said_to_follow_from_a_printed_xor_net_follows(claim, figure, experiment):
    net, said = WEIGHTS["pdp1986", figure], computed(claim)
    for a, b in product((0, 1), repeat=2):
        number, digits = said[f"answer_{a}{b}", experiment]
        assert round(answer(net, (a, b)), digits) == number


UNCLAIMED = ("pdp1986/encoder", "pdp1986/t_c")  # no claims are read yet


def test_every_experiment_serves_a_claim_and_every_claim_names_experiments_that_exist():
    checks = [check for claim in claims.values() for check in claim.checks]
    used = {name for check in checks for name in check.experiments}
    used |= {check.against for check in checks} - {None}
    assert used == {name for name in experiment_names() if not name.startswith(UNCLAIMED)}


def test_the_points_that_a_check_names_are_in_its_grid():
    for check in (check for claim in claims.values() for check in claim.checks):
        named = [(name, check.at) for name in check.experiments]
        for experiment, settings in [*named, (check.against, check.against_at)]:
            grid = compose_experiment([f"experiment={experiment}"]).grid if settings else None
            for key, value in (settings or {}).items():
                assert value in getattr(grid, key), (experiment, key, value)


def test_the_literal_reading_comes_first():
    for claim in claims.values():
        for check in claim.checks:
            literal, *others = ({*re.split("[_/]", name)[1:]} for name in check.experiments)
            if check.id == "N1.2":  # any function: none of ours is more literal than another
                continue
            assert all(literal <= other for other in others), check.experiments


def test_no_row_of_the_table_comes_twice():
    rows = Counter(
        (claim.id, check.quantity, check.statement)
        for claim in claims.values()
        for check in claim.checks
    )
    assert [row for row, times in rows.items() if times > 1] == []


@pytest.mark.parametrize("name", CLAIMS)
def test_a_paper_says_how_to_cite_it_and_a_claim_where_it_stands(name):
    paper = read_paper(name)
    year = name[-4:]
    assert year in paper.citation
    assert paper.bibtex.startswith("@")
    assert f"{{{year}}}" in paper.bibtex
    assert paper.bibtex.count("{") == paper.bibtex.count("}")
    for claim in paper.claims:
        assert claim.locus
        assert claim.statement
