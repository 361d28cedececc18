"""How many parameters the Transformers of Table 3 have, counted on modules that are built."""

import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import nn

from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, POSITIVE, PUBLISHED, page
from reproduce.run.config.study import TransformerExperiment, TransformerNetwork
from reproduce.transformer.attention import MultiHeadAttention
from reproduce.transformer.layer import Layer
from reproduce.transformer.model import Transformer

NEEDS = {"schema": "transformer"}
MILLION = 1e6


def count(module: nn.Module) -> int:
    """Number of parameters; one that is used in several places counts once."""
    return sum(parameter.numel() for parameter in module.parameters())


def attentions(model: nn.Module) -> list[MultiHeadAttention]:
    """All attention sub-layers, those of the encoder first."""
    return [module for module in model.modules() if isinstance(module, MultiHeadAttention)]


def measure(network: TransformerNetwork) -> dict[str, float]:
    """One value for each quantity; network: the config section (vocabulary, rows of Table 3).

    parameters_ROW [10^6]: of the row's model. rows_A_spread: largest minus smallest count of the
    rows A and base. base_minus_ROW [10^6] for the rows B. body_of_base: without the embedding.
    attention_sublayers_of_base, heads_of_base, head_width_of_big: as built.
    """
    models = {}
    with torch.device("meta"):
        for name, shape in network.rows.items():
            letters = dict(vars(shape))
            models[name] = Transformer(network.vocabulary, letters.pop("N"), Layer(**letters))
    total = {name: count(model) for name, model in models.items()}
    same = [total[name] for name in total if name == "base" or name.startswith("A_")]
    sublayers, wide = attentions(models["base"]), attentions(models["big"])[0]
    columns = {f"parameters_{name}": number / MILLION for name, number in total.items()}
    columns |= {
        f"base_minus_{name}": (total["base"] - number) / MILLION
        for name, number in total.items()
        if name.startswith("B_")
    }
    return columns | {
        "rows_A_spread": float(max(same) - min(same)),
        "body_of_base": float(total["base"] - count(models["base"].source_embedding)),
        "attention_sublayers_of_base": float(len(sublayers)),
        "heads_of_base": float(sum(sublayer.h for sublayer in sublayers)),
        "head_width_of_big": wide.W_Q.out_features / wide.h,
    }


def draw(
    record: dict, replicas: pd.DataFrame, example: dict | None, paper: Paper
) -> dict[str, Figure]:
    """Counted minus printed parameters for every printed figure of Table 3."""
    title = record["experiment"]
    rows = {
        check.quantity: float(check.published)
        for claim in paper.claims
        for check in claim.checks
        if check.quantity.startswith("parameters_") and title in check.experiments
    }
    names = [name for name in rows if name in replicas]
    off = [replicas[name].iloc[0] - rows[name] for name in names]
    figure, (axes,) = page(7, 3.7)
    agree = [abs(round(replicas[name].iloc[0]) - rows[name]) == 0 for name in names]
    colours = [POSITIVE if same else NEGATIVE for same in agree]
    axes.axvspan(-0.5, 0.5, color=PUBLISHED, alpha=0.15, label="rounds to the printed figure")
    axes.scatter(off, range(len(names)), color=colours, zorder=3)
    labels = [f"{name.removeprefix('parameters_')}  (printed {rows[name]:g})" for name in names]
    axes.set_yticks(range(len(names)), labels)
    axes.invert_yaxis()
    axes.set_xlabel("counted minus printed, millions of parameters")
    axes.set_title(f"{title}: {sum(agree)} of {len(names)} agree")
    figure.legend(loc="outside lower center", fontsize=7.5)
    return {"parameters": figure}


def study(config: TransformerExperiment) -> list[dict[str, float]]:
    """Its one row: nothing in it depends on chance."""
    return [measure(config.network)]
