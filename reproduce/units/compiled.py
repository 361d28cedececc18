"""The sweeps of a population as one machine program, made by torch's compiler and kept."""

import hashlib
import logging
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from reproduce.file.place import ROOT
from reproduce.file.sources import sources
from reproduce.units.cache import find, keep, working_on
from reproduce.units.program import Program
from reproduce.units.sweep import LANES, Sweep, Tensors
from reproduce.units.toolchain import compiler, confined_to, telling_line, trouble

EXAMPLE_LANES = 512
OPTIONS = {
    "cpp.threads": 1,
    "cpp.enable_floating_point_contract_flag": "fast",
    "aot_inductor.precompile_headers": False,  # they would be shared, and believed, in TMPDIR
}


SOURCES = sources([__name__], ROOT)  # read with the code itself: a file may change while it runs


class CompilerFailed(RuntimeError):
    """The sweeps could not be compiled, said in one line."""


class Compiled:
    """The sweeps as one machine program, fused over cases and units, for any number of replicas.

    It is compiled once for each shape of network, kept in the user's cache folder (see
    `reproduce.units.cache`) and loaded from there. callers: how many threads may call it at once,
    each with a block of its own.
    """

    def __init__(self, sweeps: Sweep, callers: int):
        self.sweeps, self.callers = sweeps, callers
        self.program: Program | None = None

    def prepare(self, nets: Tensors, lesson: Tensors) -> None:
        """Load the program for tensors of this kind, compiled now where it is not kept."""
        key = self._key(nets, lesson)
        try:
            with working_on(key) as work:
                self.program = find(key, work, self.callers)
                if self.program is None:
                    data = self._compile(nets, lesson, work)
                    self.program = keep(key, data, work, self.callers)
        except Exception as error:
            line = telling_line(str(error).strip() or type(error).__name__)
            raise CompilerFailed(
                f"the sweeps cannot be compiled: {line}; engine=eager does without"
            ) from error

    def __call__(self, nets: Tensors, sweep: int, until: int, lesson: Tensors) -> Tensors:
        """Go on from `sweep` sweeps to `until`."""
        assert self.program is not None  # `prepare` is called before
        ends = [torch.tensor(value, dtype=torch.int32) for value in (sweep, until)]
        found = self.program([*nets.values(), *ends, *lesson.values()], len(nets))
        return dict(zip(nets, found, strict=True))

    def _key(self, nets: Tensors, lesson: Tensors) -> str:
        """A name for all that the machine program depends on; the number of replicas is not."""
        shapes = [
            (name, tuple(tensor.shape[:-1]), is_wide(tensor), str(tensor.dtype))
            for name, tensor in (nets | lesson).items()
        ]
        state = {name: value for name, value in vars(self.sweeps).items() if name[0] != "_"}
        state |= {"units": vars(self.sweeps.units), "loop": None}  # the compiler has its own
        machine = (torch.__version__, platform.machine(), processor_flags())
        everything = repr((SOURCES, state, shapes, machine))
        return hashlib.sha256(everything.encode()).hexdigest()[:24]

    def _compile(self, nets: Tensors, lesson: Tensors, work: Path) -> bytes:
        """A new library, made in the folder `work`, for replicas in any multiple of LANES."""
        from torch._higher_order_ops.while_loop import while_loop

        if reason := trouble():
            raise RuntimeError(reason)
        print("compiling the sweeps of this network, once (about 20 s)", file=sys.stderr)
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
        with one_thread(), confined_to(work):
            exported = torch.export.export(
                self.sweeps.with_loop(while_loop),
                (nets, *ends, lesson),
                dynamic_shapes=(free[0], None, None, free[1]),
            )
            module = exported.module(check_guards=False)
            options = OPTIONS | {"cpp.cxx": (None, compiler())}  # as it is now, not at import
            made = torch._inductor.aot_compile(module, (nets, *ends, lesson), options=options)
            return Path(str(made)).read_bytes()


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
