"""What is printed, and what follows, of the positional encoding (section 3.5)."""

import math

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from scipy.linalg import toeplitz
from torch import Tensor

from reproduce.file.paper import Paper
from reproduce.page.page import NEGATIVE, POSITIVE, page
from reproduce.run.config.formula import PositionsExperiment, PositionsNetwork
from reproduce.transformer.position import positional_encoding

NEEDS = {"schema": "positions"}
DRAWN_POSITIONS = 80


def doubles(positions: int, d_model: int) -> Tensor:
    """The encoding in float64: (positions, d_model)."""
    return positional_encoding(positions, d_model, dtype=torch.float64)


def offset_map(k: int, d_model: int) -> Tensor:
    """M with PE(pos + k) = M PE(pos) for every pos: (d_model, d_model), float64.

    One rotation for each pair of sine and cosine, by k times the pair's angle a position:
    sin(a + b) = cos b sin a + sin b cos a, cos(a + b) = -sin b sin a + cos b cos a.
    """
    turns = [k / 10000 ** (even / d_model) for even in range(0, d_model, 2)]
    return torch.block_diag(
        *(
            torch.tensor(
                [[math.cos(b), math.sin(b)], [-math.sin(b), math.cos(b)]], dtype=torch.float64
            )
            for b in turns
        )
    )


def map_error(encoding: Tensor, offsets: list[int]) -> float:
    """The largest |PE(pos + k) - M_k PE(pos)| over all pos and the offsets k; computed in the
    precision of the encoding (positions, d_model).
    """
    moved = {k: offset_map(k, encoding.shape[1]).to(encoding) for k in offsets}
    errors = [(encoding[k:] - encoding[:-k] @ M.T).abs().max() for k, M in moved.items()]
    return max(errors).item()


def similarities(encoding: Tensor) -> Tensor:
    """PE(p) . PE(q) over the squared norm d_model / 2: (positions, positions)."""
    return encoding @ encoding.T / (encoding.shape[1] / 2)


def wavelength(sine: Tensor, cosine: Tensor) -> float:
    """The wavelength of one pair of dimensions [2 pi positions], from its values at position 1.

    The angle there is atan2(sine, cosine); the wavelength is 2 pi over it.
    """
    return 1 / math.atan2(sine.item(), cosine.item())


def tensor2tensor(positions: int, d_model: int) -> Tensor:
    """The encoding of the authors' tensor2tensor in float64: (positions, d_model).

    All sines, then all cosines; the frequencies go down in equal ratios to 1 / 10000 itself,
    since their number less 1 stands in the exponent (`num_timescales - 1`).
    """
    frequencies = torch.logspace(0, -4, d_model // 2, dtype=torch.float64)
    angle = torch.arange(positions, dtype=torch.float64)[:, None] * frequencies
    return torch.cat([angle.sin(), angle.cos()], -1)


def measure(network: PositionsNetwork) -> dict[str, float]:
    """One value for each quantity; network: the config section.

    Of the first width d: at_0_error against (0, 1, 0, 1, ...); sine_at_1 and cosine_at_1, the
    first pair; norm_error, the largest
    distance of the squared norm from d / 2; map_error in float64
    and, of the table that a float32 network adds, in float32; distance_error, how far
    PE(p) . PE(q) is from a function of |p - q| alone, over d / 2; similarity_K at each offset K.
    first_wavelength, last_wavelength_dD and last_wavelength_tensor2tensor_dD in units of 2 pi,
    from the values at position 1.
    """
    width, *_ = network.d_model
    encoding = doubles(network.positions, width)
    start = torch.tensor([0.0, 1.0], dtype=torch.float64).repeat(width // 2)
    squares, alike = encoding.square().sum(-1), similarities(encoding)
    row = {
        "at_0_error": (encoding[0] - start).abs().max().item(),
        "sine_at_1": encoding[1, 0].item(),
        "cosine_at_1": encoding[1, 1].item(),
        "norm_error": (squares - width / 2).abs().max().item(),
        "map_error": map_error(encoding, network.offsets),
        "map_error_float32": map_error(encoding.float(), network.offsets),
        "distance_error": float(np.abs(alike.numpy() - toeplitz(alike[0])).max()),
        "first_wavelength": wavelength(*encoding[1, :2]),
    }
    row |= {f"similarity_{k}": alike[0, k].item() for k in network.offsets}
    for d in network.d_model:
        theirs = tensor2tensor(2, d)[1]
        row[f"last_wavelength_d{d}"] = wavelength(*doubles(2, d)[1, -2:])
        row[f"last_wavelength_tensor2tensor_d{d}"] = wavelength(theirs[d // 2 - 1], theirs[-1])
    return row


def example(config: PositionsExperiment) -> dict:
    """For the picture: the first positions at the smallest width, and similarity by distance.

    encoding: a row a position, a column a dimension. similarity: of the first width, from 0 up.
    """
    network = config.network
    drawn = doubles(min(DRAWN_POSITIONS, network.positions), min(network.d_model))
    alike = similarities(doubles(network.positions, network.d_model[0]))[0]
    return {
        "encoding": [[round(x, 3) for x in row] for row in drawn.tolist()],
        "similarity": [round(x, 4) for x in alike.tolist()],
    }


def draw(record: dict, replicas: pd.DataFrame, example: dict, paper: Paper) -> dict[str, Figure]:
    """The encoding as a map, and how alike two positions are by their distance."""
    encoding = np.array(example["encoding"])
    figure, (table, alike) = page(9, 3.6, 2)
    image = table.imshow(encoding, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    bar = figure.colorbar(image, ax=table)
    bar.ax.tick_params(labelsize=8)
    bar.set_label("PE(pos, dimension)", fontsize=9)
    table.set_xlabel("dimension (even: sine, odd: cosine)")
    table.set_ylabel("position")
    table.set_title(f"d_model = {encoding.shape[1]}")
    alike.plot(example["similarity"], color=POSITIVE)
    for k in record["config"]["network"]["offsets"]:
        value = replicas[f"similarity_{k}"].iloc[0]
        alike.plot(k, value, "o", color=NEGATIVE, markersize=4)
        words = f"{value:.3f} at {k}"
        alike.annotate(words, (k, value), (6, 4), textcoords="offset points", fontsize=8)
    alike.set_xlabel("distance of the two positions")
    alike.set_ylabel("dot product over $d_{model}/2$")
    alike.set_ylim(0, 1.05)
    alike.set_title(f"d_model = {record['config']['network']['d_model'][0]}")
    figure.suptitle(record["experiment"], fontsize=10)
    return {"positions": figure}


def study(config: PositionsExperiment) -> list[dict[str, float]]:
    """Its one row: nothing in it depends on chance."""
    return [measure(config.network)]
