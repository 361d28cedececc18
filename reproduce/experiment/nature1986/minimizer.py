"""Methods which make use of the second derivatives (Nature 1986, p. 535), from the same starts.

Each replica is one net. It starts from the weights of the same replica of a population with the
same seed and init, and E of equation 3 is minimised by scipy until the method itself ends or
`run.sweeps` sweeps are spent.

L-BFGS collects the second derivatives from the gradients of its last ten steps (L-BFGS-B without
bounds). Newton is scipy's trust-exact: E has saddle points and directions in which it is all but
flat, and this method minimises the quadratic model within its trust region by Cholesky factors,
whatever the signs of the Hessian's eigenvalues; P is small, so that this costs little.
"""

import contextlib
import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from scipy.optimize import OptimizeResult, minimize

from reproduce.file.paper import Paper
from reproduce.page.population import draw_distribution
from reproduce.run.config.check_units import plan_of
from reproduce.run.config.study import MinimizerExperiment
from reproduce.run.task import task_of
from reproduce.units import squared_error
from reproduce.units.gradient import Gradient
from reproduce.units.net import Units
from reproduce.units.start import uniform
from reproduce.units.task import RIGHT

NEEDS = {"schema": "minimizer"}
FLAT = 1e-8  # a method ends when the largest slope (L-BFGS) or their norm (Newton) is below it
ENDLESS = sys.maxsize  # iterations and evaluations: the end is left to FLAT and to run.sweeps


class Surface:
    """E of one net as a function of its weights, float64: vectors w (P,), all cases at once."""

    def __init__(self, config: MinimizerExperiment):
        self.units = Units(plan_of(config.network))
        task = task_of(config.task.name)
        targets = task.targets(config.task.target_off, config.task.target_on)
        self.inputs, self.targets = task.inputs[..., None], targets[..., None]  # (i or j, c, 1)
        self.on = task.on[..., None].double()
        self.lesson = {"targets": self.targets, "on": self.on}

    def at(self, w: np.ndarray) -> tuple[float, np.ndarray, bool]:
        """E, dE/dw (P,), and whether all cases are right."""
        weights = torch.from_numpy(w)[:, None]
        y = self.units.activities(self.units.parts(weights), self.inputs)
        outputs, gradient = self.units.outputs(y), Gradient()(self.units, weights, y, self.lesson)
        right = bool(((outputs - self.on).abs() < RIGHT).all())
        error = squared_error.error(outputs, self.targets).item()
        return error, gradient[:, 0].numpy(), right

    def hessian(self, w: np.ndarray) -> np.ndarray:
        """Second derivatives of E, (P, P), by automatic differentiation.

        P copies of the net side by side: slope k of copy k is differentiated, so that the copies
        give the columns. Exact, also where E is nearly flat and differences would round off.
        """
        copies = torch.from_numpy(w)[:, None].repeat(1, len(w)).requires_grad_()  # (P, P)
        y = self.units.activities(self.units.parts(copies), self.inputs)
        error = squared_error.error(self.units.outputs(y), self.targets).sum()
        (slopes,) = torch.autograd.grad(error, copies, create_graph=True)
        (columns,) = torch.autograd.grad(slopes.diagonal().sum(), copies)
        return columns.numpy()


class Spent(Exception):
    """No sweep is left."""


class Search:
    """One minimisation, counted.

    gradients, iterations: how many have been made. hessians: from how many points a step has been
    taken with one; scipy also asks for those of trial points that it then refuses, which a method
    can do without. solved: the counts before the first point that was right, the iteration under
    way included; nan as long as there is none. w: the point where the method stands, (P,).
    """

    def __init__(self, surface: Surface, start: np.ndarray, limit: int):
        self.surface, self.w, self.limit = surface, start, limit
        self.gradients = self.hessians = self.iterations = 0
        self.second_derivatives = False
        self.solved = dict.fromkeys(self.counts(), np.nan)

    def counts(self) -> dict[str, float]:
        """What has been made; a Hessian is P sweeps, the gradients it takes by differences."""
        return {
            "sweeps_to_solve": float(self.gradients + self.hessians * len(self.w)),
            "sweeps_to_solve_without_hessians": float(self.gradients),
            "sweeps_to_solve_counting_iterations": self.iterations + float(self.gradients > 0),
        }

    def spend(self, sweeps: int) -> None:
        """Raise `Spent` unless so many sweeps are left."""
        if self.counts()["sweeps_to_solve"] + sweeps > self.limit:
            raise Spent

    def evaluate(self, w: np.ndarray) -> tuple[float, np.ndarray]:
        """E and its slopes, one sweep; the point that the last sweep led to is only looked at."""
        error, gradient, right = self.surface.at(w)
        if right and np.isnan(self.solved["sweeps_to_solve"]):
            self.solved = self.counts()
        self.spend(1)
        self.gradients += 1
        return error, gradient

    def second(self, w: np.ndarray) -> np.ndarray:
        """The Hessian, P sweeps; that of a trial point counts when the step is taken."""
        self.spend(len(w))
        self.second_derivatives = True
        self.hessians = max(self.hessians, 1)
        return self.surface.hessian(w)

    def step(self, intermediate_result: OptimizeResult) -> None:
        """An iteration has ended; a trial step that is refused is one too."""
        self.iterations += 1
        taken = not np.array_equal(self.w, intermediate_result.x)
        self.hessians += self.second_derivatives and taken
        self.w = intermediate_result.x.copy()

    def run(self, method: str) -> None:
        """Go on until the method ends or the sweeps are spent."""
        with contextlib.suppress(Spent):
            if method == "Newton":
                minimize(
                    *(self.evaluate, self.w),
                    method="trust-exact",
                    jac=True,
                    hess=self.second,
                    callback=self.step,
                    options={"gtol": FLAT, "maxiter": ENDLESS},
                )
            else:
                minimize(
                    *(self.evaluate, self.w),
                    method="L-BFGS-B",
                    jac=True,
                    callback=self.step,
                    options={"gtol": FLAT, "ftol": 0.0, "maxiter": ENDLESS, "maxfun": ENDLESS},
                )


def study(config: MinimizerExperiment) -> Iterator[dict[str, float]]:
    """One row of quantities for each replica.

    sweeps_to_solve [sweeps]: gradients that had been made when a point was first tried in which
    all cases are right, whether or not the method then took it; a Hessian counts as P gradients.
    nan where that never was.
    sweeps_to_solve_without_hessians [sweeps]: the same when a Hessian counts nothing.
    sweeps_to_solve_counting_iterations [iterations]: the same when an iteration counts as one,
    whatever gradients and Hessians it takes; that in which the point is tried is counted.
    right_at_end [0 or 1], error_at_end, gradient_norm, largest_weight_at_end: at the last point
    that the method took, whether all cases are right, E of equation 3, the Euclidean norm of its
    slopes, and the largest magnitude of a weight.
    """
    surface = Surface(config)
    for replica in range(config.replicas):
        start = config.network.init * uniform(config.seed, replica, 1, surface.units.P)[:, 0]
        search = Search(surface, start.numpy(), config.run.sweeps)
        search.run(config.rule.method)
        error, gradient, right = surface.at(search.w)
        yield search.solved | {
            "right_at_end": float(right),
            "error_at_end": error,
            "gradient_norm": float(np.linalg.norm(gradient)),
            "largest_weight_at_end": float(np.abs(search.w).max()),
        }


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """When each start was solved."""
    sweeps, name = record["config"]["run"]["sweeps"], record["experiment"]
    return {"sweeps_to_solve": draw_distribution(replicas, sweeps, None, name)}
