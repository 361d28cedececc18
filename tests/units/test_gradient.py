"""dE/dw of all kinds of nets against autograd of nets written out, and differences of the error."""

from dataclasses import dataclass, field

import pytest
import torch

from reproduce.units.gradient import Gradient
from reproduce.units.net import Units
from reproduce.units.plan import plan

REPLICAS, CASES, EDGE = 4, 6, 0.2
SIZES = {"i": 2, "k": 3, "first": 3, "second": 3, "g": 2, "o": 3, "p": 1}
LINKS = {
    "first": ["i", "k"],
    "second": ["i", "first"],
    "g": ["second", "first"],
    "o": ["i", "second"],
    "p": ["g"],
}
LIKE = {"second": "first", "o": "first"}  # an output group may share as well
SQUASH = {"logistic": torch.sigmoid, "tanh": torch.tanh, "rectifier": torch.relu}


def forward(plan, parts: dict, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    """Total inputs and activities of every group, (units, c, r), with biases where there are."""
    y = dict(zip(plan.inputs, inputs.split([plan.sizes[g] for g in plan.inputs]), strict=True))
    for group, sources in plan.sources.items():
        x = sum(torch.einsum("jir,icr->jcr", parts[source, group], y[source]) for source in sources)
        x = x + parts[group][:, None] if plan.biases else x
        y[group] = (torch.sigmoid if group in plan.outputs else SQUASH[plan.function])(x)
    return y


@dataclass
class Case:
    """A population of random nets and what it is taught; targets at the edges unless told."""

    like: dict = field(default_factory=dict)
    biases: bool = True
    function: str = "logistic"
    edge: float = EDGE

    def __post_init__(self):
        chance = torch.Generator().manual_seed(3)
        self.units = Units(plan(SIZES, LINKS, self.like, self.biases, self.function))
        shape = {"generator": chance, "dtype": torch.float64}
        self.weights = torch.randn(self.units.P, REPLICAS, **shape)
        on = (torch.rand(4, CASES, 1, **shape) < 0.5).double()
        self.lesson = {
            "inputs": torch.randn(5, CASES, 1, **shape),
            "on": on,
            "targets": self.edge + (1 - 2 * self.edge) * on,
        }

    def found(self, gradient: Gradient, **lesson: torch.Tensor) -> torch.Tensor:
        """dE/dw (P, r) by the code under test."""
        given = self.lesson | lesson
        y = self.units.activities(self.units.parts(self.weights), given["inputs"])
        return gradient(self.units, self.weights, y, given)

    def outputs(self, weights: torch.Tensor) -> torch.Tensor:
        """Outputs (units, c, r), written out."""
        inputs = self.lesson["inputs"].expand(-1, -1, REPLICAS)
        y = forward(self.units.plan, self.units.parts(weights), inputs)
        return torch.cat([y[group] for group in self.units.plan.outputs])

    def autograd(self, error) -> torch.Tensor:
        """The derivative of error(outputs), summed, by torch."""
        weights = self.weights.clone().requires_grad_()
        error(self.outputs(weights)).sum().backward()
        return weights.grad

    def differences(self, error) -> torch.Tensor:
        """Central differences of error(outputs) -> (r,) in every weight."""
        h, found = 1e-5, []
        for row in range(self.units.P):
            step = torch.zeros_like(self.weights)
            step[row] = h
            up, down = (error(self.outputs(self.weights + s)) for s in (step, -step))
            found.append((up - down) / (2 * h))
        return torch.stack(found)

    def squared(self, y: torch.Tensor) -> torch.Tensor:
        """(y - d)^2 / 2 of each output in each case."""
        return 0.5 * (y - self.lesson["targets"]) ** 2


def assert_close(found: torch.Tensor, wanted: torch.Tensor) -> None:
    assert wanted.abs().amax(0).min() > 1e-3
    torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("like", [{}, LIKE], ids=["apart", "shared"])
@pytest.mark.parametrize("function", SQUASH)
def test_all_functions_shared_weights_and_nets_without_biases_equal_autograd(
    function, like, biases
):
    case = Case(like, biases, function)
    assert_close(case.found(Gradient()), case.autograd(case.squared))


def test_the_slope_of_a_shared_weight_is_the_sum_of_the_slopes_of_its_copies():
    shared, apart = Case(LIKE), Case()
    apart.lesson = shared.lesson
    apart.weights = torch.empty(apart.units.P, REPLICAS, dtype=torch.float64)
    for part, view in apart.units.parts(apart.weights).items():
        view.copy_(shared.units.parts(shared.weights)[part])
    summed = torch.zeros_like(shared.weights)
    for part, view in apart.units.parts(apart.found(Gradient())).items():
        shared.units.parts(summed)[part].add_(view)
    assert_close(shared.found(Gradient()), summed)


def test_with_targets_at_the_edges_an_error_is_the_distance_from_the_edge():
    case = Case()

    def hinge(y: torch.Tensor) -> torch.Tensor:
        beyond = ((y - case.lesson["on"]).abs() - EDGE).clamp(min=0)
        return 0.5 * (beyond**2).sum((0, 1))

    satisfied = (case.outputs(case.weights) - case.lesson["on"]).abs() < EDGE
    assert 0.1 < satisfied.double().mean() < 0.9
    found = case.found(Gradient(EDGE))
    torch.testing.assert_close(found, case.differences(hinge), rtol=1e-6, atol=1e-8)
    assert (found - case.found(Gradient())).abs().amax(0).min() > 1e-3


def test_with_targets_0_and_1_satisfied_outputs_are_masked_and_the_others_count_in_full():
    case = Case(edge=0.0)
    far = ((case.outputs(case.weights) - case.lesson["on"]).abs() >= EDGE).double()
    assert 0.1 < far.mean() < 0.9
    found = case.found(Gradient(EDGE))
    assert_close(found, case.autograd(lambda y: case.squared(y) * far))
    by_steps = case.differences(lambda y: (case.squared(y) * far).sum((0, 1)))
    torch.testing.assert_close(found, by_steps, rtol=1e-6, atol=1e-8)


def test_an_output_exactly_at_the_edge_is_not_satisfied():
    y = torch.tensor([0.25, 0.75, 0.2, 0.8], dtype=torch.float64)[:, None, None]
    on = torch.tensor([0.0, 1, 0, 1], dtype=torch.float64)[:, None, None]
    slope = Gradient(0.25).slope(y, {"targets": on, "on": on})
    assert slope.flatten().tolist() == [0.25, -0.25, 0, 0]


@pytest.mark.parametrize("satisfied", [None, EDGE])
def test_a_case_that_a_net_does_not_train_on_is_as_if_it_were_not_there(satisfied):
    case, gradient = Case(LIKE), Gradient(satisfied)
    trains = torch.rand(CASES, REPLICAS, generator=torch.Generator().manual_seed(5)) < 0.5
    trains[:, 3] = False
    found = case.found(gradient, trains=trains.double())
    for replica in range(3):
        kept = trains[:, replica]
        assert 0 < kept.sum() < CASES
        fewer = {name: values[:, kept] for name, values in case.lesson.items()}
        alone = case.found(gradient, **fewer)[:, replica]
        torch.testing.assert_close(found[:, replica], alone, rtol=1e-12, atol=1e-14)
    assert (found[:, 3] == 0).all()


@pytest.mark.parametrize("like", [{}, LIKE], ids=["apart", "shared"])
def test_without_the_slope_of_the_outputs_the_error_is_handed_to_their_total_inputs(like):
    case = Case(like)

    def linear(y: torch.Tensor) -> torch.Tensor:
        """(y - d) x, with y - d held still: its derivative by x is y - d."""
        return (y - case.lesson["targets"]).detach() * torch.logit(y)

    assert_close(case.found(Gradient(output_slope=False)), case.autograd(linear))


def test_a_scale_multiplies_the_gradient_of_each_weight():
    case = Case()
    for columns in (1, REPLICAS):
        scale = torch.rand(case.units.P, columns, dtype=torch.float64)
        scaled = case.found(Gradient(), scale=scale)
        torch.testing.assert_close(scaled, scale * case.autograd(case.squared))
