"""An experiment's file that is not sound is refused in one line that names it; others run on."""

import os
import shutil
import subprocess
import sys

import pytest

from reproduce.file.place import CONF, PAPERS, ROOT
from reproduce.run.config import compose
from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment, experiment_names
from reproduce.run.config.sound import first_sound

FILE = "conf/experiment/nature1986/draft.yaml"
HEADER, DEFAULTS = "# @package _global_\n", "defaults: [/experiment/nature1986/symmetry, _self_]\n"
SOUND = HEADER + DEFAULTS
MAKES_A_FOLDER = "hydra: {callbacks: {x: {_target_: os.mkdir, path: made}}}\n"
NOT_SOUND = [  # what the file holds, and what must be said of it
    (b"", "the file is empty"),
    (HEADER, "the file is empty"),
    (SOUND + "rule:\n\tepsilon: 1\n", "line 4: a tab; indent with spaces"),
    (
        SOUND + "seed: 1\nrule: {}\nseed: 2\n",
        "line 5: the key seed is there twice, first in line 3",
    ),
    (SOUND + "rule: {alpha: 0, alpha: 0.5}\n", "line 3: the key alpha is there twice"),
    ("\ufeff" + SOUND, "it begins with a byte order mark"),
    (SOUND.encode("utf-16"), "it begins with a byte order mark"),
    ((SOUND + "# für").encode("latin-1"), "line 3: it is not UTF-8 text"),
    ("- a\n", "it holds no keys"),
    (SOUND + "rule: {epsilon: 1\n", "line 4: while parsing a flow mapping"),
    (SOUND + "on: 1\n", "line 3: the key on is not text; put it in quotes"),
    (SOUND + "seed: 010\n", "line 3: 010 means 8 in YAML"),
    (SOUND + "seed: 1:30\n", "line 3: 1:30 means 90 in YAML"),
    (SOUND + f"seed: {'9' * 5000}\n", "line 3: a number of 5000 digits"),
    (SOUND + "measure: &x [*x]\n", "line 3: a value holds itself"),
    (SOUND + f"measure: {'[' * 2000}", "values are nested too deeply"),
    (SOUND + "seed: \x07\n", "the character U+0007 is not allowed"),
    (SOUND + "seed: !!python/object/apply:os.getpid []\n", "line 3: could not determine"),
    (DEFAULTS, "line 1: allowed is # @package _global_"),
    ("# A draft.\n" + SOUND, "line 1: allowed is # @package _global_"),
    (HEADER + "# @package hydra\n" + DEFAULTS, "line 2: # @package hydra: only the first line"),
    (HEADER + "seed: 1\n", "defaults is missing; allowed is a schema or an experiment"),
    (HEADER + "defaults: [_self_]\n", "defaults: _self_: allowed is a schema or an experiment"),
    (HEADER + "defaults: /schema/units\n", "defaults='/schema/units': allowed is a schema"),
    (HEADER + "defaults: [_self_, /schema/units]\n", "defaults=['_self_', '/schema/units']"),
    (HEADER + "defaults: [/schema/unit]\n", "/schema/unit: it does not exist; nearest: units"),
    (HEADER + "defaults: [/experiment/pdp1986/xr]\n", "it does not exist; nearest: pdp1986/xor"),
    (HEADER + "defaults: [/experiment/nature1986/draft]\n", "defaults: it inherits itself"),
    (HEADER + "defaults: [/schema/units, {override hydra/launcher: basic}]\n", "defaults=["),
    (SOUND + MAKES_A_FOLDER, "hydra: Hydra's own settings are not allowed"),
    (SOUND + "hydra.job.chdir: true\n", "hydra.job.chdir: Hydra's own settings are not allowed"),
    (SOUND + "network: {like: {_target_: os.mkdir}}\n", "network.like._target_='os.mkdir'"),
    (SOUND + "rule: 3\n", "rule=3: allowed is a section with the keys epsilon, alpha"),
    (SOUND + "rule: {epsilom: 1}\n", "rule.epsilom: no such key; nearest: rule.epsilon"),
    (SOUND + "rule.epsilon: 1\n", "rule.epsilon: no such key; a section holds its keys"),
]


@pytest.fixture
def draft(tmp_path, monkeypatch):
    """The file of an experiment in a copy of conf/."""
    conf = shutil.copytree(CONF, tmp_path / "conf")
    monkeypatch.setattr(compose, "CONF", conf)
    monkeypatch.setattr(compose, "FOLDER", conf / "experiment")
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


def test_a_fault_in_what_is_inherited_is_said_with_the_file_that_has_it(draft):
    draft.write_text(SOUND + "\tseed: 1\n", encoding="utf-8")
    heir = draft.with_name("heir.yaml")
    heir.write_text(SOUND.replace("symmetry", "draft"), encoding="utf-8")
    assert refusal("nature1986/heir") == f"{FILE}: line 3: a tab; indent with spaces"


def test_an_experiment_needs_its_paper(draft):
    other = draft.parent.with_name("nobody2000")
    other.mkdir()
    (other / "draft.yaml").write_text(SOUND, encoding="utf-8")
    assert refusal("nobody2000/draft") == "papers/nobody2000.yaml: no such file"


@pytest.mark.parametrize("folder", ["hydra/launcher", "schema"])
def test_conf_has_no_settings_of_hydra_beside_the_experiments(draft, folder):
    (draft.parents[2] / folder).mkdir(parents=True)
    said = f"conf/{folder.split('/')[0]}: the only folder allowed in conf/ is experiment"
    assert refusal("nature1986/symmetry") == said


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
        HEADER + "defaults: [/schema/block]\n" + MAKES_A_FOLDER, encoding="utf-8"
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
