"""The sweeps of a population on CUDA: one sweep is recorded as a graph and replayed."""

import torch
from torch import Tensor

from reproduce.units.sweep import Sweep, Tensors

WARM_UP = 3  # sweeps on a side stream before recording, as torch.cuda.graph asks


class Replayed:
    """A graph of one sweep for each width of block; its own tensors are copied in and out."""

    def __init__(self, sweeps: Sweep):
        self.sweeps = sweeps
        self.graphs: dict[int, tuple[torch.cuda.CUDAGraph, Tensors, Tensor, Tensors]] = {}

    def __call__(self, nets: Tensors, sweep: int, until: int, lesson: Tensors) -> Tensors:
        """Go on from `sweep` sweeps to `until`."""
        width = nets["weights"].shape[-1]
        if width not in self.graphs:
            self.graphs[width] = self._record(nets, lesson)
        graph, held, counter, taught = self.graphs[width]
        counter.fill_(sweep)
        for mine, given in ((held, nets), (taught, lesson)):
            for name, tensor in mine.items():
                tensor.copy_(given[name])
        for _ in range(sweep, until):
            graph.replay()
        return {name: tensor.clone() for name, tensor in held.items()}

    def _record(self, nets: Tensors, lesson: Tensors) -> tuple:
        """Record one sweep of copies of these tensors."""
        held, taught = ({n: t.clone() for n, t in given.items()} for given in (nets, lesson))
        counter = torch.zeros((), dtype=torch.int32, device=nets["weights"].device)

        def once() -> None:
            self.sweeps.once(held, counter, taught)
            counter.add_(1)

        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                once()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            once()
        return graph, held, counter, taught
