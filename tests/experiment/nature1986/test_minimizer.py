"""Methods with second derivatives: their derivatives, starts and counts against other ways."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.optimize
import torch
from scipy.optimize import OptimizeResult

from reproduce.experiment.nature1986 import minimizer
from reproduce.experiment.nature1986.minimizer import Search, Surface
from reproduce.file.paper import printed
from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.run.task import task_of
from reproduce.units.start import printed_weights

XOR, SYMMETRY = ("nature1986/second_derivatives_xor", "nature1986/second_derivatives_symmetry")
TASKS = ("symmetry", "xor", "parity")
COUNTS = ("", "_without_hessians", "_counting_iterations")


def config(name: str, *overrides: str):
    return compose_experiment([f"experiment={name}", *overrides])


def start(setting, replica: int) -> np.ndarray:
    """The start of one replica, from the population that learns by the rule."""
    learning = "nature1986/symmetry" if setting.task.name == "symmetry" else "pdp1986/xor"
    by_rule = config(learning)
    by_rule.seed, by_rule.network.init = setting.seed, setting.network.init
    by_rule.dtype, by_rule.replicas = "float64", replica + 1
    weights = make_population(by_rule, torch.device("cpu")).start().weights
    return weights[:, replica].numpy().copy()


def outputs_by_torch(setting, w):
    """Outputs (j, c) with one hidden group, by matrix products; w: (P,)."""
    i, h, j = (setting.network.groups[name] for name in ("input", "hidden", "output"))
    to_hidden, hidden, to_output, output = w.split([h * i, h, j * h, j])
    inputs = task_of(setting.task.name).inputs
    y = torch.sigmoid(to_hidden.view(h, i) @ inputs + hidden[:, None])
    return torch.sigmoid(to_output.view(j, h) @ y + output[:, None])


def error_by_torch(setting):
    """E of equation 3: a function of weights (P,)."""
    d = task_of(setting.task.name).targets(setting.task.target_off, setting.task.target_on)
    return lambda w: 0.5 * ((outputs_by_torch(setting, w) - d) ** 2).sum()


@pytest.mark.parametrize("task", TASKS)
def test_error_slopes_and_hessian_are_those_of_another_derivation(task):
    setting = config(f"nature1986/second_derivatives_{task}")
    surface, error = Surface(setting), error_by_torch(setting)
    chance = np.random.default_rng(0)
    for spread in (0.3, 3.0, 60.0):
        w = chance.uniform(-spread, spread, surface.units.P)
        at = torch.tensor(w, requires_grad=True)
        (slopes,) = torch.autograd.grad(error(at), at)
        hessian = torch.func.hessian(error)(torch.tensor(w))
        found = surface.at(w)
        assert found[0] == pytest.approx(error(at).item(), rel=1e-12)
        assert np.allclose(found[1], slopes.numpy(), rtol=1e-10, atol=1e-13)
        assert np.allclose(surface.hessian(w), hessian.numpy(), rtol=1e-9, atol=1e-12)


def test_the_printed_symmetry_net_is_right_and_its_error_is_that_of_the_printed_weights():
    surface = Surface(config(SYMMETRY))
    w = printed_weights(surface.units, printed("nature1986/figure1"))[:, 0].numpy()
    error, _, right = surface.at(w)
    assert right
    assert error == pytest.approx(0.346, abs=5e-4)
    assert not surface.at(np.zeros_like(w))[2]


def test_a_net_is_right_when_every_output_is_on_the_right_side_of_one_half():
    setting, on = config(SYMMETRY), task_of("symmetry").on.double()
    surface = Surface(setting)
    net = printed_weights(surface.units, printed("nature1986/figure1"))
    nets = net * torch.linspace(0, 1, 101)
    worst = torch.stack([(outputs_by_torch(setting, w) - on).abs().max() for w in nets.T])
    assert ((worst > 0.44) & (worst < 0.5)).any()
    assert [surface.at(w.numpy().copy())[2] for w in nets.T] == (worst < 0.5).tolist()


@pytest.mark.parametrize("name", [XOR, SYMMETRY])
def test_a_replica_starts_as_in_a_population_of_the_same_seed(name, monkeypatch):
    setting = config(name, "replicas=4", "seed=5", "run.sweeps=1")
    starts = []
    monkeypatch.setattr(Search, "run", lambda search, method: starts.append(search.w.copy()))
    list(minimizer.study(setting))
    assert len(starts) == 4
    for replica, found in enumerate(starts):
        assert (found == start(setting, replica)).all()


def paid(asked: list[tuple], taken: list) -> int:
    """How many of the points with a Hessian are the first one or were the end of an iteration."""
    stood = {*asked[:1], *map(tuple, taken)}
    return len(stood & set(asked))


def by_hand(setting, replica: int) -> tuple[dict[str, float], int]:
    """The row of one replica by scipy with no limit; how many Hessians until then do not count."""
    surface, first = Surface(setting), start(setting, replica)
    tried, asked, iterations, solved, free = [], [], [], [], [0]

    def slopes(w):
        error, gradient, right = surface.at(w)
        if right and not solved:
            n, hessians = len(tried), paid(asked, iterations)
            solved.extend((n + len(w) * hessians, n, len(iterations) + (n > 0)))
            free[0] = len(asked) - hessians
        tried.append(tuple(w))
        return error, gradient

    def hessian(w):
        asked.append(tuple(w))
        return surface.hessian(w)

    more, options = {"method": "trust-exact", "hess": hessian}, {"gtol": 1e-8, "maxiter": 10**6}
    if setting.rule.method == "L-BFGS":
        more, options = {"method": "L-BFGS-B"}, options | {"ftol": 0.0, "maxfun": 10**6}
    more |= {"jac": True, "callback": iterations.append, "options": options}
    end = scipy.optimize.minimize(slopes, first, **more).x
    error, gradient, right = surface.at(end)
    counts = dict(zip(COUNTS, solved or [math.nan] * 3, strict=True))
    return {f"sweeps_to_solve{name}": count for name, count in counts.items()} | {
        "right_at_end": float(right),
        "error_at_end": error,
        "gradient_norm": math.sqrt(sum(slope * slope for slope in gradient)),
        "largest_weight_at_end": max(abs(weight) for weight in end),
    }, free[0]


@pytest.mark.parametrize("method", ["L-BFGS", "Newton"])
def test_a_replica_is_what_scipy_finds_from_the_same_start(method):
    rows, free = list(minimizer.study(config(XOR, f"rule.method={method}", "replicas=8"))), []
    for replica, row in enumerate(rows):
        other, without = by_hand(config(XOR, f"rule.method={method}"), replica)
        free.append(without)
        assert row == pytest.approx(other, rel=1e-12, nan_ok=True)
        assert row["gradient_norm"] < 1e-6
    assert (max(free) > 1) == (method == "Newton")  # more than that of the right point: refused
    times = [[row[f"sweeps_to_solve{name}"] for name in COUNTS] for row in rows]
    solved = [counts for counts in times if not math.isnan(counts[0])]
    assert len(solved) >= 3
    for sweeps, without, iterations in solved:
        assert iterations <= without <= sweeps
        assert (without == sweeps) == (method == "L-BFGS")


@pytest.mark.parametrize("method", ["L-BFGS", "Newton"])
def test_no_more_than_the_sweeps_are_spent_and_what_comes_later_is_nan(method, monkeypatch):
    """A method ends before a Hessian for which too little is left, which may be a right point's."""
    made = {"at": [], "hessian": [], "step": []}

    def watched(owner, name: str, point=tuple):
        function = getattr(owner, name)

        def noted(self, intermediate_result):
            made[name].append(point(intermediate_result))
            return function(self, intermediate_result)

        monkeypatch.setattr(owner, name, noted)

    words = (f"rule.method={method}", "replicas=6")
    free = list(minimizer.study(config(XOR, *words)))
    last = int(max(row["sweeps_to_solve"] for row in free if row["sweeps_to_solve"] > 0))
    watched(Surface, "at")
    watched(Surface, "hessian")
    watched(Search, "step", lambda result: tuple(result.x))
    needed = 9 if method == "Newton" else 0
    for sweeps in (last + needed, last + needed - 1):
        rows = []
        for row in minimizer.study(config(XOR, *words, f"run.sweeps={sweeps}")):
            looked_at = 2  # the point that the last sweep led to, and the end once more
            hessians = paid(made["hessian"], made["step"])
            assert len(made["at"]) - looked_at + 9 * hessians <= sweeps
            for calls in made.values():
                calls.clear()
            rows.append(row)
        for one, other in zip(rows, free, strict=True):
            within = other["sweeps_to_solve"] + needed <= sweeps
            assert math.isnan(one["sweeps_to_solve"]) != within
            assert not within or one["sweeps_to_solve"] == other["sweeps_to_solve"]
        assert (last in [row["sweeps_to_solve"] for row in rows]) == (sweeps == last + needed)


def test_a_net_that_never_is_right_is_nan_in_all_times():
    rows = list(minimizer.study(config(SYMMETRY, "replicas=2", "run.sweeps=3")))
    for row in rows:
        assert all(math.isnan(row[f"sweeps_to_solve{name}"]) for name in COUNTS)
        assert row["right_at_end"] == 0


def test_a_hessian_counts_when_a_step_is_taken_from_its_point():
    looked, P = [], 4
    surface = SimpleNamespace(hessian=lambda w: looked.append(w) or np.eye(P))
    first, refused, better = (np.full(P, value) for value in (0.0, 2.0, 1.0))
    search, counted = Search(surface, first, 2 * P), []
    for point, end in ((first, None), (refused, first), (better, better)):
        search.second(point)
        counted.append(search.counts()["sweeps_to_solve"])
        if end is not None:
            search.step(OptimizeResult(x=end))
            counted.append(search.counts()["sweeps_to_solve"])
    assert counted == [P, P, P, P, 2 * P]
    with pytest.raises(minimizer.Spent):
        search.second(refused)
    assert (len(looked), search.iterations, search.hessians) == (3, 2, 2)


@pytest.mark.parametrize("method", ["L-BFGS", "Newton"])
def test_a_start_that_is_right_has_needed_nothing(method):
    surface = Surface(config(SYMMETRY))
    w = printed_weights(surface.units, printed("nature1986/figure1"))[:, 0].numpy()
    search = Search(surface, w, 50)
    search.run(method)
    assert set(search.solved.values()) == {0.0}


@pytest.mark.parametrize("method", ["L-BFGS", "Newton"])
def test_a_replica_is_the_same_whatever_their_number(method):
    few, many = (
        list(minimizer.study(config(XOR, f"rule.method={method}", f"replicas={n}"))) for n in (2, 5)
    )
    assert [str(row) for row in few] == [str(row) for row in many[:2]]
    assert len({row["error_at_end"] for row in many}) == 5


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("rule.method=BFGS", ["rule.method=BFGS", "L-BFGS or Newton"]),
        ("network.groups.input=3", ["network.groups", "3 units", "xor are 2"]),
        ("dtype=float32", ["dtype=float32", "float64"]),
        ("measure=[xor]", ["measure=xor", "minimizer"]),
        ("network.init=-1", ["network.init=-1", "from 0 up"]),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(override, named):
    with pytest.raises(ConfigError) as refused:
        config(XOR, override)
    assert [word for word in named if word not in str(refused.value)] == []
