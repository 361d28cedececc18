"""The processes of one run: alone, or the ranks that torchrun has started.

The replicas are dealt out in consecutive parts; rank 0 gathers them, writes, and says what is
done. Tensors travel on their own device (gloo on the CPU, nccl on CUDA), the rest over gloo.
"""

import os
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class Ranks:
    """rank: which of the `size` processes this one is."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def part(self, count: int, rank: int | None = None) -> range:
        """Which of `count` replicas a rank has; this rank where none is named."""
        rank = self.rank if rank is None else rank
        return range(count * rank // self.size, count * (rank + 1) // self.size)

    def share(self, value: Any = None) -> Any:
        """What rank 0 gives here, on every rank."""
        if self.size == 1:
            return value
        carried = [value]
        dist.broadcast_object_list(carried, device=torch.device("cpu"))
        return carried[0]

    def gather(self, part: Tensor, count: int) -> Tensor | None:
        """The parts (..., replicas of a rank) put together (..., count) on rank 0, else None."""
        if self.size == 1:
            return part
        widths = [len(self.part(count, rank)) for rank in range(self.size)]
        padded = part.new_zeros(*part.shape[:-1], max(widths))
        padded[..., : part.shape[-1]] = part
        parts = [torch.empty_like(padded) for _ in widths] if self.first else None
        dist.gather(padded, parts)
        if parts is None:
            return None
        return torch.cat([p[..., :width] for p, width in zip(parts, widths, strict=True)], -1)


ALONE = Ranks()


def join(device: torch.device) -> Ranks:
    """The ranks of this run; the first call in a process that torchrun started meets the others.

    torchrun's store outlives a restart, so that each attempt has its own names in it.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return ALONE
    if not dist.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        store, rank, size = next(dist.rendezvous("env://"))
        attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
        dist.init_process_group(
            "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo",
            store=dist.PrefixStore(f"attempt {attempt}", store),
            rank=rank,
            world_size=size,
        )
    return Ranks(dist.get_rank(), dist.get_world_size())


def leave() -> None:
    """Take this process out of the ranks that it joined, when all of its runs are done.

    Python must not end while it is still joined: gloo's threads may then be destroyed as they run,
    which ends a process whose runs are all done by SIGABRT.
    """
    if dist.is_initialized():
        dist.destroy_process_group()
