"""A paper's file as a person writes it: what is wrong is said with the claim and the key."""

import pytest
import yaml

from reproduce.file import paper
from reproduce.file.paper import printed, read_paper, read_papers
from reproduce.file.place import PAPERS, ROOT
from reproduce.file.yaml_file import FileError
from reproduce.page import rebuild as compare

CLAIM = """
- id: P6
  kind: printed
  locus: p. 331
  statement: said
  quote: ""
  checks: []
  reason: none
"""
WHOLE = f"citation: cited\nbibtex: a book\nclaims:{CLAIM}"
NET = "hidden: {bias: [1, 2], input: [[1, 2, 3], [4, 5, 6]]}\noutput: {bias: [1], hidden: [[7, 8]]}"


@pytest.fixture(autouse=True)
def unread():
    """Papers are read again, before and after each test."""
    read_paper.cache_clear()
    yield
    read_paper.cache_clear()


@pytest.fixture
def refusal(tmp_path, monkeypatch):
    """What is said of a paper's file with this content, in one line."""
    monkeypatch.setattr(paper, "PAPERS", tmp_path)

    def read(content: str | bytes) -> str:
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (tmp_path / "of_1986.yaml").write_bytes(data)
        with pytest.raises(FileError) as refused:
            read_paper("of_1986")
        assert "\n" not in str(refused.value)
        file, _, said = str(refused.value).partition(": ")
        assert file == "papers/of_1986.yaml"
        return said

    return read


def with_net(**parts: str) -> str:
    """A paper with a printed net, some groups of it written otherwise."""
    net = {**yaml.safe_load(NET), **{name: yaml.safe_load(part) for name, part in parts.items()}}
    return yaml.safe_dump({**yaml.safe_load(WHOLE), "weights": {"figure1": net}})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("- claims", "it holds no keys"),
        (WHOLE + "\tx: 1", "line 11: a tab; indent with spaces"),
        (WHOLE + "citation: again", "line 11: the key citation is there twice, first in line 1"),
        (
            WHOLE.replace("  reason", "  quote: x\n  reason"),
            "line 10: the key quote is there twice",
        ),
        (f"\ufeff{WHOLE}", "it begins with a byte order mark"),
        (WHOLE.replace("said", "gesagt für").encode("latin-1"), "line 7: it is not UTF-8 text"),
        (WHOLE.replace("P6", "1986"), "1986: id=1986: allowed is text in one line (text that"),
        (WHOLE.replace("said", "no"), "P6: statement=False: allowed is text in one line (yes, no,"),
        (WHOLE.replace("  locus: p. 331\n", ""), "P6: locus is missing"),
        (WHOLE.replace("quote:", "qoute:"), "P6: qoute: no such key; nearest: quote"),
        (WHOLE.replace("[]", "none"), "P6: checks='none': allowed is a list of checks"),
        (WHOLE + CLAIM, "id=P6: another claim has it"),
        (WHOLE.replace("kind: printed", "kind: print"), "P6: kind=print: allowed are printed"),
        (WHOLE.replace("  reason", "  source: x\n  reason"), "P6: source=x: "),
        (WHOLE + "sources: {a: {citation: c, bibtex: '@book{b,}'}}", "its bibtex has the key 'b'"),
        (WHOLE + "departures: [paper/none]", "departures: paper/none: no such experiment"),
        (WHOLE + "name: x", "name: no such key"),
        ("citation: cited\nbibtex: a book\nclaims: []", "claims=[]: allowed is a list of claims"),
        (WHOLE + "weights: []", "weights=[]: allowed is figures with their nets"),
        (WHOLE + "weights: {figure1: 3}", "weights.figure1=3: allowed are the groups of a net"),
        (with_net(hidden="[1]"), "weights.figure1.hidden=[1]: allowed are a bias and"),
        (with_net(output="{bias: 1}"), "weights.figure1.output.bias=1: allowed is a list"),
        (with_net(output="{bias: [.nan]}"), "weights.figure1.output.bias=[nan]: allowed is a list"),
        (with_net(output="{bias: [1], hidden: [7, 8]}"), "output.hidden=[7, 8]: allowed is a list"),
        (with_net(output="{bias: [1], hidden: [[7, '8']]}"), "hidden=[[7, '8']]: allowed is a"),
        (with_net(output="{bias: [1, 2], hidden: [[7, 8]]}"), "1 units where output has 2"),
        (with_net(output="{bias: [1], hidden: [[7]]}"), "rows of 1 numbers where hidden has 2"),
        (with_net(output="{input: [[1, 2]]}"), "rows of 2 numbers where input has 3"),
        (with_net(hidden="{input: [[1, 2], [3]]}"), "hidden.input: rows of 1 and 2 numbers"),
    ],
)
def test_what_is_wrong_is_said_with_claim_and_key(refusal, content, said):
    assert said in refusal(content)


def test_the_files_that_these_change_are_sound(tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "PAPERS", tmp_path)
    for content, weights in ((WHOLE, {}), (with_net(), {"figure1": yaml.safe_load(NET)})):
        (tmp_path / "of_1986.yaml").write_text(content, encoding="utf-8")
        assert read_paper("of_1986").weights == weights
        read_paper.cache_clear()


def test_an_id_stands_for_one_claim_of_all_papers(tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "PAPERS", tmp_path)
    for name in ("of_1986", "of_2017"):
        (tmp_path / f"{name}.yaml").write_text(WHOLE, encoding="utf-8")
    with pytest.raises(FileError, match=r"papers/of_2017\.yaml: id=P6: .* papers/of_1986\.yaml"):
        read_papers()


def test_printed_weights_are_found_though_another_paper_is_a_draft(tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "PAPERS", tmp_path)
    (tmp_path / "draft.yaml").write_text("claims: later", encoding="utf-8")
    (tmp_path / "other_1986.yaml").write_text(with_net(), encoding="utf-8")
    assert printed("other_1986/figure1") == yaml.safe_load(NET)
    with pytest.raises(FileError, match=r"papers/draft\.yaml"):
        printed("other_1986/figure2")


def test_compare_refuses_a_paper_that_is_not_sound_in_one_line(tmp_path, monkeypatch, capsys):
    copy = tmp_path / "papers"
    copy.mkdir()
    for path in PAPERS.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("published: 1425", "published: often", 1)
        (copy / path.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(paper, "PAPERS", copy)
    monkeypatch.setattr("sys.argv", ["compare"])
    readme = (ROOT / "README.md").read_bytes()
    assert compare.main() == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("papers/nature1986.yaml: N5 check 1 (sweeps_to_solve): published=")
    assert (ROOT / "README.md").read_bytes() == readme
