"""What tells a Transformer the order of its tokens (section 3.5)."""

import torch
from torch import Tensor, nn


def positional_encoding(
    length: int,
    d_model: int,
    dtype: torch.dtype = torch.float64,
    device: torch.device | None = None,
) -> Tensor:
    """PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i+1) = cos(the same): (length, d).

    Section 3.5. It is computed in float64, whatever dtype it comes in.
    """
    position = torch.arange(length, dtype=torch.float64, device=device)[:, None]
    even = torch.arange(0, d_model, 2, dtype=torch.float64, device=device)
    angle = position / 10000 ** (even / d_model)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)[:, :d_model].to(dtype)


class Sinusoids(nn.Module):
    """The positional encoding as a table, twice as long or more when a longer text comes."""

    def __init__(self, d_model: int):
        super().__init__()
        self.d_model = d_model
        self.table = torch.empty(0, d_model)

    def forward(self, first: int, x: Tensor) -> Tensor:
        """The encodings of the positions of x (b, n, d), the first of which is `first`: (n, d)."""
        end = first + x.shape[1]
        if len(self.table) < end or (self.table.dtype, self.table.device) != (x.dtype, x.device):
            length = max(end, 2 * len(self.table))
            self.table = positional_encoding(length, self.d_model, dtype=x.dtype, device=x.device)
        return self.table[first:end]


class LearnedPositions(nn.Module):
    """A vector for each of `longest` positions (Table 3, row E)."""

    def __init__(self, d_model: int, longest: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(longest, d_model))

    def forward(self, first: int, x: Tensor) -> Tensor:
        """As `Sinusoids`. ValueError past the last position."""
        end = first + x.shape[1]
        if end > len(self.weight):
            raise ValueError(f"{end} positions: allowed are at most {len(self.weight)}")
        return self.weight[first:end]
