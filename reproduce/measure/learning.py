"""What is asked of every population that learns: when it was right, and where it ended."""

import torch
from torch import Tensor

from reproduce.network.units import Units
from reproduce.task import RIGHT, Task


def outputs(units: Units, task: Task, weights: Tensor) -> Tensor:
    """Outputs for all cases, (output units, c, r), in double precision; weights: (P, r)."""
    return units.outputs(units.activities(units.parts(weights.double()), task.inputs[:, :, None]))


def right(units: Units, task: Task, weights: Tensor) -> Tensor:
    """Whether every output is on the right side of one half in all cases: bool (r,)."""
    off_by = (outputs(units, task, weights) - task.on[:, :, None].double()).abs()
    return (off_by < RIGHT).all(0).all(0)


def measure(trained) -> dict[str, Tensor]:
    """Columns of learning; trained: `reproduce.run.state.Trained`.

    sweeps_to_solve [sweeps]: weight-change sweeps made when first all cases are right.
    sweeps_to_within_T [sweeps]: when first every output is nearer than T to 0 or 1.
    sweeps_to_largest_weight [sweeps]: when first a weight is as large as asked for.
    solved_by_N [0 or 1]: whether at some time up to N sweeps all cases were right.
    right_at_end [0 or 1]: whether all cases are right with the last weights.
    error_at_end: E of equation 3. Neither is asked where nets leave when they are settled.
    diverged [0 or 1]: whether a weight is not a finite number, for as long as the net was there.
    """
    first = dict(trained.first)
    solved = first.pop("within_0.5")
    diverged = first.pop("diverged")
    columns = {"sweeps_to_solve": solved}
    for name, sweep in first.items():
        columns[f"sweeps_to_{name.replace('largest', 'largest_weight')}"] = sweep
    moments = [int(name[6:]) for name in trained.moments if name.startswith("after_")]
    for sweep in sorted({*moments, trained.sweeps} - {0}):
        columns[f"solved_by_{sweep}"] = (solved <= sweep).double()
    if "at_end" in trained.moments:
        end = trained.moments["at_end"]
        y = outputs(trained.units, trained.task, end)
        columns["right_at_end"] = right(trained.units, trained.task, end).double()
        columns["error_at_end"] = 0.5 * (y - trained.targets.double()).square().sum((0, 1))
    columns["diverged"] = diverged.isfinite().double()
    return columns


def weights_at(trained, moment: str) -> dict[str, Tensor]:
    """Every single weight of the nets at one of their moments, named as in `Units.names`."""
    weights = trained.moments[moment].double()
    return {
        f"{name} {moment}": row for name, row in zip(trained.units.names(), weights, strict=True)
    }


def where(holds: Tensor, columns: dict[str, Tensor], suffix: str) -> dict[str, Tensor]:
    """The columns under longer names, nan in the replicas for which `holds` is not true."""
    return {
        f"{name}_{suffix}": torch.where(holds, column.double(), torch.nan)
        for name, column in columns.items()
    }
