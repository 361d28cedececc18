"""Moments of dot products and gradients of the softmax, against autograd and loops."""

import math
import statistics

import numpy as np
import pytest
import torch

from reproduce.experiment.attention2017 import scaling
from reproduce.run.config.compose import compose_experiment


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    """Normal numbers in float64."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_norm_is_that_of_the_jacobian_that_autograd_takes():
    for scores in (drawn(5), 20 * drawn(5, seed=1), torch.zeros(4).double()):
        jacobian = torch.autograd.functional.jacobian(lambda x: x.softmax(-1), scores)
        found = scaling.jacobian_norm(scores.softmax(-1))
        torch.testing.assert_close(found, torch.linalg.matrix_norm(jacobian), rtol=1e-9, atol=0)
    sure = torch.tensor([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]], dtype=torch.float64)
    wanted = torch.tensor([0.0, math.sqrt(2) / 3], dtype=torch.float64)
    torch.testing.assert_close(scaling.jacobian_norm(sure), wanted)


def test_moments_are_those_of_the_products_in_their_own_standard_errors():
    Q, K = drawn(50, 3), drawn(50, 3, seed=1)
    pairs = zip(Q.tolist(), K.tolist(), strict=True)
    products = [sum(a * b for a, b in zip(q, k, strict=True)) for q, k in pairs]
    found = scaling.moments(Q, K)
    ratio = statistics.variance(products) / 3
    assert found["variance_over_dk"] == pytest.approx(ratio, rel=1e-12)
    off = abs(ratio - 1) / math.sqrt((2 + 6 / 3) / 50)
    assert found["variance_off_in_standard_errors"] == pytest.approx(off, rel=1e-9)
    off = abs(statistics.mean(products)) / math.sqrt(3 / 50)
    assert found["mean_off_in_standard_errors"] == pytest.approx(off, rel=1e-9)


@pytest.mark.parametrize("d_k", [1, 16])
def test_the_standard_error_of_the_variance_is_what_many_draws_show(d_k):
    pairs = [(drawn(200, d_k, seed=s), drawn(200, d_k, seed=s + 1)) for s in range(0, 3000, 2)]
    ratios = [scaling.moments(Q, K)["variance_over_dk"] for Q, K in pairs]
    assert statistics.mean(ratios) == pytest.approx(1, abs=0.03)
    seen, said = statistics.stdev(ratios), math.sqrt((2 + 6 / d_k) / 200)
    assert seen == pytest.approx(said, rel=0.1)  # of 1500 draws, and of finite N


def test_sharpness_is_that_of_softmax_with_and_without_the_division():
    Q, K = drawn(7, 9), drawn(4, 9, seed=1)
    found = scaling.sharpness(Q, K)
    for kind, divided in (("scaled", 3.0), ("unscaled", 1.0)):
        weights = [torch.tensor([(q @ k).item() / divided for k in K]).softmax(-1) for q in Q]
        largest = statistics.mean(w.max().item() for w in weights)
        assert found[f"largest_weight_{kind}"] == pytest.approx(largest, rel=1e-5)
        norms = [torch.linalg.matrix_norm(w.diag() - torch.outer(w, w)).item() for w in weights]
        assert found[f"gradient_norm_{kind}"] == pytest.approx(statistics.median(norms), rel=1e-4)
    ratio = found["gradient_norm_unscaled"] / found["gradient_norm_scaled"]
    assert found["gradient_norm_unscaled_over_scaled"] == ratio


def test_a_replica_does_not_depend_on_how_many_there_are():
    config = compose_experiment(["experiment=attention2017/scaling", "network.queries=20"])
    few, more = (list(scaling.measure(config.network, n, config.seed)) for n in (2, 3))
    assert few == more[:2]
    assert len({row["variance_over_dk_dk64"] for row in more}) == 3
    assert all(np.isfinite(list(row.values())).all() for row in more)
    assert few[0]["gradient_norm_unscaled_over_scaled_dk1"] == 1  # sqrt(1): nothing is divided
