"""Adam (Kingma & Ba, arXiv:1412.6980, algorithm 1) by torch, its rate set anew at each step."""

from collections.abc import Iterable

from torch.nn import Parameter
from torch.optim import AdamW


def adam(
    parameters: Iterable[Parameter],
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    decay: float = 0.0,
) -> AdamW:
    """Adam over all `parameters`, with rate 0 until `set_rate` gives it one.

    decay: each step also takes rate * decay of every matrix off (Loshchilov & Hutter,
    arXiv:1711.05101); vectors (biases, gains) do not decay. 0, as in the paper, is plain Adam.
    """
    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=0.0, betas=(beta_1, beta_2), eps=epsilon)


def set_rate(optimizer: AdamW, rate: float) -> None:
    """Let the next step have this learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate
