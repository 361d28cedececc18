"""Parameter counts of built Transformers against Table 3 and the formula of its rows."""

import pytest
from torch import nn

from reproduce.experiment.attention2017 import parameters
from reproduce.run.config.compose import compose_experiment

# N, d, d_ff, h, d_k, d_v and the millions that Table 3 prints; a blank there means those of base.
ROWS_D = ("dropout_0.0", "dropout_0.2", "smoothing_0.0", "smoothing_0.2")
TABLE_3 = {
    "base": (6, 512, 2048, 8, 64, 64, 65),
    "A_h1": (6, 512, 2048, 1, 512, 512, 65),
    "A_h4": (6, 512, 2048, 4, 128, 128, 65),
    "A_h16": (6, 512, 2048, 16, 32, 32, 65),
    "A_h32": (6, 512, 2048, 32, 16, 16, 65),
    "B_dk16": (6, 512, 2048, 8, 16, 64, 58),
    "B_dk32": (6, 512, 2048, 8, 32, 64, 60),
    "C_N2": (2, 512, 2048, 8, 64, 64, 36),
    "C_N4": (4, 512, 2048, 8, 64, 64, 50),
    "C_N8": (8, 512, 2048, 8, 64, 64, 80),
    "C_d256": (6, 256, 2048, 8, 32, 32, 28),
    "C_d1024": (6, 1024, 2048, 8, 128, 128, 168),
    "C_dff1024": (6, 512, 1024, 8, 64, 64, 53),
    "C_dff4096": (6, 512, 4096, 8, 64, 64, 90),
    **{f"D_{row}": (6, 512, 2048, 8, 64, 64, 65) for row in ROWS_D},
    "big": (6, 1024, 4096, 16, 64, 64, 213),
}


def total(V: int, N: int, d: int, dff: int, h: int, dk: int, dv: int) -> int:
    """All biases, affine LayerNorm, no final one, the embedding once."""
    attn = 2 * d * h * dk + 2 * d * h * dv + (2 * h * dk + h * dv + d)
    ffn = 2 * d * dff + dff + d
    enc, dec = attn + ffn + 2 * 2 * d, 2 * attn + ffn + 3 * 2 * d
    return N * (enc + dec) + V * d


@pytest.fixture(scope="module", params=[37000, 40960])
def measured(request) -> tuple[int, dict[str, float]]:
    """The vocabulary and all quantities of the experiment that has it."""
    name = {37000: "parameters", 40960: "parameters/vocabulary_40960"}[request.param]
    network = compose_experiment([f"experiment=attention2017/{name}"]).network
    assert network.vocabulary == request.param
    shapes = {row: tuple(vars(shape).values()) for row, shape in network.rows.items()}
    assert shapes == {row: shape[:6] for row, shape in TABLE_3.items()}
    return request.param, parameters.measure(network)


def test_every_row_has_as_many_parameters_as_the_formula(measured):
    vocabulary, found = measured
    for row, (*shape, _) in TABLE_3.items():
        assert round(found[f"parameters_{row}"] * 1e6) == total(vocabulary, *shape), row


def test_the_printed_millions_follow_from_40960_tokens_but_for_big_and_none_from_37000(measured):
    vocabulary, found = measured
    equal = {
        row for row, shape in TABLE_3.items() if round(found[f"parameters_{row}"]) == shape[-1]
    }
    assert equal == (set(TABLE_3) - {"big"} if vocabulary == 40960 else set())


def test_differences_and_parts_are_those_of_the_paper(measured):
    _, found = measured
    assert found["rows_A_spread"] == 0
    assert found["base_minus_B_dk16"] == pytest.approx(18 * 2 * 513 * 8 * 48 / 1e6, rel=1e-9)
    assert found["base_minus_B_dk32"] == pytest.approx(18 * 2 * 513 * 8 * 32 / 1e6, rel=1e-9)
    assert found["attention_sublayers_of_base"] == 18
    assert found["heads_of_base"] == 144
    assert found["head_width_of_big"] == 64


def test_the_body_of_base_is_that_of_torch_without_its_two_final_norms(measured):
    theirs = nn.Transformer(512, 8, 6, 6, 2048, batch_first=True, device="meta")
    body = sum(parameter.numel() for parameter in theirs.parameters())
    assert body == 44_140_544
    assert measured[1]["body_of_base"] == body - 2048


def test_a_parameter_that_is_used_twice_counts_once():
    layer = nn.Linear(3, 4)
    assert parameters.count(nn.Sequential(layer, nn.ReLU(), layer)) == 3 * 4 + 4
