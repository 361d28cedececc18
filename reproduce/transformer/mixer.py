"""The other ways in which positions can see each other (section 4, Table 1)."""

from torch import Tensor, nn
from torch.nn import functional


class Recurrent(nn.Module):
    """h_t = tanh(W x_t + U h_(t-1) + b): (b, n, d) -> (b, n, d), one position after the other."""

    def __init__(self, d_model: int):
        super().__init__()
        self.net = nn.RNN(d_model, d_model, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """(b, n, d) -> (b, n, d); position t sees those up to t."""
        return self.net(x)[0]


class Convolution(nn.Module):
    """A convolution over `kernel` positions, `dilation` apart, that ends at its own one."""

    def __init__(self, d_model: int, kernel: int, dilation: int = 1):
        super().__init__()
        self.before = (kernel - 1) * dilation
        self.net = nn.Conv1d(d_model, d_model, kernel, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """(b, n, d) -> (b, n, d); position t sees the kernel's positions up to t."""
        return self.net(functional.pad(x.mT, (self.before, 0))).mT


class SeparableConvolution(nn.Module):
    """A convolution of each unit by itself, then one over all units of one position (section 4).

    k n d + n d^2 multiply-adds for a kernel of k positions, which ends at its own one.
    """

    def __init__(self, d_model: int, kernel: int):
        super().__init__()
        self.before = kernel - 1
        self.over_positions = nn.Conv1d(d_model, d_model, kernel, groups=d_model)
        self.over_units = nn.Conv1d(d_model, d_model, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, n, d) -> (b, n, d); position t sees the kernel's positions up to t."""
        return self.over_units(self.over_positions(functional.pad(x.mT, (self.before, 0)))).mT
