"""Label smoothing against the smoothed target written out, and against torch's own."""

import math

import pytest
import torch
from torch.nn import functional

from reproduce.transformer.smoothing import LEFT_OUT, cross_entropy, floor

V, PADDING = 7, 2


def smoothed(target: int, eps: float, convention: str) -> list[float]:
    """The target distribution, token by token."""
    if convention == "all":
        return [eps / V + (1 - eps) * (v == target) for v in range(V)]
    away = {target} if convention == "others" else {target, PADDING}
    return [(1 - eps) * (v == target) + eps / (V - len(away)) * (v not in away) for v in range(V)]


def looped(logits: torch.Tensor, targets: torch.Tensor, eps, convention, ignored) -> float:
    """The mean cross-entropy as sums over tokens; `without_pad` needs PADDING as ignored."""
    losses = []
    for row, target in zip(logits.reshape(-1, V).tolist(), targets.flatten().tolist(), strict=True):
        if target == ignored:
            continue
        log_sum = math.log(sum(math.exp(x) for x in row))
        q = smoothed(target, eps, convention)
        losses.append(-sum(share * (x - log_sum) for share, x in zip(q, row, strict=True)))
    return sum(losses) / len(losses)


def drawn() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (3, 4, V) in float64, and targets (3, 4) with some padding among them."""
    chance = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 4, V, generator=chance, dtype=torch.float64)
    targets = torch.randint(V, (3, 4), generator=chance)
    targets[1, 2:] = PADDING
    return logits, targets


@pytest.mark.parametrize("eps", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("convention", LEFT_OUT)
def test_the_loss_is_the_sum_over_the_smoothed_target(convention, eps):
    logits, targets = drawn()
    for ignored in (PADDING,) if convention == "without_pad" else (None, PADDING):
        found = cross_entropy(logits, targets, eps, convention, ignored)
        wanted = looped(logits, targets, eps, convention, ignored)
        assert found.item() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("eps", [0.0, 0.1])
@pytest.mark.parametrize("ignored", [-1, -100, V])
def test_what_is_ignored_may_be_marked_by_a_number_that_is_no_token(ignored, eps):
    logits, targets = drawn()
    targets[0, 1:3] = ignored
    for convention in LEFT_OUT:
        given = logits.clone().requires_grad_()
        found = cross_entropy(given, targets, eps, convention, ignored)
        shared = "others" if convention == "without_pad" else convention  # no padding among the V
        wanted = looped(logits, targets, eps, shared, ignored)
        assert found.item() == pytest.approx(wanted, rel=1e-12)
        found.backward()
        counted = given.grad.any(-1)
        assert torch.equal(counted, targets != ignored)


@pytest.mark.parametrize("convention", ["all", "others"])
@pytest.mark.parametrize("wrong", [-100, -1, V])
def test_a_target_that_is_no_token_is_an_error_where_nothing_is_ignored(wrong, convention):
    logits, targets = drawn()
    targets[0, 0] = wrong
    for eps in (0.0, 0.1):
        with pytest.raises((IndexError, RuntimeError), match="out of bounds"):
            cross_entropy(logits, targets, eps, convention)


@pytest.mark.parametrize("convention", LEFT_OUT)
@pytest.mark.parametrize("ignored", [PADDING, -100])
@pytest.mark.parametrize("eps", [0.0, 0.1])
def test_where_no_target_counts_the_loss_is_nan_and_its_gradient_0_as_in_torch(
    eps, ignored, convention
):
    logits = drawn()[0].requires_grad_()
    targets = torch.full((3, 4), ignored)
    theirs = functional.cross_entropy(logits.mT, targets, ignore_index=ignored)
    for loss in (theirs, cross_entropy(logits, targets, eps, convention, ignored)):
        assert loss.isnan()
        assert not torch.autograd.grad(loss, logits)[0].any()


@pytest.mark.parametrize("convention", LEFT_OUT)
def test_the_loss_needs_no_look_at_the_numbers(convention):
    logits = torch.randn(3, 4, V, device="meta", requires_grad=True)
    targets = torch.zeros(3, 4, dtype=torch.long, device="meta")
    for ignored in (PADDING, -100):
        cross_entropy(logits, targets, 0.1, convention, ignored).backward()


def test_padding_that_is_impossible_costs_nothing_without_pad():
    logits, targets = drawn()
    logits[..., PADDING] = -math.inf
    others = [v for v in range(V) if v != PADDING]
    shifted = torch.tensor([0, 1, 0, 2, 3, 4, 5])[targets]  # the same tokens without the padding
    counted = targets != PADDING
    found = cross_entropy(logits, targets, 0.1, "without_pad", PADDING)
    wanted = cross_entropy(logits[counted][:, others], shifted[counted], 0.1, "others")
    torch.testing.assert_close(found, wanted)


def test_gradients_are_those_of_the_probabilities_less_the_smoothed_target():
    logits, targets = drawn()
    for convention in LEFT_OUT:
        given = logits.clone().requires_grad_()
        cross_entropy(given, targets, 0.1, convention, PADDING).backward()
        counted = targets != PADDING
        wanted = given.detach().softmax(-1) - torch.tensor(
            [[smoothed(t, 0.1, convention) for t in row] for row in targets.tolist()]
        )
        wanted = wanted * counted[..., None] / counted.sum()
        torch.testing.assert_close(given.grad, wanted, rtol=1e-6, atol=1e-8)


def test_all_is_torch_s_own_and_others_is_torch_s_of_a_little_more():
    logits, targets = (each.flatten(0, 1) for each in drawn())
    for eps in (0.1, 0.4):
        for convention, same in (("all", eps), ("others", eps * V / (V - 1))):
            theirs = functional.cross_entropy(logits, targets, label_smoothing=same)
            torch.testing.assert_close(cross_entropy(logits, targets, eps, convention), theirs)


@pytest.mark.parametrize("convention", LEFT_OUT)
@pytest.mark.parametrize("eps", [0.0, 0.1, 0.2])
def test_the_floor_is_the_loss_of_the_smoothed_target_itself(convention, eps):
    q = torch.tensor(smoothed(5, eps, convention), dtype=torch.float64)
    least = floor(V, eps, convention)
    assert least == pytest.approx(sum(-x * math.log(x) for x in q.tolist() if x > 0), abs=1e-12)
    logits = q.clamp(min=1e-300).log()
    target = torch.tensor([5])
    found = cross_entropy(logits[None], target, eps, convention, PADDING).item()
    assert found == pytest.approx(least, abs=1e-12)
    for move in torch.randn(20, V, generator=torch.Generator().manual_seed(1)).double() / 10:
        assert cross_entropy((logits + move)[None], target, eps, convention, PADDING) >= least


def test_floors_by_hand_of_11_tokens():
    assert floor(11, 0.1) == pytest.approx(math.log(11) - 9 / 11 * math.log(10), abs=1e-12)
    others = -0.9 * math.log(0.9) + 0.1 * math.log(100)
    assert floor(11, 0.1, "others") == pytest.approx(others, abs=1e-12)
    without = -0.9 * math.log(0.9) + 0.1 * math.log(90)
    assert floor(11, 0.1, "without_pad") == pytest.approx(without, abs=1e-12)


def test_what_cannot_be_meant_is_refused():
    logits, targets = drawn()
    with pytest.raises(ValueError, match="convention=some: allowed are all, others, without_pad"):
        cross_entropy(logits, targets, 0.1, "some")
    with pytest.raises(ValueError, match="ignored must be the padding"):
        cross_entropy(logits, targets, 0.1, "without_pad")
    for smoothing in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match=f"smoothing={smoothing}: allowed are .* from 0 to 1"):
            cross_entropy(logits, targets, smoothing)


@pytest.mark.parametrize(
    ("V", "convention"), [(1, "others"), (1, "without_pad"), (2, "without_pad")]
)
def test_a_vocabulary_that_leaves_no_token_to_share_with_is_refused(V, convention):
    said = f"V={V}: allowed with convention={convention} are numbers above {LEFT_OUT[convention]}"
    for eps in (0.0, 0.1):
        with pytest.raises(ValueError, match=said):
            cross_entropy(torch.zeros(1, V), torch.tensor([0]), eps, convention, 0)
        with pytest.raises(ValueError, match=said):
            floor(V, eps, convention)
    V = LEFT_OUT[convention] + 1
    found = cross_entropy(torch.zeros(1, V), torch.tensor([0]), 0.1, convention, V - 1)
    assert found.item() == pytest.approx(math.log(V))
