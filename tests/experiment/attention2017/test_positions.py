"""The positional encoding against its formula in loops, and a linear map that is fitted."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from reproduce.experiment.attention2017 import positions
from reproduce.run.config.compose import compose_experiment


@pytest.fixture(scope="module")
def network():
    return compose_experiment(["experiment=attention2017/positions"]).network


def looped(length: int, d: int) -> np.ndarray:
    """The two formulas of section 3.5 as they are printed."""
    table = np.zeros((length, d))
    for pos in range(length):
        for i in range(d // 2):
            table[pos, 2 * i] = math.sin(pos / 10000 ** (2 * i / d))
            table[pos, 2 * i + 1] = math.cos(pos / 10000 ** (2 * i / d))
    return table


def test_the_encoding_is_its_formula():
    np.testing.assert_allclose(positions.doubles(40, 12), looped(40, 12), rtol=0, atol=1e-13)


@pytest.mark.parametrize("k", [1, 5])
def test_the_map_of_an_offset_is_the_one_that_least_squares_find(k):
    table = looped(60, 8)
    fitted, *_ = np.linalg.lstsq(table[:-k], table[k:], rcond=None)
    np.testing.assert_allclose(positions.offset_map(k, 8), fitted.T, rtol=0, atol=1e-7)
    assert positions.map_error(torch.from_numpy(table), [k]) < 1e-12


def test_sines_alone_have_no_such_map_and_another_map_is_found_out():
    table = looped(60, 8)
    sines = table[:, ::2]
    fitted, *_ = np.linalg.lstsq(sines[:-1], sines[1:], rcond=None)
    assert np.abs(sines[1:] - sines[:-1] @ fitted).max() > 0.05
    shuffled = torch.from_numpy(table)[torch.randperm(60)]
    assert positions.map_error(shuffled, [1]) > 0.5


def test_every_quantity_is_what_the_formula_gives(network):
    found, table = positions.measure(network), looped(512, 512)
    assert found["sine_at_1"] == pytest.approx(math.sin(1), abs=1e-15)
    assert found["cosine_at_1"] == pytest.approx(math.cos(1), abs=1e-15)
    assert found["at_0_error"] == 0
    assert found["norm_error"] < 1e-12
    assert found["map_error"] < 1e-12
    assert 0 < found["map_error_float32"] < 1e-6
    products = table @ table.T / 256
    off = max(np.ptp(np.diagonal(products, k)) for k in range(512))
    assert off < 1e-13
    assert found["distance_error"] < 1e-13
    for k in (1, 10, 100):
        assert found[f"similarity_{k}"] == pytest.approx(products[7, 7 + k], abs=1e-12)
    assert found["first_wavelength"] == pytest.approx(1, abs=1e-15)
    for d in (512, 256, 64):
        last = 10000 ** ((d - 2) / d)
        assert found[f"last_wavelength_d{d}"] == pytest.approx(last, rel=1e-9)
        assert found[f"last_wavelength_tensor2tensor_d{d}"] == pytest.approx(10000, rel=1e-9)


def test_a_table_that_is_no_function_of_the_distance_is_found_out(network, monkeypatch):
    real = positions.doubles
    monkeypatch.setattr(positions, "doubles", lambda n, d: real(n, d) * (1 + torch.eye(n, d)))
    found = positions.measure(network)
    assert min(found[name] for name in ("norm_error", "map_error", "distance_error")) > 1e-3


def test_the_authors_program_has_sines_first_and_its_last_wavelength_is_10000():
    table = positions.tensor2tensor(5, 6)
    for pos in range(5):
        angles = [pos, pos / 100, pos / 10000]  # three frequencies in equal ratios
        wanted = [*map(math.sin, angles), *map(math.cos, angles)]
        assert table[pos].tolist() == pytest.approx(wanted, abs=1e-14)


def test_the_example_shows_the_smallest_width_and_every_distance(network):
    example = positions.example(SimpleNamespace(network=network))
    np.testing.assert_allclose(example["encoding"], looped(80, 64), rtol=0, atol=0.0006)
    assert len(example["similarity"]) == 512
    assert example["similarity"][0] == 1
