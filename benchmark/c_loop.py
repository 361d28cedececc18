"""`loop.c`, compiled for each net by the system's C compiler: the machine's practical limit."""

import ctypes
import functools
import itertools
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmark.work import Work
from reproduce.file.place import cores
from reproduce.units.net import Units
from reproduce.units.plan import Plan

COMPILER, LOOP = "cc", Path(__file__).with_name("loop.c")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fopenmp", "-fPIC")
WIDEST = 16  # lanes of the widest vectors; the replicas are padded to a multiple
TRIAL = "#include <omp.h>\nint threads(void) { return omp_get_max_threads(); }\n"


def header(plan: Plan, cases: int) -> str:
    """The sizes and the order of a net, as loop.c asks for them."""
    units = Units(plan)
    first = _firsts(plan, plan.inputs) | _firsts(plan, plan.sources)
    target = _firsts(plan, plan.outputs)
    row = {part: start for part, (start, _) in units.places.items()}
    forward, backward = [], []
    for group, sources in plan.sources.items():
        here = f"{first[group]}, {plan.sizes[group]}"
        sending, gradients = [], []
        for source in sources:
            values = "in" if source in plan.inputs else "y"
            link = f"{first[source]}, {plan.sizes[source]}, {row[source, group]}"
            sending.append(f"FROM({values}, {link})")
            gradients.append(f"GRADIENT({values}, {here}, {link})")
        receiving = [f"OUTPUT({first[group]}, {target[group]})"] if group in target else []
        for receiver, senders in plan.sources.items():
            if group in senders:
                sizes = f"{plan.sizes[receiver]}, {plan.sizes[group]}"
                receiving.append(f"BACK({first[receiver]}, {sizes}, {row[group, receiver]})")
        forward.append(f"ACTIVITY({here}, {row[group]}, {' '.join(sending)})")
        backward.insert(0, f"SLOPE({here}, {row[group]}, {' '.join(receiving)})")
        backward[1:1] = gradients
    defined = {"CASES": cases, "UNITS": plan.units(tuple(plan.sources)), "ROWS": units.P}
    defined |= {"NET_FORWARD": " ".join(forward), "NET_BACKWARD": " ".join(backward)}
    return "".join(f"#define {name} {value}\n" for name, value in defined.items())


def _firsts(plan: Plan, groups) -> dict[str, int]:
    """The first unit of each group, counted over these groups."""
    sizes = [plan.sizes[group] for group in groups]
    return dict(zip(groups, itertools.accumulate(sizes, initial=0), strict=False))


def build(source: str, folder: Path) -> ctypes.CDLL:
    """Compile and load a library. `CalledProcessError`, with what the compiler says, or `OSError`.

    It is linked without -ffast-math, which would change the arithmetic of the whole process.
    """
    (folder / "net.c").write_text(source, encoding="utf-8")
    for command in (
        (COMPILER, *FLAGS, "-c", "net.c", "-o", "net.o"),
        (COMPILER, "-shared", "-fopenmp", "net.o", "-o", "net.so"),
    ):
        subprocess.run(
            command,
            cwd=folder,
            check=True,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    return ctypes.CDLL(str(folder / "net.so"))


@functools.cache
def trouble() -> str | None:
    """Why nothing can be compiled here, in one line; None when it can."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            build(TRIAL, Path(folder))
    except FileNotFoundError:
        return f"there is no C compiler ({COMPILER})"
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        return f"the C compiler ({COMPILER}) cannot make an OpenMP library: {said[-1]}"
    return None


class CTrainer:
    """All nets, the replica in the last axis."""

    def __init__(self, work: Work, replicas: int, threads: int):
        self.work, self.replicas, self.threads = work, replicas, threads
        padded = -(-replicas // WIDEST) * WIDEST
        self.state = np.zeros((2, Units(work.plan).P, padded), np.float32)
        self.state[0, :, :replicas] = work.start(replicas)
        self.inputs = np.ascontiguousarray(work.inputs)
        self.targets = np.ascontiguousarray(work.targets)
        source = header(work.plan, work.inputs.shape[1]) + LOOP.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            self.call = build(source, Path(folder)).sweeps
        array = np.ctypeslib.ndpointer(np.float32, flags="C_CONTIGUOUS")
        single, whole = ctypes.c_float, ctypes.c_long
        self.call.argtypes = [array, array, whole, array, array, whole, single, single]
        self.call.argtypes += [ctypes.c_int]
        self.call.restype = None

    def sweep(self, count: int) -> None:
        """Make `count` sweeps."""
        weights, velocities = self.state
        rule = self.work.epsilon, self.work.alpha
        cases = self.inputs, self.targets
        self.call(weights, velocities, weights.shape[1], *cases, count, *rule, self.threads)

    def weights(self) -> np.ndarray:
        """The weights (P, replicas)."""
        return self.state[0, :, : self.replicas].copy()


class CLoop:
    """The hand-written loop, on all cores."""

    name = "C loop"

    def __init__(self):
        self.threads = cores()

    def missing(self, work: Work) -> str | None:
        """No compiler, or none that knows OpenMP."""
        return trouble()

    def prepare(self, work: Work, replicas: int) -> CTrainer:
        """All nets before their first sweep; compiles."""
        return CTrainer(work, replicas, self.threads)
