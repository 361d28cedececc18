"""How weights start: bounds after Glorot, deviations by hand, and what stays where it was."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from reproduce.transformer.initial import INITS, restart
from reproduce.transformer.layer import Layer
from reproduce.transformer.model import SequenceModel, Transformer
from reproduce.transformer.position import LearnedPositions

SHAPE = Layer(d_model=48, d_ff=96, h=3, d_k=16, d_v=32)
V, N = 61, 3
MODELS = {
    "Transformer": lambda: Transformer(V, N, SHAPE),
    "untied": lambda: Transformer(V, N, SHAPE, tied=False),
    "SequenceModel": lambda: SequenceModel(V, N, SHAPE, positions="learned", longest=80),
    "without feed-forward": lambda: SequenceModel(V, N, replace(SHAPE, d_ff=0)),
}
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)


def started(model: str, init: str) -> nn.Module:
    """A model whose every parameter was 7 before it was started anew."""
    made = MODELS[model]()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.fill_(7)
    torch.manual_seed(0)
    restart(made, init)
    return made


def assert_deviation(weights: torch.Tensor, std: float) -> None:
    """Mean 0 and deviation std, to 5 standard errors of a normal sample."""
    n = weights.numel()
    assert abs(weights.mean().item()) < 5 * std / n**0.5
    assert abs(weights.std().item() / std - 1) < 5 / (2 * n) ** 0.5


@EVERY_MODEL
def test_glorot_fills_every_matrix_up_to_its_bound_and_leaves_vectors(model):
    for parameter in started(model, "xavier").parameters():
        if parameter.dim() == 1:
            assert (parameter == 7).all()
            continue
        bound = math.sqrt(6 / sum(parameter.shape))
        assert parameter.abs().max() <= bound
        assert_deviation(parameter, bound / 3**0.5)
        assert parameter.abs().max() > bound * (1 - 20 / parameter.numel())


@EVERY_MODEL
def test_gpt_draws_matrices_of_deviation_02_and_biases_0(model):
    made, ends = started(model, "gpt"), ("W_O.weight", "feed_forward.3.weight")
    scaled = isinstance(made, SequenceModel)
    for name, parameter in made.named_parameters():
        if "norm" in name:
            assert (parameter == 7).all()
        elif name == "embedding.positions.weight":
            assert_deviation(parameter, 0.02)
        elif parameter.dim() == 1:
            assert not parameter.any()
        else:
            shrunk = scaled and name.endswith(ends)
            assert_deviation(parameter, 0.02 / math.sqrt(2 * N) if shrunk else 0.02)


def test_learned_positions_start_at_0_by_themselves():
    assert not LearnedPositions(6, 4).weight.any()


def test_torch_leaves_a_model_as_its_modules_made_it():
    model = MODELS["Transformer"]()
    before = {name: parameter.clone() for name, parameter in model.named_parameters()}
    restart(model, "torch")
    assert all(torch.equal(parameter, before[name]) for name, parameter in model.named_parameters())


@EVERY_MODEL
@pytest.mark.parametrize("init", INITS[1:])
def test_one_seed_is_one_start_and_tied_matrices_stay_tied(model, init):
    once, again = started(model, init), started(model, init)
    for one, other in zip(once.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
    if isinstance(once, SequenceModel):
        assert once.projection.weight is once.embedding.tokens.weight


def test_a_start_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match=f"init=glorot: allowed are {', '.join(INITS)}"):
        started("Transformer", "glorot")
