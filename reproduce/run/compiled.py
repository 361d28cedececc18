"""The sweeps of a population as one machine program, made by torch's compiler and kept."""

import fcntl
import hashlib
import logging
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from reproduce.place import ROOT
from reproduce.run.program import Program
from reproduce.run.sweep import LANES, Sweep, Tensors

EXAMPLE_LANES = 512
FORMULA = (
    "network/function.py",
    "network/plan.py",
    "network/units.py",
    "rule",
    "run/sweep.py",
    "run/compiled.py",
)
OPTIONS = {"cpp.threads": 1, "cpp.enable_floating_point_contract_flag": "fast"}


class CompilerFailed(RuntimeError):
    """The sweeps could not be compiled, said in one line."""


class Compiled:
    """The sweeps as one machine program, fused over cases and units, for any number of replicas.

    It is compiled once for each shape of network, kept in the user's cache folder
    (XDG_CACHE_HOME, else ~/.cache) and loaded from there. callers: how many threads may call it
    at once, each with a block of its own.
    """

    def __init__(self, sweeps: Sweep, callers: int):
        self.sweeps, self.callers = sweeps, callers
        self.program: Program | None = None

    def prepare(self, nets: Tensors, lesson: Tensors) -> None:
        """Load the program for tensors of this kind, compiled now where it is not kept."""
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "reproduce")
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / f"{self._key(nets, lesson)}.so"
        with kept.with_suffix(".lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                self._compile(nets, lesson, kept)
            try:
                self.program = Program(kept, self.callers)
            except (OSError, RuntimeError, AttributeError):  # damaged on the disk
                kept.unlink()
                self._compile(nets, lesson, kept)
                self.program = Program(kept, self.callers)

    def __call__(self, nets: Tensors, sweep: int, until: int, lesson: Tensors) -> Tensors:
        """Go on from `sweep` sweeps to `until`."""
        ends = [torch.tensor(value, dtype=torch.int32) for value in (sweep, until)]
        found = self.program([*nets.values(), *ends, *lesson.values()], len(nets))
        return dict(zip(nets, found, strict=True))

    def _key(self, nets: Tensors, lesson: Tensors) -> str:
        """A name for all that the machine program depends on; the number of replicas is not."""
        digest = hashlib.sha256()
        for path in FORMULA:
            place = ROOT / "reproduce" / path
            for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
                digest.update(file.read_bytes())
        shapes = [
            (name, tuple(tensor.shape[:-1]), is_wide(tensor), str(tensor.dtype))
            for name, tensor in (nets | lesson).items()
        ]
        sweeps = self.sweeps
        formula = (sweeps.units.plan, sweeps.gradient, sweeps.update, sweeps.link)
        made_for = (formula, shapes, sorted(OPTIONS.items()))
        machine = (torch.__version__, platform.machine(), processor_flags())
        digest.update(repr((made_for, machine)).encode())
        return digest.hexdigest()[:24]

    def _compile(self, nets: Tensors, lesson: Tensors, kept: Path) -> None:
        """Compile for replicas in any multiple of LANES, and keep the library as a whole file."""
        from torch._higher_order_ops.while_loop import while_loop

        print("compiling the sweeps of this network, once (about 15 s)", file=sys.stderr)
        logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
        nets, lesson = (
            {name: example(tensor) for name, tensor in tensors.items()}
            for tensors in (nets, lesson)
        )
        ends = [torch.tensor(value, dtype=torch.int32) for value in (0, 1)]
        lanes = torch.export.Dim("lanes", min=1, max=2**31 // LANES) * LANES
        free = [
            {
                name: {tensor.dim() - 1: lanes} if is_wide(tensor) else None
                for name, tensor in tensors.items()
            }
            for tensors in (nets, lesson)
        ]
        sweeps = self.sweeps
        beside = kept.with_name(f"{kept.stem}.{os.getpid()}")
        try:
            with one_thread():
                exported = torch.export.export(
                    sweeps.with_loop(while_loop),
                    (nets, *ends, lesson),
                    dynamic_shapes=(free[0], None, None, free[1]),
                )
                made = torch._inductor.aot_compile(
                    exported.module(check_guards=False), (nets, *ends, lesson), options=OPTIONS
                )
            shutil.copyfile(made, beside)
        except Exception as error:
            line = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            raise CompilerFailed(
                f"the sweeps cannot be compiled ({line}); engine=eager does without"
            ) from error
        else:
            beside.replace(kept)
        finally:
            beside.unlink(missing_ok=True)


def is_wide(tensor: Tensor) -> bool:
    """Whether a tensor has one value for each replica in its last axis."""
    return tensor.dim() > 0 and tensor.shape[-1] > 1


def example(tensor: Tensor) -> Tensor:
    """A tensor of the same kind with EXAMPLE_LANES replicas."""
    if not is_wide(tensor):
        return tensor.clone()
    return tensor[..., :1].repeat(*[1] * (tensor.dim() - 1), EXAMPLE_LANES)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def processor_flags() -> str:
    """What instructions the processor has: a machine program is for one kind only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line for line in lines if line.startswith(("flags", "Features")))
    except (OSError, StopIteration):
        return platform.processor()
