"""Where parts of a net begin, how they are held, and links that each net draws for itself."""

import math

import pytest
import torch
from small_1986 import CPU, RANDOM, composed, trained

from reproduce.file.paper import printed
from reproduce.run.learn import make_population
from reproduce.units.descent import Descent
from reproduce.units.row import drawn_links
from reproduce.units.start import uniform


def test_each_part_begins_where_the_config_says_and_the_others_as_ever():
    words = "+network.start.hidden={bias: -1.5, input: [-0.1, 0.4]}"
    made = make_population(composed("nature1986/symmetry", words), CPU)
    parts = made.units.parts(made.start().weights)
    chance = made.units.parts(uniform(0, 0, 3, made.units.P))
    assert (parts["hidden"] == -1.5).all()
    torch.testing.assert_close(parts["input", "hidden"], 0.15 + 0.25 * chance["input", "hidden"])
    assert torch.equal(parts["hidden", "output"], 0.3 * chance["hidden", "output"])
    assert torch.equal(parts["output"], 0.3 * chance["output"])


def test_a_range_like_that_of_the_whole_net_changes_no_bit():
    words = "+network.start.hidden.input=[-0.3,0.3]"
    found, plain = (
        make_population(composed("nature1986/symmetry", *more), CPU).start().weights
        for more in ([words], [])
    )
    assert torch.equal(found, plain)


def test_a_part_begins_at_its_printed_weights():
    words = "+network.start.hidden.input=nature1986/figure1"
    config = composed("nature1986/symmetry", words)
    made = make_population(config, CPU)
    found = made.units.parts(made.start().weights)["input", "hidden"]
    wanted = torch.tensor(printed("nature1986/figure1")["hidden"]["input"], dtype=torch.float64)
    assert all(torch.equal(found[..., r], wanted) for r in range(3))


def test_a_change_that_would_pass_zero_ends_there_and_is_what_the_next_one_remembers():
    numbers = (torch.tensor([x], dtype=torch.float64) for x in (0.5, 0.5))
    least, most = torch.tensor([[-math.inf]]).double(), torch.tensor([[0.0]]).double()
    rule = Descent(*numbers, None, least, most)
    w, v = torch.tensor([[-0.25]]).double(), torch.zeros(1, 1).double()
    for slope, weight, change in ((-1, 0, 0.25), (0, 0, 0), (1, -0.5, -0.5), (0, -0.75, -0.25)):
        rule.change(w, v, torch.tensor([[slope]]).double())
        assert (w.item(), v.item()) == (weight, change)


@pytest.mark.parametrize("how", ["fixed", "negative", "positive"])
@pytest.mark.parametrize("update", ["sweep", "presentation"])
def test_held_parts_learn_as_in_a_plain_loop(how, update):
    begin = {"fixed": 0.2, "negative": "[-0.02,0]", "positive": "[0,0.02]"}[how]
    words = [f"+network.hold.output.hidden={how}", f"+network.start.output.hidden={begin}"]
    words += [f"rule.update={update}", "rule.decay=0.01", "rule.epsilon=0.5", "run.sweeps=6"]
    made, last = trained(composed("pdp1986/xor", *words))
    units, rule = made.units, made.config.rule
    x, d, cuts = made.task.inputs, made.task.targets(0.1, 0.9), 0
    for r in range(3):
        w = {p: v[..., r].clone() for p, v in units.parts(made.start().weights).items()}
        change = {part: torch.zeros_like(weight) for part, weight in w.items()}
        for _ in range(6):
            for case in [[c] for c in range(4)] if update == "presentation" else [list(range(4))]:
                leaf = {part: weight.clone().requires_grad_() for part, weight in w.items()}
                h = torch.sigmoid(leaf["input", "hidden"] @ x[:, case] + leaf["hidden"][:, None])
                o = torch.sigmoid(leaf["hidden", "output"] @ h + leaf["output"][:, None])
                (0.5 * (o - d[:, case]) ** 2).sum().backward()
                for part, before in list(w.items()):
                    new = rule.alpha * change[part] - rule.epsilon * leaf[part].grad
                    if part == ("hidden", "output"):
                        new = {
                            "fixed": torch.zeros_like(new),
                            "negative": torch.minimum(new, -before),
                            "positive": torch.maximum(new, -before),
                        }[how]
                        cuts += int((new == -before).sum())
                    change[part] = new
                    shrinks = 1 if how == "fixed" and part == ("hidden", "output") else 0.99
                    w[part] = (before + new) * shrinks
        for part, wanted in w.items():
            found = units.parts(last.weights)[part][..., r]
            torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)
    held = units.parts(last.weights)["hidden", "output"]
    assert {"fixed": held == 0.2, "negative": held <= 0, "positive": held >= 0}[how].all()
    assert cuts > 0 or how == "fixed"


def test_random_links_are_a_share_that_each_net_draws_for_itself():
    made, last = trained(composed("nature1986/symmetry", *RANDOM, "run.sweeps=20", "replicas=9"))
    there = made.lesson.present
    parts = made.units.parts(there)
    assert (parts["input", "hidden"].sum((0, 1)) == 6).all()
    assert all((view == 1).all() for part, view in parts.items() if part != ("input", "hidden"))
    assert len(there.unique(dim=1).T) == 9
    assert torch.equal(there[:, 4:7], drawn_links(made.units, 0, 4, 3))
    assert ((last.weights != 0) == (there == 1)).all()
    plain = make_population(composed("nature1986/symmetry", "replicas=9"), CPU).start().weights
    assert torch.equal(made.start().weights, plain * there)


def test_a_random_link_learns_like_a_net_that_lacks_the_other_links():
    config = composed("nature1986/symmetry", *RANDOM, "run.sweeps=3")
    made, last = trained(config)
    for r in range(3):
        start = made.start().weights[:, r].clone()
        mask, w, change = start != 0, start, torch.zeros_like(start)
        for _ in range(3):
            leaf = w.clone().requires_grad_()
            parts = made.units.parts(leaf[:, None])
            h = torch.sigmoid(parts["input", "hidden"][..., 0] @ made.task.inputs + parts["hidden"])
            o = torch.sigmoid(parts["hidden", "output"][..., 0] @ h + parts["output"])
            (0.5 * (o - made.task.on.double()) ** 2).sum().backward()
            change = 0.9 * change - 0.1 * leaf.grad * mask
            w = w + change
        torch.testing.assert_close(last.weights[:, r], w, rtol=1e-9, atol=1e-12)
