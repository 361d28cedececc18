"""Nets that leave when they are settled: nothing that is asked of them changes."""

import pytest
import torch

from reproduce.run import population as populations
from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.units.engine import Engine
from reproduce.units.measure import learning
from reproduce.units.sweep import NEVER

SETTINGS = {
    "presentation": ["experiment=pdp1986/xor", "rule.epsilon=0.5", "network.init=3"],
    "sweep": ["experiment=pdp1986/xor/sweep", "rule.epsilon=1", "network.init=3"],
    "largest": [
        *("experiment=pdp1986/xor_direct", "rule.epsilon=0.5", "network.init=2"),
        "run.keep_largest_weight=4",
    ],
    "no_tolerance": [
        *("experiment=pdp1986/xor/grid", "grid.init=[1.0,3.0]", "grid.alpha=[]"),
        *("grid.epsilon=[0.5]", "replicas=20"),
    ],
}
COMMON = ["replicas=40", "run.sweeps=300", "measure=[]", "run.keep_sweeps=[]"]


@pytest.fixture
def swept(monkeypatch):
    """How many net-sweeps each call of the engine was handed: lanes times sweeps."""
    found = []
    advance = Engine.advance

    def spied(self, blocks, sweep, until):
        blocks = list(blocks)
        found.append(sum(nets["weights"].shape[1] for nets, _ in blocks) * (until - sweep))
        return advance(self, blocks, sweep, until)

    monkeypatch.setattr(Engine, "advance", spied)
    return found


def trained(*overrides: str):
    made = make_population(compose_experiment([*COMMON, *overrides]), torch.device("cpu"))
    *_, last = made.train(made.start())
    return made, last


def with_a_bad_replica(words: list[str], replicas: int = 40) -> list[str]:
    """The same settings, but replica 3 takes steps that are far too large."""
    (step,) = [float(word.split("=")[1]) for word in words if "rule.epsilon" in word] or [None]
    if step is None:
        return words
    steps = ",".join(str(3e38 if r == 3 else step) for r in range(replicas))
    pushes = ",".join(str(0.9999 if r == 3 else 0.9) for r in range(replicas))
    return [*words, f"rule.epsilon=[{steps}]", f"rule.alpha=[{pushes}]"]


@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_leaving_changes_no_answer(setting, engine):
    words = [*with_a_bad_replica(SETTINGS[setting]), f"engine={engine}"]
    made, stayed = trained(*words, "run.stop=end")
    left_made, left = trained(*words, "run.stop=settled")
    assert torch.equal(left.first[:-1], stayed.first[:-1])
    settled_at = stayed.first[:-1].amax(0)
    before = stayed.first[-1] < settled_at
    assert torch.equal(left.first[-1][before], stayed.first[-1][before])
    assert ((left.first[-1] == stayed.first[-1]) | (left.first[-1] == NEVER)).all()
    columns = [
        learning.measure(population.trained(state))
        for population, state in ((made, stayed), (left_made, left))
    ]
    for name, column in columns[1].items():
        if name.startswith(("sweeps_to_", "solved_by_")):
            assert torch.equal(column.nan_to_num(-1), columns[0][name].nan_to_num(-1)), name
    assert set(columns[0]) - set(columns[1]) == {"right_at_end", "error_at_end"}
    never = (settled_at == NEVER) & (stayed.first[-1] == NEVER)
    assert torch.equal(left.weights[:, never], stayed.weights[:, never])
    assert (settled_at < 250).sum() > 3
    assert never.any()
    if "rule.epsilon" in " ".join(words):
        assert before.nonzero().flatten().tolist() == [3]
    if "largest" in left.kept:
        reached = stayed.first[-2] != NEVER
        assert torch.equal(left.kept["largest"][:, reached], stayed.kept["largest"][:, reached])


def test_fewer_lanes_are_handed_over_as_nets_leave(swept):
    words = [*SETTINGS["sweep"], "replicas=400", "engine=eager", "run.points_per_decade=20"]
    _, stayed = trained(*words, "run.stop=end")
    whole = sum(swept)
    swept.clear()
    trained(*words, "run.stop=settled")
    settled = stayed.first[:-1].amax(0).clamp(max=300).double()
    needed = settled.sum()
    assert whole >= 400 * 300
    assert needed < 0.8 * 400 * 300  # or there would be nothing to save
    assert needed <= sum(swept) < 0.5 * (whole + needed)


def test_a_population_that_is_settled_is_handed_over_no_more(swept):
    words = ["experiment=nature1986/symmetry", "network.weights=nature1986/figure1"]
    words += ["network.init=0", "run.tolerances=[]", "run.keep_largest_weight=null"]
    made, last = trained(*words, "engine=eager", "run.stop=settled")
    assert (last.first[0] == 0).all()
    assert sum(swept) == 64  # one sweep of one block, in which that is seen
    assert last.sweep == 300
    assert sorted(last.curves) == sorted(made.log_sweeps)


@pytest.mark.parametrize("setting", ["sweep", "largest"])
def test_where_the_clock_cuts_a_run_changes_nothing_that_is_kept(setting, monkeypatch):
    words = [*SETTINGS[setting], "run.stop=settled", "engine=eager", "run.points_per_decade=3"]
    found = []
    for longest in (1e9, 1e-9):
        monkeypatch.setattr(populations, "LONGEST_STRETCH", longest)
        found.append(trained(*words)[1])
    seldom, often = found
    assert torch.equal(seldom.first, often.first)
    assert torch.equal(seldom.weights, often.weights)
    assert seldom.curves == often.curves


REFUSED = [
    (["measure=[xor]", "run.keep_sweeps=[]"], "measure"),
    (["measure=[]", "run.keep_sweeps=[5]"], "keep_sweeps"),
    (["measure=[xor,landscape]"], "settled"),
]


@pytest.mark.parametrize(("words", "named"), REFUSED)
def test_what_needs_the_nets_at_the_end_is_refused(words, named):
    with pytest.raises(ConfigError, match=named) as refused:
        compose_experiment(["experiment=pdp1986/xor", "run.stop=settled", *words])
    assert "\n" not in str(refused.value)
    allowed = ["measure=[]", "run.keep_sweeps=[]"]
    compose_experiment(["experiment=pdp1986/xor", "run.stop=settled", *allowed])


def test_another_way_to_stop_is_refused():
    with pytest.raises(ConfigError, match=r"run\.stop=never"):
        compose_experiment(["experiment=pdp1986/xor", "run.stop=never"])
