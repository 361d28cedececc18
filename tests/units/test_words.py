"""Errors as milestones, the order of cases, the engines, and words that are refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_1986 import CPU, RANDOM, composed, trained

from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population, try_on_meta
from reproduce.run.make import resolve_engine
from reproduce.units.measure import learning
from reproduce.units.order_of_cases import drawn_order
from reproduce.units.sweep import NEVER


@pytest.mark.parametrize("kind", ["case", "total"])
def test_a_squared_error_that_is_reached_is_a_milestone_of_its_own(kind):
    words = [f"run.{kind}_errors=[0.3,0.05]", "run.sweeps=150", "rule.epsilon=2"]
    made = make_population(composed("pdp1986/xor", *words), CPU)
    truth, levels = torch.full((2, 3), NEVER, dtype=torch.int32), (0.3, 0.05)
    d = made.task.targets(0.1, 0.9)
    looked = set()
    for state in made.train(made.start()):
        looked.add(state.sweep)
        y = made.units.outputs(
            made.units.activities(made.units.parts(state.weights), made.task.inputs[..., None])
        )
        errors = ((y - d[..., None]) ** 2).sum(0)
        found = errors.amax(0) if kind == "case" else errors.sum(0)
        for place, level in enumerate(levels):
            truth[place] = torch.where(
                (found < level) & (truth[place] == NEVER), state.sweep, truth[place]
            )
    assert looked == set(range(151))
    assert torch.equal(state.first[1:3], truth)
    assert ((truth > 0) & (truth < NEVER)).any()
    columns = learning.measure(made.trained(state))
    first = columns[f"sweeps_to_{kind}_error_0.3"]
    assert first.nan_to_num(NEVER).tolist() == truth[0].tolist()


def test_the_order_of_a_replica_depends_on_seed_replica_and_sweep_alone():
    whole = drawn_order(3, torch.arange(40), 7, 6)
    assert (whole.sort(0).values == torch.arange(6)[:, None]).all()
    some = torch.tensor([31, 5, 12])
    assert torch.equal(drawn_order(3, some, 7, 6), whole[:, some])
    assert len(whole.unique(dim=1).T) > 30
    for other in (drawn_order(3, torch.arange(40), 8, 6), drawn_order(4, torch.arange(40), 7, 6)):
        assert (other != whole).any(0).float().mean() > 0.9
    first = np.bincount(drawn_order(0, torch.arange(6000), 1, 6)[0].numpy())
    assert abs(first / 1000 - 1).max() < 0.15  # sd .03


@pytest.mark.parametrize("name", ["pdp1986/xor", "cogsci1986/family_trees"])
def test_cases_in_drawn_order_are_learned_as_in_a_plain_loop(name):
    words = ["rule.order=drawn", "rule.update=presentation", "run.sweeps=2", "rule.decay=0"]
    config = composed(name, *words)
    made, last = trained(config)
    satisfied = config.task.satisfied or 0
    d = made.task.targets(config.task.target_off, config.task.target_on)
    early = config.rule.early_sweeps > 0
    for r in range(3):
        w, v = made.start().weights[:, r : r + 1].clone(), 0.0
        for sweep in range(2):
            for case in drawn_order(0, torch.tensor([r]), sweep, d.shape[1])[:, 0].tolist():
                if "trains" in made.lesson.each and not made.lesson.each["trains"][case, r]:
                    continue
                leaf = w.clone().requires_grad_()
                x = made.task.inputs[:, case, None, None]
                y = made.units.outputs(made.units.activities(made.units.parts(leaf), x))[:, 0, 0]
                counts = (y - made.task.on[:, case].double()).abs() >= satisfied
                (0.5 * (y - d[:, case])[counts] ** 2).sum().backward()
                alpha = config.rule.early_alpha if early else config.rule.alpha
                epsilon = config.rule.epsilon * (config.rule.early_epsilon if early else 1)
                v = alpha * v - epsilon * leaf.grad
                w = w + v
        torch.testing.assert_close(last.weights[:, r], w[:, 0], rtol=1e-9, atol=1e-12)
    fixed = replace(config, rule=replace(config.rule, order="fixed"))
    assert not torch.equal(trained(fixed)[1].weights, last.weights)


def test_a_drawn_order_is_made_eagerly_and_auto_says_so_in_one_line():
    config, told = composed("pdp1986/xor", "rule.order=drawn", "engine=auto"), []
    resolve_engine(config, CPU, told.append)
    assert config.engine == "eager"
    assert len(told) == 1
    assert told[0].startswith("rule.order=drawn: the order of the cases cannot be compiled")


MANY = [
    "network.groups.input=[2,3]",
    "network.groups.hidden=[1,2]",
    "+network.groups.late=2",
    "network.links.hidden=[{from: input, kind: field, window: [2,2], shared: receivers}, late]",
    "+network.links.late=[{from: hidden, kind: one}, {from: late, kind: one}]",
    "network.links.output=[{from: late, kind: random, share: 0.5}, {from: input, shared: senders}]",
    *[
        "network.one_bias=[hidden]",
        "network.steps=2",
        "+network.start.late.units=0.2",
        "+network.start.hidden.units=0.3",
    ],
    *["+network.hold.late.bias=negative", "+network.start.late.bias=[-0.1,0]"],
    *["run.case_errors=[0.3]", "run.total_errors=[5]", "run.sweeps=4"],
]


def test_the_compiler_takes_all_kinds_of_links_and_meta_counts_them():
    config = composed("nature1986/symmetry", *MANY)
    made, eager = trained(config)
    _, fast = trained(replace(config, engine="compiled"))
    torch.testing.assert_close(fast.weights, eager.weights, rtol=1e-9, atol=1e-11)
    assert torch.equal(fast.first, eager.first)
    assert (eager.weights - made.start().weights).abs().amax(0).min() > 0.01
    assert made.units.P == 4 + 4 + 1 + 2 + 1 + 2 + 2 + 1 + 1
    assert f"weights ({made.units.P}, 3)" in try_on_meta(config)


REFUSED = [
    ("pdp1986/xor", "network.outputs=[]", "network.outputs=[]: allowed is groups that are"),
    ("pdp1986/xor", "network.groups.hidden=[2,2,2]", "network.groups="),
    ("pdp1986/xor", "network.steps=0", "network.steps=0: allowed is null, or a whole number"),
    ("pdp1986/xor", "+network.start.hidden.bias=[1,-1]", "network.start.hidden.bias=[1, -1]"),
    (
        "pdp1986/xor",
        "+network.start.hidden.nobody=1",
        "network.start.hidden.nobody=1: no such part",
    ),
    ("pdp1986/xor", "+network.start.hidden.bias=pdp1986/none", "allowed are nature1986/figure1"),
    ("pdp1986/xor", "+network.start.hidden.input=nature1986/figure1", "that fit this part"),
    ("pdp1986/xor", "+network.start.hidden.units=0.2", "network.start.hidden.units=0.2"),
    ("pdp1986/xor", "+network.hold.hidden.bias=low", "network.hold="),
    ("pdp1986/xor", "+network.hold.hidden.nobody=fixed", "network.hold.hidden.nobody=fixed"),
    ("pdp1986/xor", "+network.hold.hidden.bias=negative", "network.start.hidden.bias is a number"),
    ("nature1986/shift_register", "+network.hold.second.bias=fixed", "shares the weights"),
    ("pdp1986/xor", "engine=compiled rule.order=drawn", "engine=compiled: allowed with rule.order"),
    ("pdp1986/xor", "rule.update=sweep rule.order=drawn", "rule.order=drawn: allowed only with"),
    ("pdp1986/xor", "rule.order=other", "rule.order=other: allowed is fixed"),
    ("pdp1986/xor", "run.case_errors=[0]", "run.case_errors=[0.0]"),
    ("pdp1986/xor", "run.total_errors=[1,1]", "run.total_errors=[1.0, 1.0]"),
    ("pdp1986/xor", "network.one_bias=[hidden]", "measure=xor: allowed only where all links"),
    ("pdp1986/xor", "+network.hold.hidden.bias=fixed", "measure=landscape: allowed only where"),
    ("pdp1986/xor", "network.equal_units=true measure=[] network.one_bias=[hidden]", "equal_units"),
    ("nature1986/symmetry", f"{RANDOM[0]} rule.over_fan_in=true measure=[]", "rule.over_fan_in"),
]


@pytest.mark.parametrize(("name", "words", "said"), REFUSED)
def test_words_that_mean_nothing_are_refused_in_one_line(name, words, said):
    split = [words] if words.startswith("network.links") else words.split()
    if words.startswith("network.links"):
        split = [RANDOM[0], *words.removeprefix(RANDOM[0]).split()]
    with pytest.raises(ConfigError) as refused:
        compose_experiment([f"experiment={name}", *split])
    assert said in str(refused.value), refused.value
    assert "\n" not in str(refused.value)
