"""The schemas of the studies of single layers and small models that are built, not trained."""

from dataclasses import dataclass, field

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.key import (
    DOUBLE,
    FLOAT,
    above_0,
    are_different,
    different,
    key,
    number,
    positive_whole,
)

HEADS = (1, 2, 4, 8, 16, 32)


@dataclass
class BlockNetwork:
    """What is random in the layers of each replica, and the model that is looked at as built.

    init: deviation of the normal weights of the layers of random shape. d_model, n and dropout
    (P_drop of section 5.4): of the model whose sub-layers are watched as they start.
    """

    init: float = above_0(0.3)
    d_model: int = positive_whole(32)
    n: int = positive_whole(16)
    dropout: float = key(0.1, "a number above 0 and below 1 (P_drop)", number(lambda v: 0 < v < 1))


@dataclass
class BlockExperiment(Experiment):
    """The equations of section 3 against other derivations; each replica is one random shape."""

    replicas: int = positive_whole(200)
    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    dtype: str = key("float64", "float64", lambda v: v == "float64")
    network: BlockNetwork = field(default_factory=BlockNetwork)

    def bytes_of_study(self) -> int:
        """Of two models of one layer a side in float64."""
        d, n = self.network.d_model, self.network.n
        return DOUBLE * (32 * d * d + n * d)


@dataclass
class HeadsNetwork:
    """Attention over n positions with several numbers of heads, each of width d_model / h."""

    d_model: int = key(512, "a multiple of 32 from 32 up", lambda v: v > 0 and v % 32 == 0)
    n: int = positive_whole(64)
    heads: list[int] = key(
        list(HEADS),
        f"numbers out of {', '.join(map(str, HEADS))}, 1 and 8 among them",
        lambda v: are_different(v) and {1, 8} <= {*v} <= {*HEADS},
    )


@dataclass
class HeadsCostExperiment(Experiment):
    """What many heads cost; each replica is one random shape and one round of time taking."""

    replicas: int = positive_whole(200)
    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    dtype: str = key("float64", "float64", lambda v: v == "float64")
    network: HeadsNetwork = field(default_factory=HeadsNetwork)

    def bytes_of_study(self) -> int:
        """Of a layer for each number of heads, and the weights of attention of most heads."""
        d, n, heads = self.network.d_model, self.network.n, self.network.heads
        return FLOAT * (4 * d * d * len(heads) + n * d + n * n * max(heads))


@dataclass
class ComplexityNetwork:
    """The layers of Table 1, and the sizes at which they are counted.

    n, d_model, d_ff, h: where numbers are named. lengths, widths: n with d_model fixed, d with n
    fixed. kernels, windows: k and r, the first of each where the other sizes change. path_lengths:
    the n of paths and of sequential operations.
    """

    n: int = positive_whole(64)
    d_model: int = key(512, "a multiple of 8 from 8 up", lambda v: v > 0 and v % 8 == 0)
    d_ff: int = positive_whole(2048)
    h: int = key(8, "1, 2, 4 or 8", (1, 2, 4, 8).__contains__)
    lengths: list[int] = key(
        [], "at least two whole numbers from 1 up", different(lambda v: v >= 1, 2)
    )
    widths: list[int] = key(
        [], "at least two multiples of 8", different(lambda v: v > 0 and v % 8 == 0, 2)
    )
    kernels: list[int] = key(
        [], "at least two whole numbers from 2 up", different(lambda v: v >= 2, 2)
    )
    windows: list[int] = key(
        [], "at least two odd numbers from 3 up", different(lambda v: v % 2 == 1 and v >= 3, 2)
    )
    path_lengths: list[int] = key(
        [], "at least two whole numbers from 2 up", different(lambda v: v >= 2, 2)
    )


@dataclass
class ComplexityExperiment(Experiment):
    """Table 1 counted on layers that are built, so that nothing depends on chance."""

    replicas: int = key(1, "1", lambda v: v == 1)
    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    network: ComplexityNetwork = field(default_factory=ComplexityNetwork)

    def bytes_of_study(self) -> int:
        """Of a layer of each kind with its inputs, or of what depends on what at the largest n."""
        network, d = self.network, self.network.d_model
        layers = d * d * (2 + network.kernels[0]) + d * sum(network.lengths)
        return FLOAT * max(layers, max(network.path_lengths) ** 2)
