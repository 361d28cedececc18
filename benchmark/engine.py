"""Our own engine, as an experiment uses it: in blocks, with every milestone noted."""

import numpy as np
import torch

from benchmark.work import INIT, SEED, Work
from reproduce.run.config.units import Rule, Run, UnitsExperiment, UnitsNetwork
from reproduce.run.population import Population
from reproduce.units.compiled import one_thread
from reproduce.units.engine import THREADS, trouble_on
from reproduce.units.net import Units
from reproduce.units.task import RIGHT, Task

CPU = torch.device("cpu")
FOR_EVER = 10**9  # sweeps, so that none is the last


class EngineTrainer:
    """A population of the work's nets."""

    def __init__(self, work: Work, replicas: int, kind: str):
        self.replicas = replicas
        config = UnitsExperiment(
            replicas=replicas,
            seed=SEED,
            engine=kind,
            network=UnitsNetwork(init=INIT),
            rule=Rule(epsilon=work.epsilon, alpha=work.alpha),
            run=Run(sweeps=FOR_EVER),
        )
        targets = torch.from_numpy(work.targets)
        task = Task(torch.from_numpy(work.inputs).double(), targets > RIGHT)
        where = {"dtype": torch.float32, "device": CPU}
        self.population = Population(config, Units(work.plan), task, None, where)
        self.population.lesson.shared["targets"] = targets[:, :, None]
        self.state = self.population.start()

    def sweep(self, count: int) -> None:
        """Make `count` sweeps of all nets."""
        with one_thread():
            self.population.advance(self.state, self.state.sweep + count)

    def weights(self) -> np.ndarray:
        """The weights (P, replicas)."""
        return self.state.weights.numpy()


class OurEngine:
    """The engine of a kind, `eager` or `compiled`."""

    def __init__(self, kind: str):
        self.kind, self.name = kind, f"engine {kind}"
        self.threads = THREADS if kind == "compiled" else 1

    def missing(self, work: Work) -> str | None:
        """Why it is left out: without a C++ compiler nothing is compiled."""
        return trouble_on(CPU) if self.kind == "compiled" else None

    def prepare(self, work: Work, replicas: int) -> EngineTrainer:
        """All nets at their start."""
        return EngineTrainer(work, replicas, self.kind)
