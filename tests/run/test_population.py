"""A population against itself at other sizes, and against one plain net trained with torch.optim.

The plain nets are written with torch.nn and torch.optim.SGD, in double precision, on cases that
are counted out here, so that only the starting weights come from the program.
"""

import itertools

import pytest
import torch
from torch.nn.functional import linear

from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.run.make import run_experiment
from reproduce.units.measure import learning

UPDATES = ["sweep", "presentation"]
ANSWERS = {"symmetry": lambda x: x == x[::-1], "xor": lambda x: x[0] != x[1]}


@pytest.fixture(autouse=True)
def _one_thread():
    """Test processes side by side would otherwise wait for each other's threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def population(experiment: str, *overrides: str):
    own = [f"experiment={experiment}", "run.keep_sweeps=[]", *overrides]
    return make_population(compose_experiment(own), torch.device("cpu"))


def trained(experiment: str, *overrides: str):
    made = population(experiment, *overrides)
    for state in made.train(made.start()):
        last = state
    return made.trained(last)


def column(value) -> str:
    return f"[{','.join(map(str, value))}]"


class PlainNet:
    """One net, its task and torch.optim.SGD; `history` holds its weights after every sweep."""

    def __init__(self, experiment: str, replica: int, *overrides: str):
        words = [f"experiment={experiment}", "run.keep_sweeps=[]", "dtype=float64", *overrides]
        config = compose_experiment(words)
        made = make_population(config, torch.device("cpu"))
        start = made.units.parts(made.start().weights)
        self.links = config.network.links
        self.weights = {part: w[..., replica].clone().requires_grad_() for part, w in start.items()}
        cases = list(itertools.product((0, 1), repeat=config.network.groups["input"]))
        self.on = torch.tensor([[ANSWERS[config.task.name](x)] for x in cases])
        levels = (config.task.target_on, config.task.target_off)
        self.d = torch.where(self.on, *(torch.tensor(v, dtype=torch.float64) for v in levels))
        self.x = torch.tensor(cases, dtype=torch.float64)
        rule = config.rule
        optimizer = torch.optim.SGD(self.weights.values(), lr=rule.epsilon, momentum=rule.alpha)
        size = 1 if rule.update == "presentation" else len(cases)
        self.history = [self.snapshot()]
        for _ in range(config.run.sweeps):
            for x, d in zip(self.x.split(size), self.d.split(size), strict=True):
                optimizer.zero_grad()
                (0.5 * (self.output(self.weights, x) - d) ** 2).sum().backward()
                optimizer.step()
            self.history.append(self.snapshot())

    def output(self, weights: dict, x: torch.Tensor) -> torch.Tensor:
        y = {"input": x}
        for group, sources in self.links.items():
            total = sum(linear(y[source], weights[source, group]) for source in sources)
            y[group] = torch.sigmoid(total + weights[group])
        return y["output"]

    def snapshot(self) -> dict:
        return {part: w.detach().clone() for part, w in self.weights.items()}

    def first(self, holds) -> float:
        """The first sweep whose weights `holds` is true of, nan when there is none."""
        return next((float(t) for t, w in enumerate(self.history) if holds(w)), float("nan"))

    def farthest(self, weights: dict) -> float:
        """Largest distance of an output from the 0 or 1 that it should be."""
        return (self.output(weights, self.x) - self.on.double()).abs().max().item()


def assert_same_net(units, weights: torch.Tensor, replica: int, plain: dict) -> None:
    for part, view in units.parts(weights).items():
        torch.testing.assert_close(view[..., replica], plain[part], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("experiment", ["nature1986/symmetry", "pdp1986/xor_direct"])
def test_a_replica_is_the_same_bits_alone_and_in_a_batch_of_any_size(experiment, update, dtype):
    rest = (f"rule.update={update}", f"dtype={dtype}", "run.sweeps=12", "run.points_per_decade=1")
    largest = trained(experiment, "replicas=200", *rest)
    for replicas in (1, 7, 64, 65):
        smaller = trained(experiment, f"replicas={replicas}", *rest)
        for moment, weights in smaller.moments.items():
            same = largest.moments[moment][:, :replicas]
            assert weights.shape == same.shape
            assert torch.equal(weights.nan_to_num(7), same.nan_to_num(7))
        for name, sweep in smaller.first.items():
            assert torch.equal(sweep.nan_to_num(-1), largest.first[name][:replicas].nan_to_num(-1))
    assert len(largest.moments["at_end"].unique(dim=1).T) == 200


def test_a_run_is_the_same_bits_whatever_number_of_threads_it_is_begun_with(tmp_path):
    kept = set()
    for threads in (1, 3):
        words = ["experiment=nature1986/symmetry", "replicas=640", "run.sweeps=20"]
        words += ["network.groups.hidden=5", "network.links.output=[input,hidden]"]
        words += ["device=cpu", "run.keep_sweeps=[]", f"out={tmp_path / str(threads)}"]
        torch.set_num_threads(threads)
        outcome = run_experiment(compose_experiment(words), "command", lambda sweeps: None)
        kept.add((outcome.folder / "weights.safetensors").read_bytes())
    assert len(kept) == 1


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("experiment", ["nature1986/symmetry", "pdp1986/xor"])
def test_200_sweeps_are_those_of_a_plain_net_under_torch_sgd(experiment, update):
    rule = ("run.sweeps=200", f"rule.update={update}")
    made = population(experiment, "replicas=5", "dtype=float64", *rule)
    state = made.start()
    plain = PlainNet(experiment, 3, "replicas=5", *rule)
    for state in made.train(state):  # noqa: B020
        assert_same_net(made.units, state.weights, 3, plain.history[state.sweep])
    assert state.sweep == 200
    moved = [(w - plain.history[0][part]).abs().max() for part, w in plain.history[200].items()]
    assert min(moved) > 0.01


def test_each_replica_with_its_own_constants_is_the_replica_run_alone_with_them():
    each = {
        "rule.epsilon": [0.1, 0.5, 0.02, 1.5],
        "rule.alpha": [0.9, 0.0, 0.5, 0.99],
        "rule.decay": [0.0, 0.001, 0.1, 0.0],
        "network.init": [0.3, 1.0, 0.01, 3.0],
    }
    rest = ("run.sweeps=15", "run.keep_largest_weight=null")
    lists = [f"{name}={column(values)}" for name, values in each.items()]
    together = trained("nature1986/symmetry", "replicas=4", *lists, *rest)
    for replica in range(4):
        own = [f"{name}={values[replica]}" for name, values in each.items()]
        alone = trained("nature1986/symmetry", f"replicas={replica + 1}", *own, *rest)
        same = together.moments["at_end"][:, replica]
        assert torch.equal(alone.moments["at_end"][:, replica], same)
    assert len(together.moments["at_end"].unique(dim=1).T) == 4


LARGE = 3.0  # reached by some of the replicas below and not by others


@pytest.mark.parametrize(("update", "epsilon"), [("sweep", 2), ("presentation", 1)])
def test_milestones_and_kept_nets_are_those_found_by_looking_after_every_sweep(update, epsilon):
    replicas, kept = 6, (1, 37, 90)
    rule = (f"replicas={replicas}", "run.sweeps=90", f"rule.epsilon={epsilon}")
    rule += ("network.init=0.5", f"rule.update={update}", "run.tolerances=[0.3]")
    found = trained(
        *("pdp1986/xor_direct", *rule, "dtype=float64", f"run.keep_sweeps={column(kept)}"),
        f"run.keep_largest_weight={LARGE}",
    )
    nets = [PlainNet("pdp1986/xor_direct", replica, *rule) for replica in range(replicas)]
    for name, tolerance in (("within_0.5", 0.5), ("within_0.3", 0.3)):
        truth = [net.first(lambda w, n=net, t=tolerance: n.farthest(w) < t) for net in nets]
        assert found.first[name].tolist() == pytest.approx(truth, abs=0, nan_ok=True)
        assert 0 < sum(t > 0 for t in truth) < replicas
    solved = learning.measure(found)["sweeps_to_solve"]
    assert torch.equal(solved.nan_to_num(-1), found.first["within_0.5"].nan_to_num(-1))
    reached = [net.first(lambda w: w["hidden", "output"].abs().max() >= LARGE) for net in nets]
    assert found.first["largest"].tolist() == pytest.approx(reached, abs=0, nan_ok=True)
    assert 0 < sum(t == t for t in reached) < replicas
    for replica, net in enumerate(nets):
        for sweep in kept:
            then = found.moments[f"after_{sweep}"]
            assert_same_net(found.units, then, replica, net.history[sweep])
        then = found.moments["at_largest_weight"]
        if reached[replica] == reached[replica]:
            assert_same_net(found.units, then, replica, net.history[int(reached[replica])])
        else:
            assert then[:, replica].isnan().all()


def test_a_replica_that_diverges_is_marked_and_leaves_the_others_as_they_are():
    rest = ("replicas=3", "run.sweeps=30", "run.keep_sweeps=[1,2,3,4]")
    quiet = trained("nature1986/symmetry", "rule.epsilon=0.1", *rest)
    found = trained("nature1986/symmetry", "rule.epsilon=[0.1,1e38,0.1]", *rest)
    assert not found.moments["at_end"][:, 1].isfinite().any()
    assert learning.measure(found)["diverged"].tolist() == [0, 1, 0]
    then = [found.moments[f"after_{sweep}"][:, 1].isfinite().all() for sweep in (1, 2, 3, 4)]
    assert found.first["diverged"][1] == 1 + then.index(False)
    assert learning.measure(found)["sweeps_to_solve"][1].isnan()
    for replica in (0, 2):
        same = quiet.moments["at_end"][:, replica]
        assert torch.equal(found.moments["at_end"][:, replica], same)
        for name in found.first:
            expected = quiet.first[name][replica].item()
            assert found.first[name][replica].item() == pytest.approx(expected, nan_ok=True)


def test_weights_that_are_huge_but_finite_are_not_marked_as_diverged():
    found = trained(
        *("nature1986/symmetry", "replicas=64", "run.sweeps=1"),
        *("rule.epsilon=3e37", "rule.alpha=0"),
    )
    assert found.moments["at_end"].isfinite().all()
    assert learning.measure(found)["diverged"].sum() == 0
