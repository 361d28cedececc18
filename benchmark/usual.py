"""The usual way: one net after the other, torch.nn and torch.optim.SGD, eagerly."""

import numpy as np
import torch
from torch import Tensor, nn

from benchmark.work import Work
from reproduce.units.net import Units


class Net(nn.Module):
    """One net of a plan as it is usually written: a linear layer a group, cases in rows.

    As fast as `nn.Sequential` where the plan is a chain, which it would be written as.
    """

    def __init__(self, plan):
        super().__init__()
        self.plan = plan
        self.layers = nn.ModuleDict(
            {
                group: nn.Linear(plan.units(sources), plan.sizes[group])
                for group, sources in plan.sources.items()
            }
        )

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """The outputs (c, units) for the inputs of each group, (c, units)."""
        y = dict(inputs)
        for group, sources in self.plan.sources.items():
            below = [y[source] for source in sources]
            joined = torch.cat(below, 1) if len(below) > 1 else below[0]
            y[group] = torch.sigmoid(self.layers[group](joined))
        outputs = [y[group] for group in self.plan.outputs]
        return torch.cat(outputs, 1) if len(outputs) > 1 else outputs[0]


class UsualTrainer:
    """The first of the nets; all others would follow it and take as long."""

    replicas = 1

    def __init__(self, work: Work):
        self.units = Units(work.plan)
        self.net = Net(work.plan)
        sizes = [work.plan.sizes[group] for group in work.plan.inputs]
        inputs = torch.from_numpy(work.inputs).T.contiguous().split(sizes, 1)
        self.inputs = dict(zip(work.plan.inputs, inputs, strict=True))
        self.targets = torch.from_numpy(work.targets).T.contiguous()
        self._set(torch.from_numpy(work.start(1)))
        self.optimizer = torch.optim.SGD(self.net.parameters(), work.epsilon, momentum=work.alpha)

    def _set(self, weights: Tensor) -> None:
        parts = self.units.parts(weights)
        with torch.no_grad():
            for group, layer in self.net.layers.items():
                rows = [parts[source, group][..., 0] for source in self.net.plan.sources[group]]
                layer.weight.copy_(torch.cat(rows, 1))
                layer.bias.copy_(parts[group][..., 0])

    def sweep(self, count: int) -> None:
        """Make `count` sweeps. One thread: the tensors are too small for more."""
        torch.set_num_threads(1)
        for _ in range(count):
            self.optimizer.zero_grad()
            error = 0.5 * (self.net(self.inputs) - self.targets).square().sum()
            error.backward()
            self.optimizer.step()

    def weights(self) -> np.ndarray:
        """The weights (P, 1)."""
        weights = torch.empty(self.units.P, 1)
        parts = self.units.parts(weights)
        with torch.no_grad():
            for group, layer in self.net.layers.items():
                sources = self.net.plan.sources[group]
                sizes = [self.net.plan.sizes[source] for source in sources]
                for source, rows in zip(sources, layer.weight.split(sizes, 1), strict=True):
                    parts[source, group][..., 0] = rows
                parts[group][..., 0] = layer.bias
        return weights.numpy()


class UsualLoop:
    """One net after the other."""

    name = "usual loop"
    threads = 1

    def missing(self, work: Work) -> str | None:
        """Never."""
        return None

    def prepare(self, work: Work, replicas: int) -> UsualTrainer:
        """The first net of `replicas`."""
        return UsualTrainer(work)
