"""What label smoothing does to the loss (section 5.4), in three conventions."""

import math

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, NEUTRAL, POSITIVE, PUBLISHED, page
from reproduce.run.config.formula import SmoothingExperiment
from reproduce.transformer.smoothing import LEFT_OUT, cross_entropy, floor, shares

NEEDS = {"schema": "smoothing"}
PADDING, RIGHT = 0, 1  # two tokens
LINES = {"all": "-", "others": "--", "without_pad": ":"}
PROBABILITIES = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
WORDS = {
    "all": "eps / V on every token",
    "others": "eps / (V - 1) on the wrong ones",
    "without_pad": "eps / (V - 2), none on padding",
}


def loss_at(V: int, smoothing: float, convention: str, p: float) -> float:
    """The smoothed loss in nats where the right token has probability p.

    The tokens among which the smoothing is shared out have the rest in equal parts; of `all` the
    wrong ones.
    """
    _, _, wrong = shares(V, smoothing, convention)
    logits = torch.full((1, V), math.log((1 - p) / wrong), dtype=torch.float64)
    logits[0, RIGHT] = math.log(p)
    if convention == "without_pad":
        logits[0, PADDING] = -math.inf
    return cross_entropy(logits, torch.tensor([RIGHT]), smoothing, convention, PADDING).item()


def measure(config: SmoothingExperiment) -> dict[str, float]:
    """One value for each quantity; config: with network.vocabulary and rule.

    floor_CONVENTION_VV_E [nats]: the least smoothed loss of V tokens and smoothing E.
    floor_error: of the formula, against the loss of the smoothed target itself.
    least_perplexity_E: e to the least floor of the first V. printed_perplexity_is_below_E: 1 where
    the printed one is smaller than that, so that it cannot be of the smoothed loss.
    """
    rule, row, errors = config.rule, {}, []
    for V in config.network.vocabulary:
        for smoothing in rule.smoothing:
            for convention in LEFT_OUT:
                on, _, _ = shares(V, smoothing, convention)
                least = floor(V, smoothing, convention)
                row[f"floor_{convention}_V{V}_{smoothing:g}"] = least
                errors.append(abs(loss_at(V, smoothing, convention, on) - least))
    for smoothing, printed in zip(rule.smoothing, rule.printed_perplexity, strict=True):
        V = config.network.vocabulary[0]
        least = math.exp(min(row[f"floor_{name}_V{V}_{smoothing:g}"] for name in LEFT_OUT))
        row[f"least_perplexity_{smoothing:g}"] = least
        row[f"printed_perplexity_is_below_{smoothing:g}"] = float(printed < least)
    return row | {"floor_error": max(errors)}


def example(config: SmoothingExperiment) -> dict:
    """The curves of the picture, by vocabulary and convention, for the first smoothing.

    probability: of the right token. loss: a list of losses in nats; plain: without smoothing.
    """
    smoothing = config.rule.smoothing[0]
    log_odds = np.linspace(-7, 7, 141)
    probability = (1 / (1 + np.exp(-log_odds))).tolist()
    losses = {
        str(V): {
            name: [round(loss_at(V, smoothing, name, p), 5) for p in probability]
            for name in LEFT_OUT
        }
        for V in config.network.vocabulary
    }
    return {"probability": [round(p, 6) for p in probability], "loss": losses}


def draw(record: dict, replicas: pd.DataFrame, example: dict, paper: Paper) -> dict[str, Figure]:
    """The smoothed loss against the probability of the right token, and its floors."""
    probability, smoothing = example["probability"], record["config"]["rule"]["smoothing"][0]
    figure, panels = page(9, 4.6, len(example["loss"]))
    for axes, (vocabulary, losses) in zip(panels, example["loss"].items(), strict=True):
        axes.plot(probability, -np.log(probability), color=NEUTRAL, label="without smoothing")
        for (name, line), colour in zip(
            LINES.items(), (POSITIVE, NEGATIVE, PUBLISHED), strict=True
        ):
            least = replicas[f"floor_{name}_V{vocabulary}_{smoothing:g}"].iloc[0]
            label = f"{WORDS[name]}: at least {least:.3f}"
            axes.plot(probability, losses[name], line, color=colour, label=label)
            axes.axhline(least, linestyle=line, color=colour, linewidth=0.7)
        axes.set_xscale("logit")
        axes.set_xlabel("probability of the right token")
        axes.set_ylabel("loss in nats")
        axes.set_ylim(0, 4)
        axes.set_xticks(PROBABILITIES, map(str, PROBABILITIES))
        axes.minorticks_off()
        axes.set_title(f"V = {int(vocabulary):,}, eps = {smoothing:g}")
        axes.legend(fontsize=7, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.17))
    figure.suptitle(record["experiment"], fontsize=10)
    return {"smoothing": figure}


def study(config: SmoothingExperiment) -> list[dict[str, float]]:
    """Its one row: nothing in it depends on chance."""
    return [measure(config)]
