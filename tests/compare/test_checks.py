"""What cannot be meant by a claim or a check is refused in words."""

import re

import pytest
import yaml

from reproduce.paper import read_paper

CHECK = {
    **{"quantity": "sweeps_to_solve", "unit": "sweeps", "rule": "within", "published": 558},
    "experiments": ["paper/grid"],
}
ORDERING = CHECK | {"rule": "ordering", "against": "paper/other", "direction": "less"}
AGAINST_ITSELF = ORDERING | {"against": "paper/grid"}
FOR_ORDERING = "against, against_at and against_quantity are for rules ordering and contrast"


def read_claim(folder, monkeypatch, **values):
    claim = {"id": "P6", "locus": "p. 331", "statement": "statement", "quote": "", **values}
    content = {"citation": "", "bibtex": "", "claims": [claim]}
    (folder / "of_1986.yaml").write_text(yaml.safe_dump(content))
    monkeypatch.setattr("reproduce.paper.PAPERS", folder)
    return read_paper.__wrapped__("of_1986").claims[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rule": "near"}, "rule near: allowed are exact, within"),
        ({"rule": "exact"}, "rule exact needs decimals"),
        ({"at": "alpha 0.9"}, "at alpha 0.9: settings are needed, as {alpha: 0.9}"),
        ({"at": {}}, "at {}: settings are needed"),
        (ORDERING | {"against_at": [0.9]}, "against_at [0.9]: settings are needed"),
        ({"against_at": {"alpha": 0}}, FOR_ORDERING),
        ({"against": "paper/other"}, FOR_ORDERING),
        ({"against_quantity": "sweeps_to_within_0.2"}, FOR_ORDERING),
        (ORDERING | {"direction": "fewer"}, "direction fewer: allowed are less, more"),
        (AGAINST_ITSELF, "paper/grid against itself needs against_at, other than at"),
        (
            AGAINST_ITSELF | {"at": {"alpha": 0}, "against_at": {"alpha": 0}},
            "paper/grid against itself needs against_at, other than at",
        ),
    ],
)
def test_a_check_that_means_nothing_is_refused(values, message, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=re.escape(f"P6 sweeps_to_solve: {message}")):
        read_claim(tmp_path, monkeypatch, checks=[CHECK | values])


def test_a_check_may_speak_of_points_of_a_grid(tmp_path, monkeypatch):
    points = {"at": {"alpha": 0.9}, "against_at": {"alpha": 0.0}, "best": True}
    (check,) = read_claim(tmp_path, monkeypatch, checks=[AGAINST_ITSELF | points]).checks
    assert {name: getattr(check, name) for name in points} == points
    (plain,) = read_claim(tmp_path, monkeypatch, checks=[CHECK]).checks
    assert (plain.at, plain.against_at, plain.best) == (None, None, False)


def test_an_ordering_may_speak_of_solved_starts_and_of_another_quantity(tmp_path, monkeypatch):
    asked = {"against_quantity": "sweeps_to_within_0.2", "solved": True}
    (check,) = read_claim(tmp_path, monkeypatch, checks=[ORDERING | asked]).checks
    assert {name: getattr(check, name) for name in asked} == asked
    (plain,) = read_claim(tmp_path, monkeypatch, checks=[ORDERING]).checks
    assert (plain.against_quantity, plain.solved) == (None, False)


def test_a_claim_has_checks_or_a_reason_why_not(tmp_path, monkeypatch):
    claim = read_claim(tmp_path, monkeypatch, checks=[], reason="no simulation is printed")
    assert (claim.checks, claim.reason) == ((), "no simulation is printed")
    with pytest.raises(ValueError, match="P6: no checks, and no reason"):
        read_claim(tmp_path, monkeypatch, checks=[])
    with pytest.raises(ValueError, match="P6: a reason is for a claim without checks"):
        read_claim(tmp_path, monkeypatch, checks=[CHECK], reason="none")
