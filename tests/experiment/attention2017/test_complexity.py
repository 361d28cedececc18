"""Table 1 against the arithmetic of its terms, and paths against distances counted by hand."""

from itertools import count, repeat
from math import ceil

import pytest
import torch
from torch import nn

from reproduce.experiment.attention2017 import complexity
from reproduce.experiment.attention2017.path import adjacency, longest_chain, path, path_length
from reproduce.experiment.attention2017.table_1 import exponent, layer_of
from reproduce.run.config.compose import compose_experiment
from reproduce.transformer.attention import MultiHeadAttention
from reproduce.transformer.layer import FeedForward, Layer
from reproduce.transformer.mixer import Convolution, Recurrent, SeparableConvolution

N, D, K, R, H, D_FF = 6, 16, 3, 5, 4, 48


@pytest.fixture(scope="module")
def small():
    sizes = [f"n={N}", f"d_model={D}", f"d_ff={D_FF}", f"h={H}", "lengths=[4,8,16]"]
    sizes += ["widths=[8,16,32]", "kernels=[3,5]", "windows=[5,9]", "path_lengths=[9,27]"]
    words = [f"network.{size}" for size in sizes]
    return compose_experiment(["experiment=attention2017/complexity", *words])


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("self_attention", 2 * N * N * D),
        ("recurrent", 2 * N * D * D),
        ("convolution", K * N * D * D),
        ("restricted", 2 * R * N * D),
    ],
)
def test_rows_of_table_1_are_counted_as_by_hand(kind, wanted):
    assert complexity.counted(kind, N, D, K, R) == wanted


def test_the_row_of_self_attention_is_the_core_of_a_built_layer():
    core, projections = complexity.attention_layer(N, D, H)
    assert core == complexity.counted("self_attention", N, D, K, R)
    assert projections == 4 * N * D * D


def test_other_layers_are_counted_as_by_hand():
    layer = Layer(d_model=D, d_ff=D_FF)
    assert complexity.other_layer(FeedForward, N, D, layer) == 2 * N * D * D_FF
    assert complexity.other_layer(SeparableConvolution, N, D, D, K) == K * N * D + N * D * D
    assert complexity.other_layer(nn.LSTM, N, D, D, D) == 8 * N * D * D


def test_a_recurrent_layer_is_counted_as_its_matrix_products_written_out():
    def written_out(x):
        h, W, U = x[:, 0], x.new_ones(D, D), x.new_ones(D, D)
        for t in range(x.shape[1]):
            h = torch.tanh(x[:, t] @ W + h @ U)

    counted = complexity.multiply_adds(written_out, torch.ones(1, N, D))
    assert counted == complexity.counted("recurrent", N, D, K, R)


def test_an_exponent_is_the_power_of_a_power_law():
    assert exponent([2, 4, 8], [5 * 2**1.5, 5 * 4**1.5, 5 * 8**1.5]) == pytest.approx(1.5)


def test_two_terms_are_found_and_a_third_is_left_over():
    sizes = [(n, d) for n in (2, 4, 8) for d in (3, 6)]
    whole = {(n, d): 3 * n * n * d + 7 * n * d * d for n, d in sizes}
    found = complexity.two_terms(whole)
    assert found == pytest.approx({"n2d": 3, "nd2": 7, "left_over": 0}, abs=1e-12)
    third = {(n, d): number + 50 * n for (n, d), number in whole.items()}
    assert complexity.two_terms(third)["left_over"] > 0.01


@pytest.mark.parametrize(
    ("layer", "distance"),
    [
        (Convolution(4, 3), lambda i, j: 0 <= i - j <= 2),
        (Convolution(4, 3, 4), lambda i, j: i - j in (0, 4, 8)),
        (Recurrent(4), lambda i, j: j <= i),
        (layer_of("restricted", 4, 3, 5), lambda i, j: abs(i - j) <= 2),
        (layer_of("self_attention", 4, 3, 5), lambda i, j: True),
        (nn.Linear(4, 4), lambda i, j: i == j),
    ],
)
def test_an_adjacency_matrix_is_what_a_built_layer_connects(layer, distance):
    n = 11
    x = torch.randn(1, n, 4, generator=torch.Generator().manual_seed(0))
    wanted = [[distance(i, j) for j in range(n)] for i in range(n)]
    assert adjacency(layer, x).tolist() == wanted


@pytest.mark.parametrize("n", [1, 2, 9, 20, 27])
def test_path_lengths_are_those_counted_by_hand(n):
    dilated = next(layers for layers in count(1) if 3**layers >= n)  # a stack sees 3^layers
    assert path("self_attention", n, 3, 5) == 1
    assert path("recurrent", n, 3, 5) == n
    assert path("dilated", n, 3, 5) == dilated
    assert path("contiguous", n, 3, 5) == max(1, ceil((n - 1) / 2))
    assert path("restricted", n, 3, 5) == max(1, ceil((n - 1) / 2))
    assert path("restricted", n, 3, 9) == max(1, ceil((n - 1) / 4))


def test_a_path_that_does_not_exist_is_an_error():
    nothing = torch.eye(3) > 0
    with pytest.raises(ValueError, match="do not connect"):
        path_length(repeat(nothing, 3), torch.ones(3, 3) > 0)


def test_a_chain_is_as_long_as_products_wait_for_each_other():
    x = torch.ones(1, 7, 4, requires_grad=True)
    lengths = {"self_attention": 2, "recurrent": 7, "convolution": 1, "restricted": 2}
    for kind, wanted in lengths.items():
        assert longest_chain(layer_of(kind, 4, 3, 5)(x)) == wanted
    whole = MultiHeadAttention(4, 2, 3, 5, fused=False)
    assert longest_chain(whole(x, x)) == 4  # W^Q, Q K^T, weights V, W^O
    beside = x @ x.mT + (x @ x.mT @ x) @ x.mT
    assert longest_chain(beside) == 3


def test_the_study_tells_the_exponents_of_table_1(small):
    (row,) = complexity.study(small)
    powers = {
        **{"n_self_attention": 2, "d_self_attention": 1, "n_recurrent": 1, "d_recurrent": 2},
        **{"k_convolution": 1, "n_convolution": 1, "d_convolution": 2},
        **{"r_restricted": 1, "n_restricted": 1, "d_restricted": 1},
    }
    found = {name: row[f"exponent_of_{name}"] for name in powers}
    assert found == pytest.approx(powers, abs=1e-12)
    assert row["convolution_over_recurrent"] == 3 / 2
    assert (row["path_recurrent"], row["path_dilated"]) == (27, 3)
    assert row["path_exponent_contiguous"] == pytest.approx(exponent([9, 27], [4, 13]))
    assert row["path_exponent_of_r"] == pytest.approx(exponent([5, 9], [13, 7]))
    assert (row["sequential_recurrent"], row["sequential_restricted"]) == (27, 2)


def test_the_study_tells_what_the_table_leaves_out(small):
    (row,) = complexity.study(small)
    assert row["multiply_adds_core"] == 2 * N * N * D / 1e6
    assert row["multiply_adds_projections"] == 4 * N * D * D / 1e6
    assert row["multiply_adds_recurrent"] == 2 * N * D * D / 1e6
    assert row["multiply_adds_feed_forward"] == 2 * N * D * D_FF / 1e6
    assert row["core_over_recurrent_at_n_d"] == 1
    lengths = [n for n in (4, 8, 16) if n < D]
    assert row["lengths_where_core_is_cheaper"] == len(lengths)
    assert row["lengths_where_layer_is_cheaper"] == 0  # 4 n d^2 is more than 2 n d^2 at once
    assert row["lengths_where_layer_than_lstm_is_cheaper"] == len(lengths)  # up to n = 2 d
    assert (row["separable_n2d"], row["separable_nd2"]) == pytest.approx((1, 1))
    both = (row["attention_and_ffn_n2d"], row["attention_and_ffn_nd2"])
    assert both == pytest.approx((2, 4 + 2 * D_FF / D))
    ratio = (2 * N * N * D + 4 * N * D * D + 2 * N * D * D_FF) / (N * N * D + N * D * D)
    assert row["attention_and_ffn_over_separable"] == pytest.approx(ratio)


def test_the_example_has_a_number_for_every_point(small):
    found = complexity.example(small)
    assert found["multiply_adds"]["self_attention"] == [2 * n * n * D for n in (4, 8, 16)]
    assert found["paths"]["recurrent"] == [9, 27]
    times = found["milliseconds"]
    assert times.keys() == found["multiply_adds"].keys()
    assert all(len(each) == 3 and min(each) > 0 for each in times.values())
