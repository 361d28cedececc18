"""What a run is: all that its numbers depend on, and nothing else, stands in its name."""

import copy
from dataclasses import asdict

import pytest

from reproduce.experiment.attention2017.characters import Characters
from reproduce.run.config.compose import compose_experiment
from reproduce.run.folder import content, sha256
from reproduce.run.make import run_experiment


def leaves(values: dict, path: tuple[str, ...] = ()):
    """The path of every value that is not itself a section."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("name", ["pdp1986/xor_direct", "attention2017/parameters"])
def test_the_name_depends_on_every_value_but_where_it_goes_and_how_often_it_is_saved(name):
    config = compose_experiment([f"experiment={name}", "device=cpu"])
    before, of_no_matter, found = sha256(config), set(), 0
    for *sections, last in leaves(asdict(config)):
        changed = copy.deepcopy(config)
        holder = changed
        for section in sections:
            holder = holder[section] if isinstance(holder, dict) else getattr(holder, section)
        if isinstance(holder, dict):
            holder[last] = "changed"
        else:
            setattr(holder, last, "pdp1986/figure3" if last == "weights" else "changed")
        found += 1
        if sha256(changed) == before:
            of_no_matter.add(".".join([*sections, last]))
    assert of_no_matter - {"run.checkpoint_seconds"} == {"out", "rerun"}
    assert ("run.checkpoint_seconds" in of_no_matter) == hasattr(config, "run")
    assert found > 15


def test_a_text_is_part_of_the_identity_by_what_is_in_it(tmp_path):
    words = ["experiment=attention2017/characters", "device=cpu"]
    own = compose_experiment(words)
    assert content(own)["text_sha256"] == Characters(own.task.text, 8).text_sha256
    text = tmp_path / "text"
    text.write_text("to be or not to be, that is the question. " * 200, encoding="utf-8")
    given = compose_experiment([*words, f"task.text={text}"])
    before = sha256(given)
    assert before != sha256(own)
    text.write_text(text.read_text(encoding="utf-8").replace("be", "bee"), encoding="utf-8")
    assert sha256(given) != before


def test_a_text_that_changes_while_a_run_reads_it_ends_that_run(tmp_path):
    text = tmp_path / "text"
    text.write_text("to be or not to be, that is the question. " * 200, encoding="utf-8")
    words = ["experiment=attention2017/characters", f"task.text={text}", f"out={tmp_path}"]
    words += ["run.steps=1", "run.test_every=1", "replicas=1", "run.batch=2", "rule.warmup=0"]
    words += ["network.d_model=8", "network.N=1", "network.h=1", "network.d_k=8", "network.d_v=8"]

    def change(steps: int) -> None:
        text.write_text("to be or to be. " * 500, encoding="utf-8")

    with pytest.raises(OSError, match="changed meanwhile"):
        run_experiment(compose_experiment(words), "command", change)
    (left,) = (tmp_path / "attention2017" / "characters").iterdir()
    assert left.suffix == ".partial"
