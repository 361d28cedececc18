"""What is asked of every population that learns: when it was right, and where it ended."""

import torch
from torch import Tensor

from reproduce.units.task import RIGHT
from reproduce.units.trained import Trained


def outputs(trained: Trained, weights: Tensor) -> Tensor:
    """Outputs for all cases, (output units, c, r), in double precision; weights: (P, r)."""
    units, inputs = trained.units, trained.task.inputs[..., None]
    return units.outputs(units.activities(units.parts(weights.double()), inputs))


def right(trained: Trained, weights: Tensor) -> Tensor:
    """Whether every output is on the right side of one half in all trained cases: bool (r,)."""
    off_by = (outputs(trained, weights) - trained.task.on[:, :, None].double()).abs()
    within, asked = off_by < RIGHT, trained.task.asked
    fine = (within if asked is None else within | ~asked[:, :, None]).all(0)  # (c, r)
    return (fine if trained.trains is None else fine | ~trained.trains).all(0)


def measure(trained: Trained) -> dict[str, Tensor]:
    """Columns of learning.

    sweeps_to_solve [sweeps]: weight-change sweeps made when first all cases are right.
    sweeps_to_within_T [sweeps]: when first every output is nearer than T to 0 or 1.
    sweeps_to_case_error_E, sweeps_to_total_error_E [sweeps]: when first the squared error, summed
    over the outputs, is below E in every case, or in all cases together.
    sweeps_to_largest_weight [sweeps]: when first a weight is as large as asked for.
    solved_by_N [0 or 1]: whether at some time up to N sweeps all cases were right; of cases
    that are held out neither this nor what follows speaks.
    right_at_end [0 or 1]: whether all cases are right with the last weights.
    error_at_end: E of equation 3. Neither is there with run.stop=settled, where nets leave early.
    diverged [0 or 1]: whether a weight is not a finite number, for as long as the net was there.
    """
    first = dict(trained.first)
    solved = first.pop("within_0.5")
    diverged = first.pop("diverged")
    columns = {"sweeps_to_solve": solved}
    for name, reached in first.items():
        columns[f"sweeps_to_{name.replace('largest', 'largest_weight')}"] = reached
    moments = [int(name[6:]) for name in trained.moments if name.startswith("after_")]
    for sweep in sorted({*moments, trained.sweeps} - {0}):
        columns[f"solved_by_{sweep}"] = (solved <= sweep).double()
    if "at_end" in trained.moments:
        end = trained.moments["at_end"]
        columns["right_at_end"] = right(trained, end).double()
        columns["error_at_end"] = trained.error(outputs(trained, end))
    columns["diverged"] = diverged.isfinite().double()
    return columns


def weights_at(trained: Trained, moment: str) -> dict[str, Tensor]:
    """Every single weight of the nets at one of their moments, named as in `Units.names`."""
    weights = trained.moments[moment].double()
    return {
        f"{name} {moment}": row for name, row in zip(trained.units.names(), weights, strict=True)
    }


def where(holds: Tensor, columns: dict[str, Tensor], suffix: str) -> dict[str, Tensor]:
    """The same columns, each called NAME_SUFFIX; nan for the replicas where `holds` is false."""
    return {
        f"{name}_{suffix}": torch.where(holds, column.double(), torch.nan)
        for name, column in columns.items()
    }
