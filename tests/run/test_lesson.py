"""Populations against plain loops over one net: the loop below knows the rules, torch the slopes.

The nets answer the family-tree questions, the task of which cases are held out.
"""

from dataclasses import replace
from itertools import product

import pytest
import torch

from reproduce.experiment.cogsci1986.family_trees.held_out import held_out
from reproduce.run.config.check_units import wrong_in_units
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.units import Grid, Rule, Run, Task, UnitsExperiment, UnitsNetwork
from reproduce.run.learn import make_population
from reproduce.run.lesson import Lesson
from reproduce.units.measure import learning
from reproduce.units.sweep import NEVER

CPU = torch.device("cpu")
GROUPS = {"person": 24, "relation": 12, "hidden": 4, "start": 3, "one": 3, "two": 3, "answer": 24}
LINKS = {
    "hidden": ["person", "relation"],
    "start": ["relation"],
    "one": ["start"],
    "two": ["one"],
    "answer": ["hidden", "two"],
}
LIKE = {"two": "one"}
SQUASH = {"logistic": torch.sigmoid, "tanh": torch.tanh, "rectifier": torch.relu}


def family(rule: dict, network: dict | None = None, task: dict | None = None, **rest):
    """The config of three small nets that answer the questions."""
    task = {"target_off": 0.2, "target_on": 0.8, "satisfied": 0.2, "held_out": "random"} | (
        task or {}
    )
    config = UnitsExperiment(
        replicas=3,
        seed=4,
        dtype="float64",
        engine="eager",
        task=Task("family_trees", **task),
        network=UnitsNetwork(GROUPS, LINKS, **{"init": 1.0} | (network or {})),
        rule=Rule(**{"epsilon": 0.05, "decay": 0.002} | rule),
    )
    rest = {"run": Run(sweeps=5, points_per_decade=1)} | rest
    config = replace(config, **rest)
    assert list(wrong_in_units(config)) == []
    return config


def shift(*words: str):
    """The config of three nets that are iterated twice."""
    own = ["experiment=nature1986/shift_register", "replicas=3", "run.sweeps=5", "dtype=float64"]
    return compose_experiment([*own, "engine=eager", "run.points_per_decade=1", *words])


def trained(config):
    """The population and its last state."""
    made = make_population(config, CPU)
    *_, last = made.train(made.start())
    return made, last


class Loop:
    """One net that learns as the config says; w, velocity: by link, and biases by group."""

    def __init__(self, config, made, replica: int):
        self.config, self.x, self.on = config, made.task.inputs, made.task.on.double()
        off, on = config.task.target_off, config.task.target_on
        self.d = off + (on - off) * self.on
        self.cases = list(range(self.x.shape[1]))
        if config.task.held_out != "none":
            away = held_out(config.task.held_out, config.seed, replica, 1)
            self.cases = (~away[:, 0]).nonzero().flatten().tolist()
        parts = made.units.parts(made.start().weights)
        self.w = {part: parts[part][..., replica].clone() for part in made.units.places}
        self.velocity = {part: torch.zeros_like(w) for part, w in self.w.items()}
        for sweep in range(config.run.sweeps):
            alone = config.rule.update == "presentation"
            for cases in [[case] for case in self.cases] if alone else [self.cases]:
                self.change(sweep, cases)

    def error(self, w: dict, cases: list[int]) -> torch.Tensor:
        """E over some cases, as a number whose derivatives the rule takes for those of E."""
        net, forward = self.config.network, {}
        inputs = [group for group in net.groups if group not in net.links]
        sizes = [net.groups[group] for group in inputs]
        y = dict(zip(inputs, self.x[:, cases].split(sizes), strict=True))
        for group, sources in net.links.items():
            owner = net.like.get(group, group)
            senders = zip(sources, net.links[owner], strict=True)
            x = sum(w[other, owner] @ y[source] for source, other in senders)
            forward[group] = x + w[owner][:, None] if net.biases else x
            y[group] = SQUASH[net.function](forward[group])
        x = forward[group]  # the last group is the only output
        y, d, on = torch.sigmoid(x), self.d[:, cases], self.on[:, cases]
        counts = (y - on).abs() >= (self.config.task.satisfied or 0)
        if self.config.rule.output_slope:
            return 0.5 * ((y - d)[counts] ** 2).sum()
        return ((y - d).detach() * x)[counts].sum()

    def change(self, sweep: int, cases: list[int]) -> None:
        """Equation 9 with the constants of the sweep, then decay."""
        rule, net = self.config.rule, self.config.network
        early = sweep < rule.early_sweeps
        epsilon = rule.epsilon * (rule.early_epsilon if early else 1)
        alpha = rule.early_alpha if early else rule.alpha
        w = {part: weight.clone().requires_grad_() for part, weight in self.w.items()}
        slopes = torch.autograd.grad(self.error(w, cases), list(w.values()))
        for part, slope in zip(w, slopes, strict=True):
            group = part if isinstance(part, str) else part[1]
            if rule.over_fan_in:
                slope = slope / sum(net.groups[source] for source in net.links[group])
            if rule.over_uses:
                slope = slope / (1 + list(net.like.values()).count(group))
            self.velocity[part] = alpha * self.velocity[part] - epsilon * slope
            self.w[part] = (self.w[part] + self.velocity[part]) * (1 - rule.decay)


EARLY = {"early_sweeps": 2, "early_epsilon": 0.5, "early_alpha": 0.6}
OTHER = {"biases": False, "function": "tanh", "like": LIKE}
FULL = {"target_off": 0.0, "target_on": 1.0}
CONFIGS = {
    "a change a sweep": lambda: family({}),
    "a change a case": lambda: family({"update": "presentation"}, run=Run(sweeps=2)),
    "other constants at first": lambda: family(
        EARLY | {"early_sweeps": 7}, run=Run(sweeps=9, points_per_decade=1)
    ),
    "at first, a change a case": lambda: family(
        EARLY | {"update": "presentation", "early_sweeps": 1}, task={"held_out": "figure8"}
    ),
    "masked, tanh, shared": lambda: family({"over_uses": True}, OTHER, FULL),
    "over fan-in, no slope": lambda: family({"over_fan_in": True, "output_slope": False}),
    "all of them": lambda: family(
        EARLY | {"update": "presentation", "over_fan_in": True, "over_uses": True},
        OTHER | {"function": "rectifier"},
        run=Run(sweeps=3),
    ),
    "iterated, averaged": lambda: shift("rule.decay=0.01"),
    "iterated, summed": lambda: shift("rule.over_uses=false", "rule.update=presentation"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_every_replica_is_the_net_that_a_plain_loop_trains(name):
    config = CONFIGS[name]()
    made, last = trained(config)
    weights, velocity = made.units.parts(last.weights), made.units.parts(last.velocity)
    errors = learning.measure(made.trained(last))["error_at_end"].tolist()
    assert last.curves[config.run.sweeps][0][3] == pytest.approx(errors[0], rel=1e-12)
    for replica in range(3):
        loop = Loop(config, made, replica)
        close = {"rtol": 1e-9, "atol": 1e-11}
        for part, wanted in loop.w.items():
            torch.testing.assert_close(weights[part][..., replica], wanted, **close)
            found = velocity[part][..., replica]
            torch.testing.assert_close(found, loop.velocity[part], **close)
        if config.rule.output_slope:
            error = loop.error(loop.w, loop.cases).item()
            assert errors[replica] == pytest.approx(error, rel=1e-9)
    assert (last.weights - made.start().weights).abs().amax(0).min() > 0.01
    if config.task.held_out != "none":
        assert (made.lesson.each["trains"].sum(0) == 100).all()
        assert len(made.lesson.each["trains"].unique(dim=1).T) == 3


def test_a_net_that_trains_on_nothing_stays_as_it_starts():
    for update in ("sweep", "presentation"):
        config = family({"update": update, "decay": 0.0})
        made = make_population(config, CPU)
        made.lesson.each["trains"][:, 1] = 0
        *_, last = made.train(made.start())
        moved = (last.weights - made.start().weights).abs().amax(0)
        assert (moved > 0).tolist() == [True, False, True]


def test_a_net_is_right_when_it_is_right_on_what_it_trains_on():
    config = family({"epsilon": 0.3}, run=Run(sweeps=99, tolerances=[0.3], points_per_decade=1000))
    made, truth = make_population(config, CPU), torch.full((2, 3), NEVER, dtype=torch.int32)
    trains = made.lesson.each["trains"]
    trains.zero_()
    trains[7] = trains[50, 1] = trains[:, 2] = 1
    for state in made.train(made.start()):
        y = made.units.activities(made.units.parts(state.weights), made.task.inputs[..., None])
        off_by = (y["answer"] - made.task.on[..., None].double()).abs()
        seen = [off_by[:, trains[:, r] > 0, r].max().item() for r in range(3)]
        for (place, tolerance), (replica, worst) in product(enumerate((0.5, 0.3)), enumerate(seen)):
            if worst < tolerance and truth[place, replica] == NEVER:
                truth[place, replica] = state.sweep
        assert state.curves[state.sweep][0][4] == sum(worst < 0.5 for worst in seen)
    assert torch.equal(state.first[:2], truth)
    assert ((truth > 0) & (truth < 99)).tolist() == [[True, True, False]] * 2


@pytest.mark.parametrize("update", ["sweep", "presentation"])
def test_each_point_of_a_grid_has_the_cases_and_constants_of_that_point_alone(update):
    rule = EARLY | {"update": update, "early_sweeps": 1}
    run = Run(sweeps=2, points_per_decade=1)
    grid = Grid(decay=[0.0, 0.1], alpha=[0.3, 0.9])
    _, together = trained(family(rule, grid=grid, run=run))
    for place, (decay, alpha) in enumerate([(0.0, 0.3), (0.0, 0.9), (0.1, 0.3), (0.1, 0.9)]):
        _, alone = trained(family(rule | {"decay": decay, "alpha": alpha}, run=run))
        mine = slice(3 * place, 3 * place + 3)
        assert torch.equal(together.weights[:, mine], alone.weights)
    assert len(together.weights.unique(dim=1).T) == 12


def test_a_net_with_all_its_hidden_units_is_taught_as_in_no_grid():
    _, found = trained(family({}, grid=Grid(hidden=[2, 4])))
    _, alone = trained(family({}))
    assert torch.equal(found.weights[:, 3:], alone.weights)
    assert not torch.equal(found.weights[:, :3], alone.weights)


def test_a_part_of_the_replicas_is_taught_what_it_is_taught_among_all():
    config = family(EARLY, grid=Grid(alpha=[0.3, 0.9], hidden=[2, 4]))
    made = make_population(config, CPU)
    for mine in (range(0, 5), range(4, 11), range(7, 8), range(3, 3)):
        part = Lesson(config, made.units, made.task, made.where, mine)
        for sweep in (0, 2):
            whole = made.lesson.block(torch.tensor(mine, dtype=torch.long), sweep)
            found = part.block(torch.arange(len(mine)), sweep)
            assert found.keys() == whole.keys() >= {"trains", "scale", "alpha", "decay"}
            for name, tensor in found.items():
                assert torch.equal(tensor, whole[name]), name


def test_compiled_sweeps_with_all_of_it_are_the_eager_ones():
    rule = EARLY | {"over_uses": True, "early_sweeps": 1, "update": "presentation"}
    config = family(rule, {"biases": False, "like": LIKE}, run=Run(sweeps=3))
    made, eager = trained(config)
    _, fast = trained(replace(config, engine="compiled"))
    assert "trains" in made.lesson.each
    assert "scale" in made.lesson.shared
    torch.testing.assert_close(fast.weights, eager.weights, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(fast.velocity, eager.velocity, rtol=1e-9, atol=1e-11)
    assert torch.equal(fast.first, eager.first)
    assert (eager.weights - made.start().weights).abs().amax(0).min() > 0.01
