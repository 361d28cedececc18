"""Floating-point operations of a training from what is printed of it (section 6.1, Table 2)."""

import pandas as pd
from matplotlib.figure import Figure

from reproduce.file.paper import Paper, exact_checks
from reproduce.page.page import NEGATIVE, POSITIVE, PUBLISHED, page
from reproduce.run.config.formula import TrainingCostExperiment, TrainingCostRun

NEEDS = {"schema": "training_cost"}
HOUR, DAY = 3600, 24  # in seconds, in hours
UNIT = 1e18


def measure(run: TrainingCostRun) -> dict[str, float]:
    """One value for each quantity; run: the config section, its tflops those of one GPU.

    flops_from_hours_MODEL and flops_from_steps_MODEL [10^18]: seconds times GPUs times sustained
    operations a second (footnote 5). hours_from_steps_MODEL, days_from_steps_MODEL: steps times
    seconds a step.
    """
    row: dict[str, float] = {}
    speed = run.gpus * run.tflops * 1e12
    for name in ("base", "big"):
        printed = getattr(run, name)
        by_steps = printed.steps * printed.step_seconds
        row |= {
            f"flops_from_hours_{name}": printed.hours * HOUR * speed / UNIT,
            f"flops_from_steps_{name}": by_steps * speed / UNIT,
            f"hours_from_steps_{name}": by_steps / HOUR,
            f"days_from_steps_{name}": by_steps / HOUR / DAY,
        }
    return row


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Computed over printed, beside the range that rounds to what is printed."""
    checks = exact_checks(paper, record["experiment"])
    figure, (axes,) = page(7.5, 3)
    for place, check in enumerate(checks):
        found, printed = replicas[check.quantity].iloc[0], float(check.published)
        assert check.decimals is not None  # of rule exact
        half = 0.5 * 10**-check.decimals / printed
        agrees = round(found, check.decimals) == printed
        axes.plot([1 - half, 1 + half], [place, place], color=PUBLISHED, linewidth=9, alpha=0.3)
        axes.plot(found / printed, place, "o", color=POSITIVE if agrees else NEGATIVE)
        axes.annotate(
            f"{found:.4g}",
            (found / printed, place),
            (0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    labels = [f"{check.statement}\nprinted {check.published:g} {check.unit}" for check in checks]
    axes.set_yticks(range(len(checks)), labels, fontsize=7)
    axes.set_ylim(len(checks) - 0.4, -0.8)
    axes.set_xlabel("computed over printed (band: rounds to what is printed)")
    axes.set_title(record["experiment"])
    return {"training_cost": figure}


def study(config: TrainingCostExperiment) -> list[dict[str, float]]:
    """Its one row: nothing in it depends on chance."""
    return [measure(config.run)]
