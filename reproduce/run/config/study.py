"""The schemas of the studies in which no population of units is trained."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from omegaconf import MISSING

from reproduce.run.config.cases import TASKS
from reproduce.run.config.check_units import wrong_in_network
from reproduce.run.config.experiment import Experiment
from reproduce.run.config.key import DOUBLE, MODULE, above_0, key, number, positive_whole, share
from reproduce.run.config.net import MinimizerNetwork
from reproduce.run.config.weights import weights

EQUATIONS = "studies of the equations of 1986"


@dataclass
class StudyNetwork:
    """How the weights of the random nets of a study are drawn."""

    init: float = above_0(1.0)


@dataclass
class StudyRule:
    """The two constants of equation 9."""

    epsilon: float = above_0(0.1)
    alpha: float = share(0.9)


@dataclass
class StudyRun:
    """How many weight changes of the rule are compared."""

    sweeps: int = positive_whole(5)


@dataclass
class EquationsExperiment(Experiment):
    """The equations against other derivations; each replica is one random net."""

    kind: ClassVar[str] = EQUATIONS

    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    dtype: str = key("float64", "float64", lambda v: v == "float64")
    network: StudyNetwork = field(default_factory=StudyNetwork)
    rule: StudyRule = field(default_factory=StudyRule)
    run: StudyRun = field(default_factory=StudyRun)


@dataclass
class IteratedExperiment(Experiment):
    """Iterated nets against layered ones; each replica is one random net."""

    kind: ClassVar[str] = EQUATIONS

    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    dtype: str = key("float64", "float64", lambda v: v == "float64")
    network: StudyNetwork = field(default_factory=StudyNetwork)


@dataclass
class TransformerShape:
    """One row of Table 3: the letters are the paper's."""

    N: int = positive_whole(6)
    d_model: int = positive_whole(512)
    d_ff: int = positive_whole(2048)
    h: int = positive_whole(8)
    d_k: int = positive_whole(64)
    d_v: int = positive_whole(64)


@dataclass
class TransformerNetwork:
    """The vocabulary and the shape of each variant that is built."""

    vocabulary: int = positive_whole(37000)
    rows: dict[str, TransformerShape] = key(
        {}, "names of rows, base and big among them, each with its shape", {"base", "big"}.issubset
    )


@dataclass
class TransformerExperiment(Experiment):
    """Transformers that are built without data, so that nothing depends on chance."""

    replicas: int = key(1, "1", lambda v: v == 1)
    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    network: TransformerNetwork = field(default_factory=TransformerNetwork)

    def bytes_of_study(self) -> int:
        """Of the layers of the deepest model, which have no weights."""
        return MODULE * max(row.N for row in self.network.rows.values())


METHODS = ("L-BFGS", "Newton")


@dataclass
class MinimizerTask:
    """What is to be learned, and the levels that stand for off and on in the targets."""

    name: str = key(MISSING, f"one of {', '.join(TASKS)}", TASKS.__contains__)
    target_off: float = key(0.0, "a number from 0 to below 0.5", number(lambda v: 0 <= v < 0.5))
    target_on: float = key(1.0, "a number above 0.5, at most 1", number(lambda v: 0.5 < v <= 1))


@dataclass
class MinimizerRule:
    """What takes the place of equation 9."""

    method: str = key("L-BFGS", " or ".join(METHODS), METHODS.__contains__)


@dataclass
class MinimizerRun:
    """The most gradients of E that are taken; a Hessian counts as one for each weight."""

    sweeps: int = positive_whole(10000)


@dataclass
class MinimizerExperiment(Experiment):
    """Methods with second derivatives on the nets of 1986; each replica is one start."""

    kind: ClassVar[str] = "nets of 1986 with second derivatives"

    replicas: int = positive_whole(200)
    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    dtype: str = key("float64", "float64", lambda v: v == "float64")
    task: MinimizerTask = field(default_factory=MinimizerTask)
    network: MinimizerNetwork = field(default_factory=MinimizerNetwork)
    rule: MinimizerRule = field(default_factory=MinimizerRule)
    run: MinimizerRun = field(default_factory=MinimizerRun)

    def wrong_together(self) -> Iterator[str]:
        """A network that is none, or that does not fit the task."""
        yield from wrong_in_network(self.network, self.task.name)

    def bytes_of_study(self) -> int:
        """Of one net and its slopes, and of its second derivatives where sweeps allow them."""
        P = weights(self.network)
        hessian = self.rule.method == "Newton" and self.run.sweeps >= P
        return DOUBLE * P * (P if hessian else 2)
