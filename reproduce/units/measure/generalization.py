"""How many cases nets answer that they train on, and that they have never seen.

CogSci 1986, p. 6 and 9. A case is one input with its whole set of answers.
"""

import torch
from torch import Tensor

from reproduce.units.measure.learning import outputs
from reproduce.units.task import RIGHT
from reproduce.units.trained import Trained

NEEDS = {"schema": "units", "hidden_grid": True}
LOW, HIGH = 0.2, 0.8  # where "off" ends and "on" begins (p. 6)


def measure(trained: Trained) -> dict[str, Tensor]:
    """Columns of `counts` at each of `moments`. trained_cases: how many a replica trains on."""
    on, trains = trained.task.on, trained_on(trained)
    columns = {"trained_cases": trains.sum(0).double()}
    for moment in moments(trained):
        found = counts(outputs(trained, trained.moments[moment]), on, trains, trained.task.asked)
        columns |= {f"{name}_{moment}": column for name, column in found.items()}
    return columns


def moments(trained: Trained) -> list[str]:
    """After some sweeps, in order; the end too unless it is one of these or not kept."""
    names = [name for name in trained.moments if name.startswith("after_")]
    after = sorted(names, key=lambda name: int(name.removeprefix("after_")))
    if f"after_{trained.sweeps}" in after or "at_end" not in trained.moments:
        return after
    return [*after, "at_end"]


def trained_on(trained: Trained) -> Tensor:
    """Which cases the replicas train on, bool (c, r); all unless the run says otherwise."""
    if trained.trains is not None:
        return trained.trains
    return torch.ones(trained.task.on.shape[1], trained.size, dtype=torch.bool)


def counts(y: Tensor, on: Tensor, trains: Tensor, asked: Tensor | None = None) -> dict[str, Tensor]:
    """How many cases the nets answer; y: (j, c, r), on: (j, c), trains: (c, r).

    trained_right, held_out_right [cases]: every output is on its side of one half (p. 9).
    trained_strict, held_out_strict [cases]: every output is above .8 or below .2 (p. 6).
    The held-out ones are nan where no case is held out. asked: (j, c), outputs with a target.
    """
    on = on[:, :, None]
    free = torch.zeros_like(on) if asked is None else ~asked[:, :, None]
    right = (torch.where(on, y > RIGHT, y < RIGHT) | free).all(0)  # (c, r)
    strict = (torch.where(on, y > HIGH, y < LOW) | free).all(0)
    found = {}
    for name, held in (("right", right), ("strict", strict)):
        found[f"trained_{name}"] = (held & trains).sum(0).double()
        among = (held & ~trains).sum(0).double()
        found[f"held_out_{name}"] = torch.where(trains.all(0), torch.nan, among)
    return found
