"""What TensorBoard shows of sequence models while they learn, and the curves of a run."""

import pandas as pd

from reproduce.run.config.grid import Point
from reproduce.run.tracking import BAND, Tracker

SHOWN = ("loss", "accuracy")
TESTS = ["step", "loss", "accuracy", "rate"]


def title(point: Point) -> str:
    """The end of a tag: which point; nothing without a grid."""
    return "".join(f" {key}={value}" for key, value in point.items())


def bands(all_points: list[Point]) -> list[str]:
    """The names of the charts with bands."""
    return [f"{what}{title(point)}" for point in all_points for what in SHOWN]


def show_tests(
    tracker: Tracker, point: Point, replica: int, tests: list[list[float]], rate: bool
) -> None:
    """Add the tests of one replica; rate: whether its learning rate too."""
    for step, loss, right, own_rate in tests:
        values = dict(zip(SHOWN, (loss, right), strict=True))
        values = {f"{what}{title(point)}/replica_{replica}": v for what, v in values.items()}
        tracker.scalars(int(step), values | ({"learning rate": own_rate} if rate else {}))


def curve(point: Point, tests: list[list[list[float]]]) -> pd.DataFrame:
    """Rows of curves.csv for one grid point, from the tests of each of its replicas.

    replicas: those still there at that step. _low and _high: the least and the greatest of them.
    """
    frames = [pd.DataFrame(own, columns=TESTS) for own in tests]
    rows = []
    for _, group in pd.concat(frames).groupby("step"):
        step, rate = int(group["step"].iloc[0]), group["rate"].iloc[0]
        row = point | {"step": step, "replicas": len(group), "rate": rate}
        for what in SHOWN:
            found = (group[what].median(), group[what].min(), group[what].max())
            row |= {f"{what}_{end}": v for end, v in zip(BAND, found, strict=True)}
        rows.append(row)
    return pd.DataFrame(rows)


def show_curve(tracker: Tracker, point: Point, rows: pd.DataFrame) -> None:
    """Add the median and the range over the replicas of one point."""
    for row in rows.to_dict(orient="records"):
        values = {
            f"{what}{title(point)}/{end}": row[f"{what}_{end}"] for what in SHOWN for end in BAND
        }
        tracker.scalars(row["step"], values)
