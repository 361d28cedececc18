"""The schemas of the studies of formulas of Attention Is All You Need."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.key import (
    DOUBLE,
    above_0,
    different,
    key,
    numbers,
    positive_whole,
    share,
    shown,
    whole_numbers,
)


def even_numbers(default: list[int]) -> list[int]:
    """Declare a key that is a list of different widths, in pairs of sine and cosine."""
    return key(
        default, "different even numbers from 4 up", different(lambda v: v >= 4 and v % 2 == 0, 1)
    )


@dataclass
class Formula(Experiment):
    """What the studies of formulas share; without chance one replica is all there can be."""

    replicas: int = key(1, "1", lambda v: v == 1)
    device: str = key("auto", "auto or cpu", lambda v: v in ("auto", "cpu"))
    dtype: str = key("float64", "float64", lambda v: v == "float64")


@dataclass
class ScalingNetwork:
    """The widths of a head that are tried, and how many keys each query is held against."""

    d_k: list[int] = whole_numbers([1, 4, 16, 64, 256, 512])
    keys: int = positive_whole(32)
    queries: int = positive_whole(1000)


@dataclass
class ScalingExperiment(Formula):
    """Dot products of random queries and keys; each replica is one draw."""

    replicas: int = positive_whole(200)
    network: ScalingNetwork = field(default_factory=ScalingNetwork)

    def bytes_of_study(self) -> int:
        """Of queries with a key for each, and their weights over the keys all have in common."""
        network = self.network
        return DOUBLE * network.queries * max(2 * max(network.d_k), network.keys)


@dataclass
class PositionsNetwork:
    """The widths of the encoding, the first with all properties, and where it is looked at."""

    d_model: list[int] = even_numbers([512, 256, 64])
    positions: int = key(512, "a whole number from 2 up", lambda v: v >= 2)
    offsets: list[int] = whole_numbers([1, 10, 100])


@dataclass
class PositionsExperiment(Formula):
    """The positional encoding of section 3.5, which does not depend on chance."""

    network: PositionsNetwork = field(default_factory=PositionsNetwork)

    def wrong_together(self) -> Iterator[str]:
        """Offsets that lead out of the positions."""
        network = self.network
        if max(network.offsets) >= network.positions:
            yield (
                f"network.offsets={shown(network.offsets)}: allowed are numbers below "
                f"network.positions={network.positions}"
            )

    def bytes_of_study(self) -> int:
        """Of an encoding and of its products at all pairs of positions."""
        network = self.network
        return DOUBLE * network.positions * (network.d_model[0] + network.positions)


@dataclass
class ScheduleNetwork:
    """The widths for which the rate is computed."""

    d_model: list[int] = whole_numbers([512, 1024, 256])


@dataclass
class ScheduleRule:
    """The constants of section 5.3."""

    warmup: int = positive_whole(4000)
    beta_1: float = share(0.9)
    beta_2: float = share(0.98)
    epsilon: float = above_0(1e-9)


@dataclass
class ScheduleRun:
    """Until which step the rate is looked at."""

    steps: int = positive_whole(100_000)


@dataclass
class ScheduleExperiment(Formula):
    """The learning rate of equation 3 and the constants of Adam."""

    network: ScheduleNetwork = field(default_factory=ScheduleNetwork)
    rule: ScheduleRule = field(default_factory=ScheduleRule)
    run: ScheduleRun = field(default_factory=ScheduleRun)

    def bytes_of_study(self) -> int:
        """Of the rate at every step."""
        return DOUBLE * self.run.steps


@dataclass
class SmoothingNetwork:
    """The numbers of tokens over which a target is smoothed."""

    vocabulary: list[int] = whole_numbers([37000, 11], least=3)


@dataclass
class SmoothingRule:
    """The amounts of smoothing, and the perplexity that Table 3 prints for each."""

    smoothing: list[float] = key(
        [0.1, 0.2], "different numbers above 0 and below 1", numbers(lambda v: 0 < v < 1)
    )
    printed_perplexity: list[float] = key(
        [4.92, 5.47], "one number above 1 for each of rule.smoothing", numbers(lambda v: v > 1)
    )


@dataclass
class SmoothingExperiment(Formula):
    """The least loss that label smoothing leaves."""

    network: SmoothingNetwork = field(default_factory=SmoothingNetwork)
    rule: SmoothingRule = field(default_factory=SmoothingRule)

    def wrong_together(self) -> Iterator[str]:
        """Perplexities that are not as many as the amounts of smoothing."""
        rule = self.rule
        if len(rule.printed_perplexity) != len(rule.smoothing):
            yield (
                f"rule.printed_perplexity={shown(rule.printed_perplexity)}: allowed is one number "
                f"for each of rule.smoothing={shown(rule.smoothing)}"
            )

    def bytes_of_study(self) -> int:
        """Of one smoothed target."""
        return DOUBLE * max(self.network.vocabulary)


@dataclass
class PrintedTraining:
    """What is printed of the training of one model: hours, or steps and seconds a step."""

    hours: float = above_0(12.0)
    steps: int = positive_whole(100_000)
    step_seconds: float = above_0(0.4)


@dataclass
class TrainingCostRun:
    """The printed trainings of the two models, and on what they ran."""

    gpus: int = positive_whole(8)
    tflops: float = above_0(9.5)
    base: PrintedTraining = field(default_factory=PrintedTraining)
    big: PrintedTraining = field(default_factory=PrintedTraining)


@dataclass
class TrainingCostExperiment(Formula):
    """The floating-point operations of a training, from what is printed of it."""

    run: TrainingCostRun = field(default_factory=TrainingCostRun)
