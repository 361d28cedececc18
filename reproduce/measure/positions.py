"""What is printed, and what follows, of the positional encoding (section 3.5)."""

import math

import numpy as np
import torch
from scipy.linalg import toeplitz
from torch import Tensor

from reproduce.network.position import positional_encoding

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


def longest_wavelength(sine: Tensor, cosine: Tensor) -> float:
    """Of one pair, from its values at position 1: 2 pi over the angle, in units of 2 pi."""
    return 1 / math.atan2(sine.item(), cosine.item())


def tensor2tensor(positions: int, d_model: int) -> Tensor:
    """The encoding of the authors' tensor2tensor in float64: (positions, d_model).

    All sines, then all cosines; the frequencies go down in equal ratios to 1 / 10000 itself,
    since their number less 1 stands in the exponent (`num_timescales - 1`).
    """
    frequencies = torch.logspace(0, -4, d_model // 2, dtype=torch.float64)
    angle = torch.arange(positions, dtype=torch.float64)[:, None] * frequencies
    return torch.cat([angle.sin(), angle.cos()], -1)


def measure(network) -> dict[str, float]:
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
        "first_wavelength": longest_wavelength(*encoding[1, :2]),
    }
    row |= {f"similarity_{k}": alike[0, k].item() for k in network.offsets}
    for d in network.d_model:
        theirs = tensor2tensor(2, d)[1]
        row[f"last_wavelength_d{d}"] = longest_wavelength(*doubles(2, d)[1, -2:])
        row[f"last_wavelength_tensor2tensor_d{d}"] = longest_wavelength(
            theirs[d // 2 - 1], theirs[-1]
        )
    return row


def example(network) -> dict:
    """For the picture: the first positions at the smallest width, and similarity by distance.

    encoding: a row a position, a column a dimension. similarity: of the first width, from 0 up.
    """
    drawn = doubles(min(DRAWN_POSITIONS, network.positions), min(network.d_model))
    alike = similarities(doubles(network.positions, network.d_model[0]))[0]
    return {
        "encoding": [[round(x, 3) for x in row] for row in drawn.tolist()],
        "similarity": [round(x, 4) for x in alike.tolist()],
    }
