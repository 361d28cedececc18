"""Cross-entropy with label smoothing eps (Attention Is All You Need, section 5.4).

The paper gives eps = 0.1 and not how it is shared out over the V tokens. Three conventions:
all: eps / V to every token, the right one too (torch; Szegedy et al., arXiv:1512.00567).
others: eps / (V - 1) to every wrong token (the authors' tensor2tensor).
without_pad: eps / (V - 2) to every wrong token but the padding (the Annotated Transformer). Where
the padding is marked by a number that is no token, as -100, none of the V is left out: as `others`.
"""

import torch
from scipy.special import entr
from torch import Tensor
from torch.nn import functional

LEFT_OUT = {"all": 0, "others": 1, "without_pad": 2}  # tokens among which eps is not shared out
NO_TARGET = torch.iinfo(torch.int64).min  # what no target is; torch's own word for it is -100


def shares(V: int, smoothing: float, convention: str = "all") -> tuple[float, float, int]:
    """The smoothed target: of the right token, of a wrong one, and how many of these there are.

    ValueError for an unknown convention, for a smoothing that is not from 0 to 1, and for a V of
    which the convention leaves no token to share with: 1 for `others`, 1 and 2 for `without_pad`.
    """
    if convention not in LEFT_OUT:
        raise ValueError(f"convention={convention}: allowed are {', '.join(LEFT_OUT)}")
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing={smoothing}: allowed are numbers from 0 to 1")
    left_out = LEFT_OUT[convention]
    among = V - left_out
    if among < 1:
        raise ValueError(
            f"V={V}: allowed with convention={convention} are numbers above {left_out}"
        )
    wrong = V - max(1, left_out)
    off = smoothing / among
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

    logits: (..., V), targets: (...) int64. ignored: the target that does not count: a token, the
    padding, or a number that is none, as -100. None: all count. `without_pad` needs it.
    ValueError without it there, and as in `shares`. Where no target counts the loss is nan and its
    gradient 0, as in torch: to refuse it, every step would have to wait for the device.
    """
    V = logits.shape[-1]
    if convention == "without_pad":
        if ignored is None:
            raise ValueError("convention=without_pad: ignored must be the padding token")
        if not 0 <= ignored < V:
            convention = "others"
    on, off, _ = shares(V, smoothing, convention)
    ignored = NO_TARGET if ignored is None else ignored
    logits, targets = logits.reshape(-1, V), targets.reshape(-1)
    if convention == "all" or smoothing == 0:
        return functional.cross_entropy(
            logits, targets, ignore_index=ignored, label_smoothing=smoothing
        )
    uncounted = targets == ignored
    surprise = -logits.log_softmax(-1)
    right = surprise.gather(-1, targets.masked_fill(uncounted, 0)[:, None])[:, 0]
    if convention == "without_pad":
        surprise = surprise.index_fill(-1, torch.tensor(ignored, device=logits.device), 0.0)
    losses = on * right + off * (surprise.sum(-1) - right)
    return losses.masked_fill(uncounted, 0).sum() / (~uncounted).sum()
