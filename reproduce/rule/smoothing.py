"""Cross-entropy with label smoothing eps (Attention Is All You Need, section 5.4).

The paper gives eps = 0.1 and not how it is shared out over the V tokens. Three conventions:
all: eps / V to every token, the right one too (torch; Szegedy et al., arXiv:1512.00567).
others: eps / (V - 1) to every wrong token (the authors' tensor2tensor).
without_pad: eps / (V - 2) to every wrong token but the padding (the Annotated Transformer).
"""

import torch
from scipy.special import entr
from torch import Tensor
from torch.nn import functional

LEFT_OUT = {"all": 0, "others": 1, "without_pad": 2}  # tokens among which eps is not shared out


def shares(V: int, smoothing: float, convention: str = "all") -> tuple[float, float, int]:
    """The smoothed target: of the right token, of a wrong one, and how many of these there are.

    ValueError for an unknown convention.
    """
    if convention not in LEFT_OUT:
        raise ValueError(f"convention={convention}: allowed are {', '.join(LEFT_OUT)}")
    wrong = V - max(1, LEFT_OUT[convention])
    off = smoothing / (V - LEFT_OUT[convention])
    return 1 - wrong * off, off, wrong


def floor(V: int, smoothing: float, convention: str = "all") -> float:
    """The entropy of the smoothed target in nats: the least that the smoothed loss can be."""
    on, off, wrong = shares(V, smoothing, convention)
    return float(entr(on) + wrong * entr(off))


def cross_entropy(
    logits: Tensor,
    targets: Tensor,
    smoothing: float = 0.0,
    convention: str = "all",
    ignored: int | None = None,
) -> Tensor:
    """-sum_v q_v log p_v in nats, q the smoothed target: the mean over the targets that count.

    logits: (..., V), targets: (...) whole numbers. ignored: a token, the padding, at which no
    target counts; `without_pad` needs it. ValueError without it or for an unknown convention.
    """
    on, off, _ = shares(logits.shape[-1], smoothing, convention)
    if convention == "without_pad" and ignored is None:
        raise ValueError("convention=without_pad: ignored must be the padding token")
    logits, targets = logits.flatten(0, -2), targets.flatten()
    if convention == "all" or smoothing == 0:
        skipped = -100 if ignored is None else ignored  # torch's word for none
        return functional.cross_entropy(
            logits, targets, ignore_index=skipped, label_smoothing=smoothing
        )
    surprise = -logits.log_softmax(-1)
    right = surprise.gather(-1, targets[:, None])[:, 0]
    if convention == "without_pad":
        surprise = surprise.index_fill(-1, torch.tensor(ignored, device=logits.device), 0.0)
    losses = on * right + off * (surprise.sum(-1) - right)
    return losses.mean() if ignored is None else losses[targets != ignored].mean()
