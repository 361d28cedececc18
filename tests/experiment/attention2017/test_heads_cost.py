"""What heads cost and compute, against arithmetic by hand and torch.nn."""

import pytest
import torch
from torch import nn

from reproduce.experiment.attention2017 import heads_cost
from reproduce.experiment.attention2017.cost import milliseconds, multiply_adds, parts
from reproduce.experiment.attention2017.identity import chance_of, normal
from reproduce.run.config.compose import compose_experiment
from reproduce.transformer.attention import MultiHeadAttention


@pytest.fixture(scope="module")
def rows() -> list[dict[str, float]]:
    small = ["network.d_model=64", "network.n=6", "replicas=8"]
    config = compose_experiment(["experiment=attention2017/heads_cost", *small])
    return list(heads_cost.study(config))


def test_no_h_stands_in_the_count(rows):
    n, d = 6, 64
    for h in (1, 2, 4, 8, 16, 32):
        assert {row[f"multiply_adds_h{h}"] for row in rows} == {
            (4 * n * d * d + 2 * n * n * d) / 1e6
        }
    assert {row["multiply_adds_spread"] for row in rows} == {0}


def test_heads_with_matrices_of_their_own_give_the_same(rows):
    assert max(row["error_of_heads_apart"] for row in rows) < 1e-12
    assert max(row["error_of_sum_over_heads"] for row in rows) < 1e-12


def test_times_are_taken_anew_in_each_round(rows):
    for row in rows:
        assert row["time_h8_over_h1"] == row["milliseconds_h8"] / row["milliseconds_h1"]
        assert row["milliseconds_h1"] > 0
    assert len({row["milliseconds_h1"] for row in rows}) > 1


def test_a_wrong_order_of_heads_is_found_out(monkeypatch):
    def wrong(self, x):  # units of one head lie h apart instead of side by side
        return x.unflatten(-1, (-1, self.h)).movedim(-1, 1)

    with chance_of(0, 0) as chance:
        assert max(heads_cost.heads_apart(chance).values()) < 1e-12
    monkeypatch.setattr(MultiHeadAttention, "in_heads", wrong)
    with chance_of(0, 0) as chance:
        found = [heads_cost.heads_apart(chance) for _ in range(5)]
    for error in found[0]:
        assert max(each[error] for each in found) > 1e-3


def test_a_head_is_that_of_torch():
    with chance_of(0, 0):
        ours = MultiHeadAttention(6, 3, 2, 2).double()
        queries, memory = normal(2, 4, 6), normal(2, 5, 6)
    theirs = nn.MultiheadAttention(6, 3, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        projections = (ours.W_Q, ours.W_K, ours.W_V)
        theirs.in_proj_weight.copy_(torch.cat([W.weight for W in projections]))
        theirs.in_proj_bias.copy_(torch.cat([W.bias for W in projections]))
        theirs.out_proj.load_state_dict(ours.W_O.state_dict())
    heads = [heads_cost.head(ours, i, queries, memory) for i in range(3)]
    wanted, _ = theirs(queries, memory, memory)
    torch.testing.assert_close(ours.W_O(torch.cat(heads, -1)), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_products_are_counted_as_by_hand(device):
    n, m, d, h, d_k, d_v = 3, 3, 10, 2, 4, 7
    layer = MultiHeadAttention(d, h, d_k, d_v, fused=False).to(device)
    inside = n * m * h * (d_k + d_v)
    outside = n * d * h * d_k + m * d * h * (d_k + d_v) + n * h * d_v * d
    x = torch.ones(1, n, d, device=device)
    assert parts(layer, n) == (inside, outside)
    assert multiply_adds(layer, x, x) == inside + outside
    assert multiply_adds(nn.Linear(5, 7, device=device), torch.ones(3, 5, device=device)) == 3 * 35


def test_a_time_is_of_the_second_of_two_passes():
    passes = []
    assert milliseconds(lambda x: passes.append(x), 1) >= 0
    assert passes == [1, 1]
