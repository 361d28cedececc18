"""The learning rate and the constants of Adam (section 5.3)."""

from itertools import cycle

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page
from reproduce.run.config.formula import ScheduleExperiment
from reproduce.transformer.adam import adam
from reproduce.transformer.learning_rate import transformer

NEEDS = {"schema": "schedule"}
DRAWN_STEPS = 200


def measure(config: ScheduleExperiment) -> dict[str, float]:
    """One value for each quantity; config: with network.d_model, rule and run.steps.

    peak_step_dD, peak_rate_dD, rate_at_1_dD and rate_at_end_dD for every width D.
    branch_difference: of the two terms under the min of equation 3 at step warmup, relative.
    beta_1, beta_2, epsilon, decay: as torch's optimizer has them.
    """
    row: dict[str, float] = {}
    warmup = config.rule.warmup
    for d in config.network.d_model:
        rates = [transformer(step, d, warmup) for step in range(1, config.run.steps + 1)]
        peak = max(rates)
        row |= {
            f"peak_step_d{d}": float(rates.index(peak) + 1),
            f"peak_rate_d{d}": peak,
            f"rate_at_1_d{d}": rates[0],
            f"rate_at_end_d{d}": rates[-1],
        }
    constants = {name: getattr(config.rule, name) for name in ("beta_1", "beta_2", "epsilon")}
    (group, _) = adam([torch.nn.Parameter(torch.zeros(1, 1))], **constants).param_groups
    beta_1, beta_2 = group["betas"]
    return row | {
        "branch_difference": abs(warmup**-0.5 / (warmup * warmup**-1.5) - 1),
        "beta_1": beta_1,
        "beta_2": beta_2,
        "epsilon": group["eps"],
        "decay": group["weight_decay"],
    }


def example(config: ScheduleExperiment) -> dict:
    """The curves of the picture: steps in equal ratios, and the rate of every width at them."""
    last = config.run.steps
    steps = np.geomspace(1, last, DRAWN_STEPS).round().astype(int).tolist()
    steps = sorted({*steps, min(config.rule.warmup, last)})
    rates = {
        str(d): [transformer(step, d, config.rule.warmup) for step in steps]
        for d in config.network.d_model
    }
    return {"step": steps, "rate": rates}


def draw(record: dict, replicas: pd.DataFrame, example: dict, paper: Paper) -> dict[str, Figure]:
    """The learning rate of equation 3 for every width, with its peak."""
    figure, (axes,) = page(7, 3.6)
    colours = (POSITIVE, NEGATIVE, NEUTRAL, PUBLISHED)
    for (width, rates), colour in zip(example["rate"].items(), cycle(colours), strict=False):
        step, peak = (replicas[f"peak_{what}_d{width}"].iloc[0] for what in ("step", "rate"))
        label = f"d_model = {width}: {peak:.3e} at step {step:,.0f}"
        axes.plot(example["step"], rates, color=colour)
        axes.plot(step, peak, "o", color=colour, markersize=5, label=label)
    axes.set_xlabel("step")
    axes.set_ylabel("learning rate")
    axes.set_xlim(0, example["step"][-1])
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend(fontsize=8, frameon=False, title="highest rate", title_fontsize=8)
    axes.set_title(f"{record['experiment']}: equation 3")
    return {"schedule": figure}


def study(config: ScheduleExperiment) -> list[dict[str, float]]:
    """Its one row: nothing in it depends on chance."""
    return [measure(config)]
