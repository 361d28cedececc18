"""The smallest departure from print at which the family-tree net does all that is printed.

CogSci 1986 prints the constants of its run (p. 12) and three outcomes. The maps are runs of that
net over grids of constants; each but the first also takes one thing in another way. A reading is
a setting of everything but whether there is decay: it is held against all outcomes at once.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from reproduce.page.template import filled
from reproduce.verdict.claims import as_csv, markdown, number
from reproduce.verdict.kept import Kept, Runs
from reproduce.verdict.point import title_of
from reproduce.verdict.statistic import central, finite_or_none, ordered_quantile, values

FILE = "cogsci1986/departures.csv"
MAPS = "cogsci1986/family_trees_map"  # how the names of the runs begin
PRINTED = {"epsilon": 0.01, "alpha": 0.9, "init": 0.3, "decay": 0.002}  # p. 12
OWN = {  # how the name goes on: in how many things all of this map departs from print
    "": 0,
    "/masked": 0,  # Nature's wording: no error within .2 of 0 or 1, beyond it that to 0 or 1
    "/plain": 1,  # the error is that to the target everywhere
    "/presentation": 1,  # weights change after each case
    "/fan_in": 1,  # the step of a weight is over the number of links into its unit
    "/no_output_slope": 1,  # without the derivative of the output units
    "/no_biases": 0,  # whether there are biases is not printed
    "/figure8": 0,  # nor which cases are held out; here those whose answers Fig. 8 shows
}
FASTEST = 573  # H7: sweeps to negligible error, without decay
LEARNED = 0.5  # H3: all trained cases right after 1500 sweeps, in at least this share of replicas
CASES = 100  # that are trained
HELD_OUT = (3, 4)  # H8: of four cases right after 1500 sweeps, in two runs
ENOUGH = 40  # H8: replicas that have learned all trained cases; of fewer, all are the central 95%
QUANTITIES = (
    *("sweeps_to_solve", "sweeps_to_within_0.21", "trained_strict_after_1500"),
    *("trained_right_after_1500", "held_out_right_after_1500"),
)
READING = ["experiment", "epsilon", "alpha", "init"]
POINT = [*READING, "decay"]
SPEED = ("H7_median", "H7_low", "H7_high")
SHOWN = 15


def replicas_of(name: str, run: Kept) -> pd.DataFrame:
    """The replicas of one map, with experiment, epsilon, alpha, init and decay of each."""
    if name.removeprefix(MAPS) not in OWN:
        raise ValueError(f"{name}: known maps are {', '.join(MAPS + end for end in OWN)}")
    if other := run.settings.keys() - PRINTED:
        raise ValueError(f"{name}: {', '.join(sorted(other))} is none of {', '.join(PRINTED)}")
    if lacking := [quantity for quantity in QUANTITIES if quantity not in run.replicas]:
        raise ValueError(f"{name} has no quantity {', '.join(lacking)}")
    config = run.record["config"]
    fixed = {key: config["network" if key == "init" else "rule"][key] for key in PRINTED}
    fixed = {key: value for key, value in fixed.items() if key not in run.settings}
    return run.replicas.assign(experiment=name, **fixed)


def outcomes(replicas: pd.DataFrame) -> dict[str, float | bool | None]:
    """The three outcomes over the replicas of one point, and whether each agrees with print.

    All cases right means at one half. By the stricter words, only told: H7_near_median, the
    median sweeps until all outputs are within .21 of 0 or 1, and H3_strict_share, nets with all
    above .8 or below .2. H8_k_of_4: shares of the nets that have learned.
    """
    times = values("sweeps_to_solve", replicas["sweeps_to_solve"])
    low, high = central(times)
    speed = (ordered_quantile(times, 0.5), low, high)
    has_learned = replicas["trained_right_after_1500"] == CASES
    share, learned = float(has_learned.mean()), replicas[has_learned]
    held_out = learned["held_out_right_after_1500"].dropna()
    least, most = central(held_out.to_numpy(float)) if len(held_out) else (np.nan, np.nan)
    all_inside = all(least <= right <= most for right in HELD_OUT)
    return {
        **dict(zip(SPEED, map(finite_or_none, speed), strict=True)),
        "H7_n": len(times),
        "H7_near_median": finite_or_none(
            ordered_quantile(values("sweeps_to", replicas["sweeps_to_within_0.21"]), 0.5)
        ),
        "H7_agrees": low <= FASTEST <= high and np.isfinite(speed[0]),
        "H3_share": share,
        "H3_n": len(replicas),
        "H3_strict_share": float((replicas["trained_strict_after_1500"] == CASES).mean()),
        "H3_agrees": share >= LEARNED,
        **{"H8_low": least, "H8_high": most, "H8_n": len(held_out)},
        **{f"H8_{k}_of_4": float((held_out == k).mean()) for k in range(5)},
        "H8_agrees": len(held_out) >= ENOUGH and all_inside,
    }


def points_of(maps: dict[str, Kept]) -> pd.DataFrame:
    """One row for every point that was tried: its settings and its `outcomes`."""
    replicas = pd.concat([replicas_of(name, run) for name, run in maps.items()])
    rows = [
        {**dict(zip(POINT, point, strict=True)), **outcomes(group)}
        for point, group in replicas.groupby(POINT, sort=False)
    ]
    return pd.DataFrame(rows)


def departures(points: pd.DataFrame) -> pd.DataFrame:
    """One row a reading and amount of decay, those that agree with most and depart least first.

    H7 is taken at no decay and H3 and H8 at this one; nan or missing where that was not tried.
    epsilon_ratio: how many times the printed epsilon is in this one, or this in the printed.
    """
    speed = [name for name in points.columns if name.startswith("H7")]
    others = [name for name in points.columns if name.startswith(("H3", "H8"))]
    without = points.loc[points["decay"] == 0, [*READING, *speed]]
    decayed = points.loc[points["decay"] > 0, [*POINT, *others]]
    found = without.merge(decayed, on=READING, how="outer")
    agrees = [name for name in found.columns if name.endswith("_agrees")]
    counts = [name for name in found.columns if name.endswith("_n")]
    found = found.astype(dict.fromkeys(agrees, "boolean") | dict.fromkeys(counts, "Int64"))
    found["agrees_with"] = found[agrees].sum(axis=1).astype(int)
    differs = found[[*PRINTED]].fillna(PRINTED).ne(pd.Series(PRINTED)).sum(axis=1)
    own = found["experiment"].str.removeprefix(MAPS).map(OWN)
    found["departures"] = own + differs
    ratio = found["epsilon"] / PRINTED["epsilon"]
    found["epsilon_ratio"] = np.maximum(ratio, 1 / ratio)
    order = ["agrees_with", "departures", "epsilon_ratio", *POINT]
    upwards = [name != "agrees_with" for name in order]
    found = found.sort_values(order, ascending=upwards, ignore_index=True)
    first = [*POINT, "departures", "epsilon_ratio", "agrees_with"]
    return found[[*first, *found.columns.drop(first)]]


def section(runs: Runs) -> tuple[str, dict[str, str]] | None:
    """What the page of results says of the maps, and the table in full as a file by its name.

    None where no whole map is kept.
    """
    there = {name: run for name, run in runs.items() if name.startswith(MAPS)}
    maps = {name: run for name, run in there.items() if isinstance(run, Kept)}
    if not maps:
        return None
    points = points_of(maps)
    found = departures(points)
    text = filled(
        Path(__file__).with_name("departures.md.j2"),
        points=len(points),
        readings=len(found),
        agree=int((found["agrees_with"] == 3).sum()),
        strict=int((found["H3_strict_share"] >= LEARNED).sum()),
        shown=min(SHOWN, len(found)),
        table=markdown(readable(found.head(SHOWN))),
        file=FILE,
        number=number,
    )
    return text, {FILE: as_csv(found)}


def readable(found: pd.DataFrame) -> pd.DataFrame:
    """The table in words: what agrees with print in bold."""
    rows = []
    for row in found.to_dict(orient="records"):
        late = {name: "later" if pd.isna(row[name]) else number(row[name]) for name in SPEED}
        cells = {
            "H7": "{H7_median} [{H7_low}, {H7_high}]".format(**late),
            "H3": f"{row['H3_share']:.0%} of {number(row['H3_n'])}",
            "H8": "none has learned",
        }
        if not pd.isna(row["H8_n"]) and row["H8_n"]:
            spread = " ".join(f"{row[f'H8_{k}_of_4']:.0%}" for k in range(5))
            cells["H8"] = f"{spread} of {number(row['H8_n'])}"
        for claim in cells:
            if pd.isna(row[f"{claim}_agrees"]):
                cells[claim] = "not tried"
            elif row[f"{claim}_agrees"]:
                cells[claim] = f"**{cells[claim]}**"
        point = {key: row[key] for key in PRINTED if not pd.isna(row[key])}
        rows.append(
            {
                "map": row["experiment"].removeprefix("cogsci1986/"),
                "settings": title_of(point),
                "departures": row["departures"],
                **cells,
                "agrees with": row["agrees_with"],
            }
        )
    return pd.DataFrame(rows)
