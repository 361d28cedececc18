"""How far derivations of the same numbers are apart."""

import pandas as pd
from matplotlib.figure import Figure

from reproduce.file.paper import Paper
from reproduce.page.page import POSITIVE, page


def draw_errors(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Relative differences between the derivations, one point a random net."""
    title = record["experiment"]
    names = [column for column in replicas.columns if column.startswith("error")]
    figure, (axes,) = page(7, 2.6)
    for place, name in enumerate(names):
        values = replicas[name].clip(lower=1e-18)
        spread = (values.rank(method="first") / len(values) - 0.5) * 0.6
        axes.scatter(values, place + spread, s=4, color=POSITIVE, alpha=0.6, rasterized=True)
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_xlabel("largest relative difference (float64)")
    axes.set_title(f"{title}: {len(replicas)} random nets")
    return {"errors": figure}
