"""The tables of a run: the settings of a grid beside each replica, and one row a grid point."""

import pandas as pd

from reproduce.run.config.grid import Point
from reproduce.verdict.statistic import is_time, share, summary


def with_settings(table: pd.DataFrame, points: list[Point]) -> pd.DataFrame:
    """The table with the settings of its grid point before each row, indexed by the replica.

    table: a row a replica, point after point. Without a grid only the index gets its name.
    """
    per_point = len(table) // len(points)
    settings = pd.DataFrame([point for point in points for _ in range(per_point)])
    found = pd.concat([settings, table], axis=1)
    found.index = pd.Index(list(range(per_point)) * len(points), name="replica")
    return found


def by_point(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """One row a grid point: its settings, its number of replicas, and every quantity.

    A quantity q has the columns q, q_low and q_high: its median and the 95% interval of that, or,
    where it can only be 0 or 1, the share of 1 and its 95% Wilson interval. q_missing: replicas
    that have no such value or, of times, that did not get there.
    """
    shares = {name for name in table.columns if is_share(name, table[name])} - {*keys}
    rows = []
    for point, group in table.groupby(keys, sort=False):
        row = dict(zip(keys, point, strict=True)) | {"replicas": len(group)}
        for name in group.columns.drop(keys):
            row |= _columns(name, group[name], name in shares)
        rows.append(row)
    found = pd.DataFrame(rows)
    measured = found.columns.drop([*keys, "replicas"])
    return found.astype(dict.fromkeys(measured, float))


def is_share(name: str, column: pd.Series) -> bool:
    """Whether a quantity is only ever 0 or 1."""
    there = column.dropna()
    return not is_time(name) and len(there) > 0 and bool(there.isin([0, 1]).all())


def _columns(name: str, column: pd.Series, as_share: bool) -> dict[str, float | None]:
    missing = int(column.isna().sum())
    if as_share and missing < len(column):
        found = share(int(column.sum()), len(column) - missing)
    else:
        summed = summary(name, column)
        found = (summed["median"], summed["low"], summed["high"])
    names = (name, f"{name}_low", f"{name}_high", f"{name}_missing")
    return dict(zip(names, (*found, missing), strict=True))
