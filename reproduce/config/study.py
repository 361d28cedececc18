"""The schemas of the studies in which no population of units is trained."""

from dataclasses import dataclass, field

from reproduce.config.experiment import Experiment
from reproduce.config.key import key, number, positive_whole


@dataclass
class StudyNetwork:
    """How the weights of the random nets of a study are drawn."""

    init: float = key(1.0, "a number above 0", number(lambda v: v > 0))


@dataclass
class StudyRule:
    """The two constants of equation 9."""

    epsilon: float = key(0.1, "a number above 0", number(lambda v: v > 0))
    alpha: float = key(0.9, "a number from 0 to below 1", number(lambda v: 0 <= v < 1))


@dataclass
class StudyRun:
    """How many weight changes of the rule are compared."""

    sweeps: int = positive_whole(5)


@dataclass
class EquationsExperiment(Experiment):
    """The equations against other derivations; each replica is one random net."""

    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    dtype: str = key("float64", "float64", lambda v: v == "float64")
    network: StudyNetwork = field(default_factory=StudyNetwork)
    rule: StudyRule = field(default_factory=StudyRule)
    run: StudyRun = field(default_factory=StudyRun)


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
