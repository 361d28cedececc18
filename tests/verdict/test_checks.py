"""What cannot be meant by a claim or a check is refused in words."""

import pytest
import yaml

from reproduce.file.paper import read_paper
from reproduce.file.yaml_file import FileError

INF, NAN = float("inf"), float("nan")

CHECK = {
    **{"id": "P6.1", "kind": "printed"},
    **{"quantity": "sweeps_to_solve", "unit": "sweeps", "rule": "within", "published": 558},
    "experiments": ["paper/grid"],
}
ORDERING = CHECK | {"rule": "ordering", "against": "paper/other", "direction": "less"}
AGAINST_ITSELF = ORDERING | {"against": "paper/grid"}
PROPERTY = CHECK | {"rule": "property", "published": "learned", "share": 0.5, "at_least": 1}


def read_claim(folder, monkeypatch, **values):
    claim = {
        "id": "P6",
        "kind": "printed",
        "locus": "p. 331",
        "statement": "statement",
        "quote": "",
        **values,
    }
    content = {"citation": "cited", "bibtex": "@book{of}", "claims": [claim]}
    (folder / "of_1986.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "paper").mkdir(exist_ok=True)
    for name in ("grid", "other"):
        (folder / "paper" / f"{name}.yaml").touch()
    monkeypatch.setattr("reproduce.file.paper.PAPERS", folder)
    monkeypatch.setattr("reproduce.file.experiments.FOLDER", folder)
    return read_paper.__wrapped__("of_1986").claims[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rule": "near"}, "rule=near: allowed are exact, within, joint"),
        ({"rule": "exact"}, "rule=exact needs decimals"),
        ({"at": "alpha 0.9"}, "at='alpha 0.9': allowed is settings of a grid, as {alpha: 0.9}"),
        ({"at": {}}, "at={}: allowed is settings"),
        ({"at": {"alpha": None}}, "at={'alpha': None}: allowed is settings"),
        ({"at": {"alpha": INF}}, "at={'alpha': inf}: allowed is settings"),
        (ORDERING | {"against_at": [0.9]}, "against_at=[0.9]: allowed is settings"),
        ({"against_at": {"alpha": 0}}, "against_at is for rule ordering or contrast"),
        ({"against": "paper/other"}, "against is for rule ordering or contrast"),
        ({"against_quantity": "sweeps"}, "against_quantity is for rule ordering or contrast"),
        ({"solved": True}, "solved is for rule ordering"),
        ({"margin": 0.01}, "margin is for rule proportion"),
        ({"id": "P7.1"}, "id=P7.1: allowed is P6. and a number"),
        ({"id": "P6.one"}, "id=P6.one: allowed is P6. and a number"),
        ({"kind": "print"}, "kind=print: allowed are printed, derived, identity"),
        ({"rule": "joint", "decimals": 1, "published": "all"}, "rule=joint needs quantities"),
        ({"quantities": {"weight": "much"}}, "quantities={'weight': 'much'}: allowed is the"),
        ({"rule": "outcome", "published": "4 of 4"}, "rule=outcome needs outcomes"),
        ({"rule": "outcome", "outcomes": 4}, "outcomes=4: allowed is a list of numbers"),
        ({"rule": "proportion", "published": 0.5}, "rule=proportion needs margin, or of and"),
        ({"rule": "proportion", "of": [200], "published": "2"}, "needs margin, or of and all_but"),
        ({"rule": "proportion", "of": [0], "all_but": 2}, "of=[0]: allowed is a list of whole"),
        ({"among": {"right": None}}, "among={'right': None}: allowed is the least value"),
        ({"among": []}, "among=[]: allowed is the least value of each quantity"),
        ({"share": 0.5}, "share is for rule property"),
        ({"at_most": 0}, "at_most is for rule property"),
        (PROPERTY | {"decimals": 0}, "decimals is for rule exact or within or joint"),
        (PROPERTY | {"at_least": None}, "at_least=None: allowed is a number"),
        (PROPERTY | {"at_most": 0}, "at_least=1: allowed is at most at_most=0"),
        (ORDERING | {"direction": "fewer"}, "direction=fewer: allowed are less, more"),
        (AGAINST_ITSELF, "paper/grid against itself needs against_at, other than at"),
        (
            AGAINST_ITSELF | {"at": {"alpha": 0}, "against_at": {"alpha": 0}},
            "paper/grid against itself needs against_at, other than at",
        ),
        (ORDERING | {"against": "paper/absent"}, "paper/absent: no such experiment; nearest"),
        ({"experiments": ["paper/gird"]}, "paper/gird: no such experiment; nearest: paper/grid"),
        ({"experiments": ["../paper/grid"]}, "../paper/grid: no such experiment"),
        ({"experiments": ["paper/grid"] * 2}, "allowed is each experiment once"),
        ({"experiments": []}, "experiments=[]: allowed is a list of names"),
        ({"experiments": "paper/grid"}, "experiments='paper/grid': allowed is a list of names"),
        ({"published": "many"}, "published='many': allowed for rule within is a number"),
        ({"published": None}, "published=None: allowed is a number, or text in one line"),
        ({"published": NAN}, "published=nan: allowed is a number"),
        ({"published": True}, "published=True: allowed is a number"),
        ({"published": 5.58, "decimals": 1}, "published=5.58: it has more decimal places"),
        ({"rule": "proportion", "published": 99}, "published=99: allowed for rule proportion is"),
        ({"rule": "band", "published": 0}, "published=0: allowed for rule band is a number above"),
        ({"decimals": -1}, "decimals=-1: allowed is a whole number from 0 to 15"),
        ({"decimals": 1.0}, "decimals=1.0: allowed is a whole number"),
        ({"rule": "proportion", "margin": 1}, "margin=1: allowed is a number above 0 and below 1"),
        (PROPERTY | {"share": 2}, "share=2: allowed is a number above 0, at most 1"),
        (PROPERTY | {"share": "0.5"}, "share='0.5': allowed is a number"),
        (PROPERTY | {"enough": 0}, "enough=0: allowed is a whole number from 1 up"),
        ({"best": "no"}, "best='no': allowed is true or false"),
        ({"unit": False}, "unit=False: allowed is text in one line (yes, no, on and off"),
        ({"unit": 1986}, "unit=1986: allowed is text in one line (text that looks like a number"),
        ({"statement": "two\nlines"}, "statement='two\\nlines': allowed is text in one line"),
        ({"publishd": 558}, "publishd: no such key; nearest: published"),
    ],
)
def test_a_check_that_means_nothing_is_refused(values, message, tmp_path, monkeypatch):
    with pytest.raises(FileError) as refused:
        read_claim(tmp_path, monkeypatch, checks=[CHECK, CHECK | values])
    assert "\n" not in str(refused.value)
    where = "papers/of_1986.yaml: P6 check 2 (sweeps_to_solve): "
    assert str(refused.value).startswith(where)
    assert message in str(refused.value).removeprefix(where)


def test_a_property_needs_a_range_and_every_check_its_keys(tmp_path, monkeypatch):
    without = {key: value for key, value in PROPERTY.items() if key != "at_least"}
    with pytest.raises(FileError, match="rule=property needs at_least or at_most"):
        read_claim(tmp_path, monkeypatch, checks=[without])
    for key in CHECK.keys() - {"kind"}:  # which the claim says
        lacking = {name: value for name, value in CHECK.items() if name != key}
        with pytest.raises(FileError, match=f"P6 check 1.*: {key} is missing"):
            read_claim(tmp_path, monkeypatch, checks=[lacking])


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
    with pytest.raises(FileError, match="P6: no checks, and no reason"):
        read_claim(tmp_path, monkeypatch, checks=[])
    with pytest.raises(FileError, match="P6: a reason is for a claim without checks"):
        read_claim(tmp_path, monkeypatch, checks=[CHECK], reason="none")


def test_a_check_takes_kind_and_source_from_its_claim_where_it_does_not_say_them(
    tmp_path, monkeypatch
):
    plain = {key: value for key, value in CHECK.items() if key != "kind"}
    other = {**CHECK, "id": "P6.2", "kind": "derived"}
    claim = read_claim(tmp_path, monkeypatch, checks=[plain, other], kind="extension")
    assert [check.kind for check in claim.checks] == ["extension", "derived"]
