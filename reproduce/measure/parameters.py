"""How many parameters the Transformers of Table 3 have, counted on modules that are built."""

import torch
from torch import nn

from reproduce.network.attention import MultiHeadAttention
from reproduce.network.layer import Layer
from reproduce.network.transformer import Transformer

MILLION = 1e6


def count(module: nn.Module) -> int:
    """Number of parameters; one that is used in several places counts once."""
    return sum(parameter.numel() for parameter in module.parameters())


def measure(network) -> dict[str, float]:
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
    sublayers = [m for m in models["base"].modules() if isinstance(m, MultiHeadAttention)]
    wide = models["big"].encoder[0].attention
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
