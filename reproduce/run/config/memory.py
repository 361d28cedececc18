"""The least memory that a run takes, known from its config before anything is allocated.

Only what is certainly there at one moment is counted, so that no run is refused that fits.
"""

import os
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.grid import number_of_points
from reproduce.run.config.key import DOUBLE, FLOAT, MODULE, is_number, shown
from reproduce.run.config.net import UnitsNetwork
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.config.units import UnitsExperiment
from reproduce.run.config.weights import weights

ENTRY = 100  # bytes of a row of quantities, a grid point or a replica, in Python
OF_RANDOM = 2  # tensors of the size of the weights: which links each net has, and their factors
ADAM = 4  # tensors of the size of the weights: these, their gradient, two moments
OF_A_GPU = ("nvidiactl", "kfd", "dxg")  # in /dev, where there is one
GB = 10**9


def too_large(config: Experiment) -> str | None:
    """What is wrong with a run that cannot fit into the memory that is free, in one line."""
    needed, free = least_bytes(config), free_bytes()
    if needed <= free:
        return None
    return (
        f"{culprit(config, free)}: at least {needed / GB:,.1f} GB of memory are needed; "
        f"allowed is what fits into the {free / GB:,.1f} GB that are free"
    )


def culprit(config: Experiment, free: int) -> str:
    """The key of the largest number that makes a run too large, with it, or all of them."""
    found = {}
    for path, section, name in sizes(config):
        value = section[name]
        section[name] = [1] if isinstance(value, list) else 1
        if least_bytes(config) <= free:
            found[f"{path}={shown(value)}"] = max(value) if isinstance(value, list) else value
        section[name] = value
    together = f"replicas={config.replicas} at {number_of_points(config):,} points of the grid"
    return max(found, key=lambda given: found[given], default=together)


def sizes(section: object, path: str = "") -> Iterator[tuple[str, dict, str]]:
    """Every whole number and list of numbers: its dotted key, the section it is in, its name."""
    values = section if isinstance(section, dict) else vars(section)
    for name, value in values.items():
        if isinstance(value, dict) or is_dataclass(value):
            yield from sizes(value, f"{path}{name}.")
        elif type(value) is int or (isinstance(value, list) and value and is_number(value[0])):
            yield f"{path}{name}", values, name


def free_bytes() -> int:
    """Memory that is free, swap included; all that the machine has where only that is known."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        kilobytes = {name: int(rest.split()[0]) for name, rest in (x.split(":") for x in lines)}
        return 1024 * (kilobytes["MemAvailable"] + kilobytes["SwapFree"])
    except (OSError, KeyError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def least_bytes(config: Experiment) -> int:
    """The least memory of the processor that a run takes, whatever its device."""
    if isinstance(config, UnitsExperiment):
        return of_population(config)
    if isinstance(config, SequenceExperiment):
        return of_sequences(config)
    return ENTRY * config.replicas + config.bytes_of_study()


def of_population(config: UnitsExperiment) -> int:
    """Of the nets of 1986: at their start, drawn in float64, or with all that is kept of them.

    The ranks of torchrun share the start; what is kept comes together on the first of them.
    """
    P, points, run = weights(config.network), number_of_points(config), config.run
    replicas = points * config.replicas
    start = DOUBLE * P * (config.replicas + replicas) // int(os.environ.get("WORLD_SIZE", "1"))
    if config.device == "meta":
        return start
    moments = 1 + len(run.keep_sweeps) + (run.keep_largest_weight is not None)
    moments += OF_RANDOM * has_random(config.network)
    milestones = 2 + len(run.tolerances) + len(run.case_errors) + len(run.total_errors)
    kept = replicas * (bytes_of(config) * P * moments + DOUBLE * milestones)
    return max(start, kept) + ENTRY * points


def has_random(network: UnitsNetwork) -> bool:
    """Whether nets differ in the links that they have."""
    entries = [entry for entries in network.links.values() for entry in entries]
    return any(isinstance(entry, dict) and entry.get("kind") == "random" for entry in entries)


def bytes_of(config: Experiment) -> int:
    """Of one number in the dtype of a run."""
    return FLOAT if config.dtype == "float32" else DOUBLE


def of_sequences(config: SequenceExperiment) -> int:
    """Of sequence models: one of them, as it is drawn and in training, and a list of all."""
    if config.device == "meta":
        return 0
    task, network, N = config.task, config.network, max([config.network.N, *config.grid.N])
    members = ENTRY * config.replicas * number_of_points(config)
    numbers = parameters(config, N)
    drawn = FLOAT * numbers + MODULE * N
    if config.device == "cuda" or (config.device == "auto" and has_gpu()):
        return members + drawn
    vocabulary, length = vocabulary_and_length(config)
    inner = network.d_model + network.d_ff
    if "attention" in mixers(config):
        inner += network.h * (2 * network.d_k + network.d_v)
    activities = config.run.batch * length * (N * inner + vocabulary)
    cases = getattr(task, "train_cases", 0) + getattr(task, "test_cases", 0)
    trained = bytes_of(config) * max(ADAM * numbers, numbers + activities)
    return members + max(drawn, trained, DOUBLE * cases * length)


def parameters(config: SequenceExperiment, N: int) -> int:
    """Weights of a model of N layers, of the largest where the mixers differ; without biases."""
    network, d = config.network, config.network.d_model
    each = {
        "attention": 2 * d * network.h * (network.d_k + network.d_v),
        "recurrent": 2 * d * d,
        "convolution": network.kernel * d * d,
    }
    mixing, feed_forward = max(each.get(mixer, 0) for mixer in mixers(config)), 2 * d * network.d_ff
    layer = mixing + feed_forward
    if config.task.decodes:  # an encoder, and a decoder that attends twice
        layer = 3 * mixing + 2 * feed_forward
    vocabulary, _ = vocabulary_and_length(config)
    return N * layer + d * vocabulary * (1 if network.tied else 2)


def mixers(config: SequenceExperiment) -> list[str]:
    """What the models of a run mix positions with."""
    return config.grid.mixer or [config.network.mixer]


def vocabulary_and_length(config: SequenceExperiment) -> tuple[int, int]:
    """How many tokens there are, at least, and how many a text of a training step has."""
    task = vars(config.task)
    vocabulary = task.get("vocabulary", task.get("symbols", 1))
    lengths = [task[name] for name in ("length", "shortest", "distance") if name in task]
    return vocabulary, max([*lengths, *config.grid.distance]) - 1


def has_gpu() -> bool:
    """Whether there may be a GPU, on which the models would be trained."""
    return any(Path("/dev", name).exists() for name in OF_A_GPU)
