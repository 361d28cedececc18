"""What a population is taught with: cases, constants of the rule, and what each net leaves out.

Some of it is the same for all nets, some is a value for each in the last axis; a block of nets
takes its share. The names are those of `reproduce.units.sweep`.
"""

import numpy as np
import torch
from torch import Tensor

from reproduce.file.found import given
from reproduce.run.config.grid import points, setting
from reproduce.run.config.units import UnitsExperiment
from reproduce.units import row
from reproduce.units.net import Units
from reproduce.units.sweep import Tensors
from reproduce.units.task import RIGHT, Task


class Lesson:
    """The tensors of one population, or of the part `mine` of its replicas.

    mine: numbers of replicas, counted over all grid points. updates: the kind of update of each.
    init: the range of its start. present: which of its weights are there, (P, r), or None.
    """

    def __init__(self, config: UnitsExperiment, units: Units, task: Task, where: dict, mine: range):
        self.config, self.where, self.mine = config, where, mine
        off, on = config.task.target_off, config.task.target_on
        cases = {"inputs": task.inputs, "on": task.on, "targets": task.targets(off, on)}
        if task.asked is not None:
            cases["asked"] = task.asked
        self.shared = {name: values[..., None].to(**where) for name, values in cases.items()}
        self.shared["tolerances"] = torch.tensor([RIGHT, *config.run.tolerances], **where)[:, None]
        for name in ("case_errors", "total_errors"):
            if asked := getattr(config.run, name):
                self.shared[name] = torch.tensor(asked, **where)[:, None]
        if config.run.keep_largest_weight is not None:
            self.shared["limit"] = torch.tensor(config.run.keep_largest_weight, **where)
        self.updates = each(config, "update", mine)
        self.init = self._lanes("init")
        decays = any(any(setting(config, point, "decay")) for point in points(config))
        rule = ("epsilon", "alpha", "decay") if decays else ("epsilon", "alpha")
        self.late = {name: self._lanes(name) for name in rule}
        free = 1 - row.fixed(units, config.network.hold)
        if decays and not free.all():
            self.late["decay"] = self.late["decay"] * free.to(**where)
        early = {"epsilon": self.late["epsilon"] * config.rule.early_epsilon}
        early["alpha"] = torch.full_like(self.late["alpha"], config.rule.early_alpha)
        self.early = self.late | early
        self.each: Tensors = {}
        self.present = self._present(units)
        self._add_scale(units, free)
        limits = row.limits(units, config.network.hold)
        if limits is not None:
            ends = zip(("least", "most"), limits, strict=True)
            self.shared |= {name: values.to(**where) for name, values in ends}
        if config.rule.order == "drawn":
            self.each["replica"] = self.replicas().to(where["device"])
        trains = trained_cases(config, self.replicas())
        if trains is not None:
            self.each["trains"] = trains.to(**where)

    def _lanes(self, name: str) -> Tensor:
        return torch.from_numpy(each(self.config, name, self.mine).astype(float)).to(**self.where)

    def replicas(self) -> Tensor:
        """The number of each net within its grid point, (r,)."""
        return torch.arange(self.mine.start, self.mine.stop) % self.config.replicas

    def _present(self, units: Units) -> Tensor | None:
        found = present_weights(self.config, units, self.mine)
        return None if found is None else found.to(**self.where)

    def _add_scale(self, units: Units, free: Tensor) -> None:
        """The factor of each gradient: of what is there and learns, over fan-in, over its uses.

        free: 1 for the weights that learn, 0 for those that stay as they start, (P, 1).
        """
        shared = free
        if self.config.rule.over_fan_in:
            shared = shared / row.fan_in(units)
        if self.config.rule.over_uses:
            shared = shared / row.uses(units)
        if self.present is not None:
            self.each["scale"] = shared.to(**self.where) * self.present
        elif self.config.rule.over_fan_in or self.config.rule.over_uses or not free.all():
            self.shared["scale"] = shared.to(**self.where)

    def block(self, lanes: Tensor, sweep: int) -> Tensors:
        """What the nets `lanes` are taught with in the sweeps that follow `sweep`."""
        rule = self.early if sweep < self.config.rule.early_sweeps else self.late
        own = {name: values[..., lanes] for name, values in (self.each | rule).items()}
        return self.shared | own


def each(config: UnitsExperiment, name: str, mine: range) -> np.ndarray:
    """The value of a key for each of some replicas, counted over all grid points, (r,)."""
    values = np.concatenate([setting(config, point, name) for point in points(config)])
    return values[mine.start : mine.stop]


def present_weights(config: UnitsExperiment, units: Units, mine: range) -> Tensor | None:
    """Which weights each net has, 1 or 0, (P, r), float64; None where all have all."""
    if any(link.kind == "random" for link in units.plan.links.values()):
        replica = torch.arange(mine.start, mine.stop) % config.replicas
        first, count = stretch(replica)
        return row.drawn_links(units, config.seed, first, count)[:, replica - first]
    if not config.grid.hidden:
        return None
    return row.present(units, "hidden", torch.from_numpy(each(config, "hidden", mine)))


def stretch(replica: Tensor) -> tuple[int, int]:
    """The first of some numbers of replicas, (r,), and how many there are up to the last."""
    first, last = (int(end) for end in replica.aminmax()) if len(replica) else (0, -1)
    return first, last + 1 - first


def trained_cases(config: UnitsExperiment, replica: Tensor) -> Tensor | None:
    """On which cases each of some nets trains, bool (c, r); None where no case is held out.

    replica: their numbers within a grid point, (r,); a replica has the same cases at every point.
    """
    if config.task.held_out == "none":
        return None
    first, count = stretch(replica)
    drawn = given(config.task.name, "held_out")(config.task.held_out, config.seed, first, count)
    return ~drawn[:, replica - first]
