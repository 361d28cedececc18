"""The schemas of the sequence models that learn a task: Transformers and what they replace."""

from dataclasses import dataclass, field
from typing import ClassVar

from omegaconf import MISSING

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.key import (
    above_0,
    is_any,
    key,
    number,
    one_of,
    positive_whole,
    share,
    whole_numbers,
)
from reproduce.run.config.sequence_task import (
    MIXERS,
    CharactersTask,
    CopyTask,
    DistanceTask,
    HeadRolesTask,
    InductionTask,
    RecallTask,
    SortTask,
    TextTask,
)

NORMS, ACTIVATIONS = ("post", "pre"), ("relu", "gelu")
POSITIONS, INITS = ("sinusoids", "learned"), ("torch", "xavier", "gpt")
SCHEDULES = ("transformer", "cosine", "constant")


@dataclass
class SequenceNetwork:
    """The model: letters as in Table 3, the rest as in reproduce/transformer/layer.py."""

    N: int = positive_whole(2)
    d_model: int = positive_whole(64)
    d_ff: int = key(256, "a whole number from 0 (no feed-forward net) up", lambda v: v >= 0)
    h: int = positive_whole(4)
    d_k: int = positive_whole(16)
    d_v: int = positive_whole(16)
    dropout: float = share(0.0)
    attention_dropout: float = share(0.0)
    inner_dropout: float = share(0.0)
    norm: str = one_of("post", NORMS)
    activation: str = one_of("relu", ACTIVATIONS)
    bias: bool = key(True, "true or false", is_any)
    mixer: str = one_of("attention", MIXERS)
    kernel: int = key(3, "a whole number from 2 up", lambda v: v >= 2)
    positions: str = one_of("sinusoids", POSITIONS)
    scaled: bool = key(True, "true (embeddings times sqrt(d_model)) or false", is_any)
    tied: bool = key(True, "true (one matrix embeds and predicts) or false", is_any)
    init: str = one_of("torch", INITS)


@dataclass
class RecallNetwork(SequenceNetwork):
    """Zoology's model, whose embeddings have a dropout of their own."""

    embedding_dropout: float = share(0.1)


@dataclass
class SequenceRule:
    """Adam and its learning rate; adam_epsilon to schedule as in section 5.3 by default."""

    beta_1: float = share(0.9)
    beta_2: float = share(0.98)
    adam_epsilon: float = above_0(1e-9)
    decay: float = key(0.0, "a number from 0 up", number(lambda v: v >= 0))
    schedule: str = one_of("transformer", SCHEDULES)
    rate: float = above_0(1.0)  # transformer: the factor; cosine: the peak
    last_rate: float = key(0.0, "a number from 0 up (of cosine)", number(lambda v: v >= 0))
    warmup: int = key(4000, "a whole number from 0 up", lambda v: v >= 0)
    smoothing: float = share(0.0)
    clip: float | None = key(
        None,
        "null, or a number above 0: the largest length of a gradient",
        lambda v: v is None or number(lambda x: x > 0)(v),
    )


@dataclass
class SequenceRun:
    """How long each replica trains, and when it is tested."""

    steps: int = positive_whole(1000)
    batch: int = positive_whole(32)
    test_every: int = positive_whole(100)
    stop_at: float | None = key(
        None,
        "null, or a number above 0, at most 1: the share right in a test at which a replica stops",
        lambda v: v is None or number(lambda x: 0 < x <= 1)(v),
    )
    checkpoint_seconds: float = above_0(60.0)


@dataclass
class SequenceGrid:
    """Settings that differ within one run; every combination is a point with all the replicas."""

    N: list[int] = whole_numbers([], fewest=0)
    mixer: list[str] = key(
        [],
        f"different words out of {', '.join(MIXERS)}",
        lambda v: set(v) <= {*MIXERS} and len(set(v)) == len(v),
    )
    distance: list[int] = whole_numbers([], least=2, fewest=0)


@dataclass
class SequenceExperiment(Experiment):
    """A population of sequence models; each task has a schema of its own below."""

    kind: ClassVar[str] = "sequence models"

    replicas: int = positive_whole(5)
    task: TextTask = MISSING
    network: SequenceNetwork = field(default_factory=SequenceNetwork)
    rule: SequenceRule = field(default_factory=SequenceRule)
    run: SequenceRun = field(default_factory=SequenceRun)
    grid: SequenceGrid = field(default_factory=SequenceGrid)


@dataclass
class CopyExperiment(SequenceExperiment):
    """Copying by encoder and decoder."""

    task: CopyTask = field(default_factory=CopyTask)


@dataclass
class SortExperiment(SequenceExperiment):
    """Sorting digits."""

    task: SortTask = field(default_factory=SortTask)


@dataclass
class RecallExperiment(SequenceExperiment):
    """Multi-query associative recall."""

    task: RecallTask = field(default_factory=RecallTask)
    network: RecallNetwork = field(default_factory=RecallNetwork)


@dataclass
class InductionExperiment(SequenceExperiment):
    """Induction heads."""

    task: InductionTask = field(default_factory=InductionTask)


@dataclass
class CharactersExperiment(SequenceExperiment):
    """Predicting characters."""

    task: CharactersTask = field(default_factory=CharactersTask)


@dataclass
class HeadRolesExperiment(SequenceExperiment):
    """What heads attend to."""

    task: HeadRolesTask = field(default_factory=HeadRolesTask)


@dataclass
class DistanceExperiment(SequenceExperiment):
    """Attention, recurrence and convolution over a growing distance."""

    task: DistanceTask = field(default_factory=DistanceTask)
