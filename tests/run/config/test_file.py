"""An experiment's file that is not sound is refused in one line that names it; others run on."""

import os
import shutil
import subprocess
import sys

import pytest

from reproduce.file import experiments
from reproduce.file.experiments import experiment_names, is_experiment, readings
from reproduce.file.place import CONF, PAPERS, ROOT
from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.sound import first_sound

FILE = "conf/experiment/nature1986/draft.yaml"
NET = """
task: {name: symmetry}
network: {groups: {input: 6, hidden: 2, output: 1}, \
links: {hidden: [input], output: [hidden]}, outputs: [output]}
"""
SOUND = f"schema: units{NET}"
MAKES_A_FOLDER = "hydra: {callbacks: {x: {_target_: os.mkdir, path: made}}}\n"
NOT_SOUND = [  # what the file holds, and what must be said of it
    (b"", "the file is empty"),
    (b"# A draft.\n", "the file is empty"),
    (SOUND + "rule:\n\tepsilon: 1\n", "line 5: a tab; indent with spaces"),
    (
        SOUND + "seed: 1\nrule: {}\nseed: 2\n",
        "line 6: the key seed is there twice, first in line 4",
    ),
    (SOUND + "rule: {alpha: 0, alpha: 0.5}\n", "line 4: the key alpha is there twice"),
    ("\ufeff" + SOUND, "it begins with a byte order mark"),
    (SOUND.encode("utf-16"), "it begins with a byte order mark"),
    ((SOUND + "# für").encode("latin-1"), "line 4: it is not UTF-8 text"),
    ("- a\n", "it holds no keys"),
    (SOUND + "rule: {epsilon: 1\n", "line 5: while parsing a flow mapping"),
    (SOUND + "on: 1\n", "line 4: the key on is not text; put it in quotes"),
    (SOUND + "seed: 010\n", "line 4: 010 means 8 in YAML"),
    (SOUND + "seed: 1:30\n", "line 4: 1:30 means 90 in YAML"),
    (SOUND + f"seed: {'9' * 5000}\n", "line 4: a number of 5000 digits"),
    (SOUND + "measure: &x [*x]\n", "line 4: a value holds itself"),
    (SOUND + f"measure: {'[' * 2000}", "values are nested too deeply"),
    (SOUND + "seed: \x07\n", "the character U+0007 is not allowed"),
    (SOUND + "seed: !!python/object/apply:os.getpid []\n", "line 4: could not determine"),
    (NET, "schema is missing; allowed are block, characters"),
    ("schema: unit\n", "schema='unit': no such schema; nearest: units"),
    ("schema: [units]\n", "schema=['units']: no such schema"),
    (SOUND + "defaults: [/schema/units]\n", "defaults: no such key"),
    (SOUND + MAKES_A_FOLDER, "hydra: no such key"),
    (SOUND + "hydra.job.chdir: true\n", "hydra.job.chdir: no such key"),
    (SOUND + "readings: [sweep]\n", "readings=['sweep']: allowed is a section of readings"),
    (SOUND + "rule: 3\n", "rule=3: allowed is a section with the keys epsilon, alpha"),
    (SOUND + "rule: {epsilom: 1}\n", "rule.epsilom: no such key; nearest: rule.epsilon"),
    (SOUND + "rule.epsilon: 1\n", "rule.epsilon: no such key; a section holds its keys"),
]


@pytest.fixture
def draft(tmp_path, monkeypatch):
    """The file of an experiment in a copy of conf/."""
    conf = shutil.copytree(CONF, tmp_path / "conf")
    monkeypatch.setattr(experiments, "FOLDER", conf / "experiment")
    return tmp_path / FILE


def refusal(name: str = "nature1986/draft") -> str:
    with pytest.raises(ConfigError) as refused:
        compose_experiment([f"experiment={name}"])
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(("content", "said"), NOT_SOUND, ids=[said for _, said in NOT_SOUND])
def test_what_is_wrong_in_a_file_is_said_with_its_name(draft, content, said):
    draft.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    assert refusal().startswith(f"{FILE}: ")
    assert said in refusal()


def test_the_file_that_these_change_is_sound(draft):
    draft.write_text(SOUND + "rule: {epsilon: 1e-4}\n", encoding="utf-8")
    assert compose_experiment(["experiment=nature1986/draft"]).rule.epsilon == 1e-4


def test_what_is_no_readable_file_is_refused(draft):
    draft.symlink_to("nowhere")
    assert refusal() == f"{FILE}: it is a link to a file that is not there"
    draft.unlink()
    draft.symlink_to(draft)
    assert refusal().startswith(f"{FILE}: it cannot be read: ")
    draft.unlink()
    draft.symlink_to("/dev/zero")
    assert refusal() == f"{FILE}: it is a folder or a device; a file is needed"
    draft.unlink()
    os.mkfifo(draft)
    assert refusal() == f"{FILE}: it is a folder or a device; a file is needed"


BROKEN = {  # a reading, and what must be said of it
    "mistyped: {rule: {epsilom: 1}}": "readings.mistyped.rule.epsilom: no such key; nearest: "
    "readings.mistyped.rule.epsilon",
    "empty:": "readings.empty=None: allowed is a section of readings",
    "figures: {seed: 1}": "readings.figures: allowed are names of letters",
    "a/b: {seed: 1}": "readings.a/b: allowed are names of letters",
    "Sweep: {seed: 1}": "readings.Sweep: allowed are names of letters",
    "nested: {readings: {}}": "readings.nested.readings: no such key",
    "other: {schema: copy}": "readings.other.schema: no such key",
}


@pytest.mark.parametrize(("written", "said"), BROKEN.items())
def test_a_broken_reading_is_named_and_stops_no_other(draft, written, said):
    draft.write_text(f"{SOUND}readings:\n  {written}\n  sound: {{seed: 3}}\n", encoding="utf-8")
    name = f"nature1986/draft/{written.split(':')[0]}"
    assert name in experiment_names()
    assert refusal(name).startswith(f"{FILE}: {said}")
    seeds = [compose_experiment([f"experiment=nature1986/draft{end}"]).seed for end in ENDS]
    assert seeds == [0, 3]


ENDS = ("", "/sound")  # of the literal reading and of a sound one


def test_a_value_of_a_reading_is_checked_like_one_of_the_file(draft):
    draft.write_text(f"{SOUND}readings: {{slow: {{rule: {{epsilon: -1}}}}}}\n", encoding="utf-8")
    assert refusal("nature1986/draft/slow").startswith("rule.epsilon=-1: allowed is a number above")
    assert compose_experiment(["experiment=nature1986/draft"]).rule.epsilon == 0.1


def test_a_reading_changes_what_it_says_and_keeps_the_rest(draft):
    own = "readings: {wide: {network: {groups: {hidden: 4}}, rule: {alpha: 0.5}}}\n"
    draft.write_text(f"{SOUND}rule: {{epsilon: 1e-4, alpha: 0}}\n{own}", encoding="utf-8")
    literal, wide = (
        compose_experiment([f"experiment=nature1986/draft{end}"]) for end in ("", "/wide")
    )
    assert (literal.name, wide.name) == ("nature1986/draft", "nature1986/draft/wide")
    sizes = [list(config.network.groups.values()) for config in (literal, wide)]
    assert sizes == [[6, 2, 1], [6, 4, 1]]
    assert (literal.rule.alpha, wide.rule.alpha) == (0, 0.5)
    assert (wide.rule.epsilon, wide.network.links) == (1e-4, literal.network.links)
    with_word = compose_experiment(["experiment=nature1986/draft/wide", "rule.alpha=0.7"])
    assert with_word.rule.alpha == 0.7


def test_a_file_that_cannot_be_read_may_have_any_reading(draft):
    draft.write_text(SOUND + "\t", encoding="utf-8")
    assert readings("nature1986/draft") is None
    assert is_experiment("nature1986/draft/any")
    draft.write_text(SOUND + "readings: {one: {}}", encoding="utf-8")
    assert readings("nature1986/draft") == ("one",)
    assert [is_experiment(f"nature1986/draft{end}") for end in ("", "/one", "/any")] == [1, 1, 0]


def test_an_experiment_needs_its_paper(draft):
    other = draft.parent.with_name("nobody2000")
    other.mkdir()
    (other / "draft.yaml").write_text(SOUND, encoding="utf-8")
    assert refusal("nobody2000/draft") == "papers/nobody2000.yaml: no such file"


def test_what_an_editor_leaves_beside_a_file_is_no_experiment(draft):
    before = experiment_names()
    draft.with_name(".#draft.yaml").symlink_to("somebody@somewhere")
    assert experiment_names() == before


def test_a_draft_changes_no_other_experiment(draft):
    first = draft.parent.with_name("attention2017") / "aaa.yaml"
    assert first_sound() == "attention2017/block"
    for content in (SOUND + "\t", SOUND + "seed: many"):
        first.write_text(content, encoding="utf-8")
        assert first_sound() == "attention2017/block"
    assert compose_experiment(["experiment=nature1986/symmetry"]).name == "nature1986/symmetry"


def test_no_file_runs_code_and_help_does_not_need_sound_files(tmp_path):
    for folder in (CONF, PAPERS, ROOT / "reproduce"):
        shutil.copytree(folder, tmp_path / folder.name)
    (tmp_path / "conf/experiment/attention2017/aaa.yaml").write_text(
        "schema: block\n" + MAKES_A_FOLDER, encoding="utf-8"
    )

    def run(*words: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "reproduce", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        return done.returncode, done.stdout, done.stderr

    draft = "experiment=attention2017/aaa"
    for words in ([draft], [draft, "--cfg", "job"], ["-m", draft]):
        status, out, err = run(*words)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert err.startswith("conf/experiment/attention2017/aaa.yaml: hydra: ")
    assert not (tmp_path / "made").exists()
    status, out, _ = run("--help")
    assert status == 0
    assert {"attention2017/aaa", "nature1986/symmetry"} <= set(out.split())
    assert run("experiment=attention2017/block", "--cfg", "job")[0] == 0
