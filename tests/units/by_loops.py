"""Nets of every kind of link, unit by unit: equations 1 to 7 as plain loops through all steps.

Nothing here comes from the package but what `assert_as_by_loops` holds against it. A net is a list
of ties between two units; a weight is known by its name, which ties may have in common.
"""

import math
from dataclasses import dataclass, field

import torch

from reproduce.units import squared_error
from reproduce.units.cases import Cases
from reproduce.units.gradient import Gradient
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.task import Task

H = 1e-5  # of the central differences


@dataclass
class Loops:
    """One net. ties: (receiving group, j, sending group, i, name of the weight, delay).

    biases: by (group, j) the name of the weight. sizes: units of each group. inputs: groups that
    the cases give. outputs: (group, j, step) in order. steps: how often it is run, None for once.
    """

    ties: list[tuple]
    biases: dict[tuple, str]
    sizes: dict[str, int]
    inputs: list[str]
    outputs: list[tuple]
    steps: int | None = None
    begins: dict[str, float] = field(default_factory=dict)

    def given(self, group: str, j: int, step: int, case) -> float:
        """The activity of an input unit; case: [unit] or [step][unit]."""
        before = self.inputs[: self.inputs.index(group)]
        now = case[step] if isinstance(case[0], list) else case
        return now[sum(self.sizes[name] for name in before) + j]

    def activity(self, w: dict, unit: tuple, case, y: dict) -> float:
        """Equations 1 and 2 for unit (group, j, step), and for all that it hears of, into y."""
        group, j, step = unit
        if unit not in y:
            heard = [tie for tie in self.ties if tie[:2] == (group, j)]
            computed = heard or (group, j) in self.biases
            if group in self.inputs and (not computed or step == 0):
                y[unit] = self.given(group, j, step, case)
            elif step == 0:
                y[unit] = self.begins[group]
            else:
                x = w[self.biases[group, j]] if (group, j) in self.biases else 0.0
                for _, _, source, i, name, delay in heard:
                    x += w[name] * self.activity(w, (source, i, step - delay), case, y)
                y[unit] = 1 / (1 + math.exp(-x))
        return y[unit]

    def forward(self, w: dict, case) -> dict:
        """All activities that the outputs hear of, each after those that it hears of itself."""
        y = {}
        for unit in self.outputs:
            self.activity(w, unit, case, y)
        return y

    def error(self, w: dict, inputs: list, targets: list) -> float:
        """Equation 3 over all outputs that have a target."""
        total = 0.0
        for case, wanted in zip(inputs, targets, strict=True):
            y = self.forward(w, case)
            for unit, d in zip(self.outputs, wanted, strict=True):
                total += 0.0 if math.isnan(d) else 0.5 * (y[unit] - d) ** 2
        return total

    def slopes(self, w: dict, inputs: list, targets: list) -> dict:
        """Equations 4 to 7: dE/dw by name, summed over cases, steps and all uses."""
        dE_dw = dict.fromkeys(w, 0.0)
        for case, wanted in zip(inputs, targets, strict=True):
            y = self.forward(w, case)
            dE_dy = dict.fromkeys(y, 0.0)
            for unit, d in zip(self.outputs, wanted, strict=True):
                dE_dy[unit] += 0.0 if math.isnan(d) else y[unit] - d
            for unit in reversed(list(y)):
                group, j, step = unit
                heard = [tie for tie in self.ties if tie[:2] == (group, j)]
                if (self.steps is not None and step == 0) or (group in self.inputs and not heard):
                    continue
                dE_dx = dE_dy[unit] * y[unit] * (1 - y[unit])
                if (group, j) in self.biases:
                    dE_dw[self.biases[group, j]] += dE_dx
                for _, _, source, i, name, delay in heard:
                    dE_dw[name] += dE_dx * y[source, i, step - delay]
                    dE_dy[source, i, step - delay] += dE_dx * w[name]
        return dE_dw

    def central_differences(self, w: dict, inputs: list, targets: list) -> dict:
        """(E(w + h) - E(w - h)) / 2h by name."""
        found = {}
        for name in w:
            ends = [self.error(w | {name: w[name] + h}, inputs, targets) for h in (H, -H)]
            found[name] = (ends[0] - ends[1]) / (2 * H)
        return found


def full(group: str, j_units: int, source: str, i_units: int, name, delay: int = 0) -> list[tuple]:
    """Ties of every unit with every unit; name: (j, i) -> name of the weight, units from 1."""
    return [
        (group, j, source, i, name(j + 1, i + 1), delay)
        for j in range(j_units)
        for i in range(i_units)
    ]


def plain(group: str, source: str):
    """The name of a weight that two units have for themselves."""
    return lambda j, i: f"{group}.{j}<{source}.{i}"


def own_biases(**sizes: int) -> dict[tuple, str]:
    """A bias for each unit of the groups."""
    return {(group, j): f"bias {group}.{j + 1}" for group, n in sizes.items() for j in range(n)}


def assert_as_by_loops(loops: Loops, words: dict, count: int = 3, holes: bool = False) -> Units:
    """Hold outputs and slopes of the program against the loops, autograd and differences.

    words: of `plan`. count: cases. holes: leave some targets out.
    """
    chance = torch.Generator().manual_seed(5)
    units = Units(plan(**words))
    names = units.names()
    used = {tie[4] for tie in loops.ties} | set(loops.biases.values())
    assert set(names) == used
    assert len(names) == len(used) == units.P
    replicas, wide = 2, sum(loops.sizes[group] for group in loops.inputs)
    weights = torch.rand(units.P, replicas, generator=chance, dtype=torch.float64) * 3 - 1.5
    by_step = () if loops.steps is None else (loops.steps + 1,)
    inputs = torch.rand(*by_step, wide, count, generator=chance, dtype=torch.float64)
    targets = torch.rand(len(loops.outputs), count, generator=chance).round().double()
    if holes:
        targets[torch.rand(targets.shape, generator=chance) < 0.4] = torch.nan
    task = Task.of(Cases(inputs.numpy(), targets.numpy()))
    d, on = task.targets(0.1, 0.9)[..., None], task.on[..., None].double()
    lesson = {"targets": d, "on": on}
    if task.asked is not None:
        assert holes
        lesson["asked"] = task.asked[..., None].double()
        d = d.where(task.asked[..., None], torch.nan)
    leaf = weights.clone().requires_grad_()
    y = units.outputs(units.activities(units.parts(leaf), inputs[..., None]))
    squared_error.error(y.where(~d.isnan(), 0), d.nan_to_num(0)).sum().backward()
    activities = units.activities(units.parts(weights), inputs[..., None])
    program = Gradient()(units, weights, activities, lesson)
    torch.testing.assert_close(program, leaf.grad, rtol=1e-10, atol=1e-12)
    moved = inputs.permute(-1, *range(inputs.dim() - 1)).tolist()
    wanted = d[..., 0].T.tolist()
    for r in range(replicas):
        w = dict(zip(names, weights[:, r].tolist(), strict=True))
        by_hand = [[loops.forward(w, case)[unit] for case in moved] for unit in loops.outputs]
        torch.testing.assert_close(
            units.outputs(activities)[..., r],
            torch.tensor(by_hand, dtype=torch.float64),
            rtol=1e-12,
            atol=0,
        )
        slopes = loops.slopes(w, moved, wanted)
        found = dict(zip(names, program[:, r].tolist(), strict=True))
        differences = loops.central_differences(w, moved, wanted)
        for name in names:
            assert math.isclose(found[name], slopes[name], rel_tol=1e-9, abs_tol=1e-12), name
            assert math.isclose(slopes[name], differences[name], rel_tol=1e-5, abs_tol=1e-8), name
    return units
