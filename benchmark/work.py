"""What is trained: nets of 1986 by batch gradient descent with momentum (Nature 1986, eq. 9)."""

from dataclasses import dataclass

import numpy as np

from reproduce.run.task import task_of
from reproduce.units.net import Units
from reproduce.units.plan import Plan, plan
from reproduce.units.start import uniform

SEED, INIT = 0, 0.3
PERSONS, RELATIONS, FACTS = 24, 12, 104


@dataclass(frozen=True)
class Work:
    """A net, its cases and its rule.

    inputs: (units of all input groups, cases), targets: (units of all output groups, cases),
    float32. epsilon, alpha: the constants of dw(t) = -epsilon dE/dw(t) + alpha dw(t-1), where
    E = 1/2 sum (y - d)^2 over output units and cases; one such change is a sweep.
    """

    name: str
    plan: Plan
    inputs: np.ndarray
    targets: np.ndarray
    epsilon: float
    alpha: float = 0.9

    def start(self, replicas: int) -> np.ndarray:
        """Weights uniform in -.3...3, (P, replicas), float32; those of replica r are always the
        same, rows as `Units.names` has them.
        """
        start = INIT * uniform(SEED, 0, replicas, Units(self.plan).P)
        return start.float().numpy()


def one_hidden_layer(inputs: int, hidden: int, outputs: int) -> Plan:
    """Every unit linked to all units of the layer below."""
    groups = {"input": inputs, "hidden": hidden, "output": outputs}
    return plan(groups, {"hidden": ["input"], "output": ["hidden"]})


def symmetry_work(hidden: int = 2) -> Work:
    """The symmetry net 6-2-1 with its 64 cases (Nature 1986, Fig. 1), or with more hidden units."""
    task = task_of("symmetry")
    inputs, targets = task.inputs.float().numpy(), task.on.float().numpy()
    return Work(f"symmetry 6-{hidden}-1", one_hidden_layer(6, hidden, 1), inputs, targets, 0.1)


def xor_work() -> Work:
    """The XOR net 2-2-1 with its 4 cases (PDP 1986, p. 332), one change a sweep."""
    task = task_of("xor")
    inputs, targets = task.inputs.float().numpy(), task.on.float().numpy()
    return Work("XOR 2-2-1", one_hidden_layer(2, 2, 1), inputs, targets, 0.1)


def family_tree_work() -> Work:
    """A net of the shape of the family-tree net with 104 cases (Nature 1986, Fig. 3).

    Only the shape is that of the paper: one person and one relation are on in each case, and the
    persons in the answer are drawn at random, so that nothing is to be learned but by heart.
    """
    groups = {"person": PERSONS, "relation": RELATIONS}
    groups |= {"person_code": 6, "relation_code": 6, "middle": 12, "answer_code": 6}
    links = {"person_code": ["person"], "relation_code": ["relation"]}
    links |= {"middle": ["person_code", "relation_code"], "answer_code": ["middle"]}
    links["answer"] = ["answer_code"]
    generator = np.random.default_rng(SEED)
    inputs = np.zeros((PERSONS + RELATIONS, FACTS), np.float32)
    inputs[generator.integers(PERSONS, size=FACTS), np.arange(FACTS)] = 1
    inputs[PERSONS + generator.integers(RELATIONS, size=FACTS), np.arange(FACTS)] = 1
    targets = (generator.random((PERSONS, FACTS)) < 0.1).astype(np.float32)
    shape = plan(groups | {"answer": PERSONS}, links)
    return Work("family tree 36-12-12-6-24", shape, inputs, targets, 0.01)


def works() -> list[Work]:
    """The three works of the table."""
    return [symmetry_work(), xor_work(), family_tree_work()]
