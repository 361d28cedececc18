"""Every experiment and reading: that it composes, what its file says of it, and that it runs."""

import json
import re
from dataclasses import asdict

import pandas as pd
import pytest
import yaml
from composed import experiment, flat
from omegaconf import OmegaConf

from reproduce.experiment.cogsci1986.family_trees import pictures
from reproduce.experiment.cogsci1986.family_trees.departures import MAPS, QUANTITIES
from reproduce.file.experiments import experiment_names, file_of, parted
from reproduce.file.paper import read_papers
from reproduce.run.config.compose import compose_experiment, composed, hand_to_hydra
from reproduce.run.config.schema import SCHEMAS
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.config.study import MinimizerExperiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.make import run_experiment
from reproduce.verdict.side import SOONEST

ANY_FUNCTION = (
    '"Any input-output function which has a bounded derivative will do" (Nature 1986, p. 534)'
)
SMALL_WEIGHTS = 'small random weights" (Nature 1986, p. 535)'
SECOND_DERIVATIVES = (
    '"does not converge as rapidly as methods which make use of the second derivatives" '
    "(Nature 1986, p. 535)"
)
PUBLISHED = {  # what a comment must say; a reading need not say again what its experiment says
    "attention2017/positions": "Wavelengths from 2 pi to 10000 * 2 pi (section 3.5)",
    "attention2017/scaling": '"extremely small gradients" (section 3.2.1)',
    "attention2017/schedule": "Warm-up of 4000 steps, beta_1 0.9, beta_2 0.98, epsilon 1e-9",
    "attention2017/smoothing": '"hurts perplexity" (section 5.4)',
    "attention2017/training_cost": "3.3 * 10^18 and 2.3 * 10^19",
    "attention2017/block": "equations 1 and 2 and what sections 3 and 5.4 say of the layers",
    "attention2017/complexity": "Table 1: O(n^2 d), O(n d^2), O(k n d^2) and O(r n d)",
    "attention2017/heads_cost": '"similar to that of single-head attention with full',
    "attention2017/parameters": "65, 58, 60, 36, 50, 80, 28, 168, 53, 90 and 213",
    "attention2017/parameters/vocabulary": "Table 3",
    "attention2017/copy": "1.927 1.658 1.489 1.349 .985 .569 .343 .261 .432 .273",
    "attention2017/copy/post_norm": "The same curve",
    "attention2017/sort": "5000 of 5000",
    "attention2017/recall": "At least .99",
    "attention2017/recall_small": "Recall on a smaller text",
    "attention2017/induction": "Two layers form induction heads, one layer does not",
    "attention2017/characters": "Validation loss 1.88",
    "attention2017/head_roles": "(Voita and others 2019)",
    "attention2017/distance": "the easier it is to learn long-range dependencies",
    "cogsci1986/family_trees": "4 of 4 and 3 of 4 held-out cases right (CogSci 1986, p. ",
    "cogsci1986/family_trees_map": "All printed outcomes at once (CogSci 1986, p. 6, 9 and 12)",
    "cogsci1986/family_trees/nearest_no_decay": '"573 sweeps"',
    "cogsci1986/family_trees/no_decay": '"573 sweeps"',
    "cogsci1986/family_trees/step_no_decay": '"573 sweeps"',
    "nature1986/equal_starts": SMALL_WEIGHTS,
    "nature1986/equations": "no number is printed",
    "nature1986/family_trees": "the four triples on which it was not trained",
    **{f"nature1986/momentum_{p}/": ANY_FUNCTION for p in ("parity", "symmetry", "xor")},
    "nature1986/iterative": "(Nature 1986, Fig. 5, p. 535): no number is printed",
    "nature1986/local_minima": "a few more connections help (Nature 1986, p. 535-536)",
    "nature1986/momentum": 'Momentum improves convergence "significantly" (Nature 1986, p. 535)',
    "nature1986/second_derivatives": SECOND_DERIVATIVES,
    "nature1986/shift_register": '"fewer than 200 sweeps" (PDP 1986, p. 357)',
    "nature1986/start_range": SMALL_WEIGHTS,
    "nature1986/symmetry": "1,425 sweeps (Nature 1986, Fig. 1, p. 534)",
    "pdp1986/encoder": "Codes .5 0 0, 0 1 0, 1 1 0, 1 1 1",
    "pdp1986/shift_register": '"fewer than 200 sweeps" (PDP 1986, p. 357)',
    "pdp1986/t_c": "in 5,000 to 10,000 presentations",
    "nature1986/symmetry/published": "Nature 1986, Fig. 1 (p. 534)",
    "pdp1986/symmetry": "1,208 presentations of each pattern (PDP 1986, Fig. 9, p. 340)",
    "pdp1986/symmetry/decay": "registered",
    "pdp1986/xor": 'Two of "hundreds" stuck (PDP 1986, p. 332)',
    "pdp1986/xor_direct": "558 sweeps (PDP 1986, Fig. 3, p. 331)",
    "pdp1986/xor/epsilon": "(PDP 1986, footnote 2, p. 332)",
    "pdp1986/xor/minimum": "PDP 1986, Fig. 5 (p. 333)",
    "pdp1986/xor/minimum_epsilon_0.5": '"If we set eta = 0.5 or above',
    "pdp1986/xor_direct/published": "PDP 1986, Fig. 3 (p. 331)",
    "pdp1986/xor/published_minimum": "PDP 1986, Fig. 5 (p. 333)",
}

UNCLAIMED = ("pdp1986/encoder", "pdp1986/t_c")  # no claims are read yet

each_experiment = pytest.mark.parametrize("name", experiment_names())


def comment(name: str) -> str:
    """The comment of an experiment, at the top of its file, or of a reading, above its name."""
    experiment, reading = parted(name)
    lines = file_of(experiment).read_text(encoding="utf-8").splitlines()
    last = lines.index(f"  {reading}:" if reading else next(x for x in lines if x[0] != "#"))
    first = last
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "\n".join(line.strip() for line in lines[first:last])


@each_experiment
def test_command_and_published_number_stand_at_the_top_and_what_a_reading_reads_above_it(name):
    literal, reading = parted(name)
    command, *said = comment(literal).splitlines()
    assert command == f"# python -m reproduce experiment={literal}"
    assert said
    assert not reading or comment(name).startswith("# ")
    nearest = max((key for key in PUBLISHED if name.startswith(key)), key=len, default=None)
    assert nearest is None or PUBLISHED[nearest] in "\n".join([*said, comment(name)])


@each_experiment
def test_an_experiment_has_exactly_the_keys_of_the_schema_that_it_names(name):
    schema = SCHEMAS[yaml.safe_load(file_of(parted(name)[0]).read_bytes())["schema"]]
    hand_to_hydra(name)
    config = composed([f"experiment={name}"], name)
    free = tuple(
        f"network.{key}" for key in ("groups", "links", "like", "start", "hold", "rows")
    )  # names in them
    fixed = [
        {key for key in flat(OmegaConf.to_container(each)) if not key.startswith(free)}
        for each in (config, OmegaConf.structured(schema))
    ]
    assert fixed[0] == fixed[1]
    assert OmegaConf.get_type(config) is schema


def shrink(config) -> dict[int, int]:
    """A few replicas, two sweeps and two values of each key of a grid.

    Returns what has become of the moments in quantities.
    """
    config.replicas = min(config.replicas, 3)
    if isinstance(config, MinimizerExperiment):
        config.run.sweeps = 50
    if isinstance(config, SequenceExperiment):
        tests = 10 if "copy" in config.measure else 2
        config.replicas, config.rule.warmup = 1, 1
        config.run.steps, config.run.test_every, config.run.batch = tests, 1, 2
        for key, values in vars(config.grid).items():
            setattr(config.grid, key, values[:2])
    if not isinstance(config, UnitsExperiment) or config.run.sweeps == 0:
        return {}
    config.engine = "eager"
    if any(vars(config.grid).values()):
        config.replicas = 1
        for name, values in vars(config.grid).items():
            setattr(config.grid, name, values[:2])
    moments = dict.fromkeys(config.run.keep_sweeps, 1) | {config.run.sweeps: 2}
    config.run.keep_sweeps = [moments[sweep] for sweep in config.run.keep_sweeps]
    config.run.sweeps = 2
    return moments


def kind(name: str) -> str:
    """What decides which pictures there are of a run, and of what net."""
    said = asdict(experiment(name))
    grid = [key for key, values in said.get("grid", {}).items() if values]
    trained = said.get("run", {}).get("sweeps") != 0
    return repr((said["measure"], said.get("network", {}).get("groups"), sorted(grid), trained))


DRAWN = {kind(name): name for name in reversed(experiment_names())}.values()  # first of each kind


@pytest.fixture
def undrawn(name, monkeypatch):
    """Draw only the first experiment of each kind, since pictures take most of the time."""
    if name not in DRAWN:
        monkeypatch.setattr(pictures, "draw_example", lambda *_: {})
        for place in ("make.draw", "show.draw_grid", "show.picture"):
            monkeypatch.setattr(f"reproduce.run.{place}", lambda *_: {})


def asked_of(name: str, moments: dict[int, int]) -> set[str]:
    """The quantities that papers/*.yaml check in an experiment, moments as in the shrunk run."""
    checks = [c for paper in read_papers() for claim in paper.claims for c in claim.checks]
    checks = [c for c in checks if name in c.experiments or name == c.against]
    own = [c for c in checks if name in c.experiments]
    asked = {each for c in own for each in (*(c.quantities or [c.quantity]), *(c.among or {}))}
    asked |= {c.against_quantity or c.quantity for c in checks if name == c.against}
    asked |= {SOONEST for c in checks if c.best}
    if name.startswith(MAPS):
        asked |= {*QUANTITIES}
    for before, after in moments.items():
        asked = {re.sub(rf"_(after|by)_{before}$", rf"_\1_{after}", word) for word in asked}
    return asked


@each_experiment
def test_a_shrunk_run_finishes_with_every_quantity_that_is_asked_of_it(name, tmp_path, undrawn):
    config = compose_experiment([f"experiment={name}", f"out={tmp_path}", "device=cpu"])
    asked = asked_of(name, shrink(config))
    outcome = run_experiment(config, "a command", lambda sweeps: None)
    record = json.loads((outcome.folder / "record.json").read_text())
    replicas = pd.read_csv(outcome.folder / "replicas.csv", index_col="replica")
    assert (outcome.status, record["status"]) == ("finished", "finished")
    assert asked or name.startswith(UNCLAIMED)
    assert asked <= set(replicas)
    if (outcome.folder / "grid.csv").exists():
        assert record["quantities"] == {}
    else:
        assert set(record["quantities"]) == set(replicas)
        assert replicas.index.tolist() == list(range(config.replicas))
    drawn = {path.suffix for path in (outcome.folder / "figures").iterdir()}
    assert drawn == ({".png"} if name in DRAWN else set())
