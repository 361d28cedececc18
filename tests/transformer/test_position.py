"""The positional encoding against the sines and cosines of section 3.5, and learned positions."""

import math

import pytest
import torch

from reproduce.transformer.position import LearnedPositions, Sinusoids, positional_encoding


@pytest.mark.parametrize("d", [6, 512])
def test_positions_are_the_sines_and_cosines_of_the_paper(d):
    table = positional_encoding(50, d)
    for position in (0, 1, 7, 49):
        for i in range(d // 2):
            angle = position / 10000 ** (2 * i / d)
            wanted = [math.sin(angle), math.cos(angle)]
            assert table[position, 2 * i : 2 * i + 2].tolist() == pytest.approx(wanted, abs=1e-13)
    assert table[0].tolist() == [0, 1] * (d // 2)
    assert table[1, :2].tolist() == pytest.approx([math.sin(1), math.cos(1)], abs=1e-15)
    squared = table.square().sum(1).tolist()
    assert squared == pytest.approx([d / 2] * 50, abs=1e-12 * d)


def test_an_odd_width_ends_in_a_sine():
    table = positional_encoding(9, 5)
    assert table.shape == (9, 5)
    assert table[3, 4].item() == pytest.approx(math.sin(3 / 10000 ** (4 / 5)), abs=1e-15)


def test_moving_by_k_positions_is_one_rotation_for_each_frequency_wherever_it_starts():
    table = positional_encoding(512, 64).unflatten(1, (32, 2))  # (position, frequency, sin cos)
    for k in (1, 10, 100):
        angle = torch.tensor([k / 10000 ** (2 * i / 64) for i in range(32)], dtype=torch.float64)
        turn = torch.stack([angle.cos(), angle.sin(), -angle.sin(), angle.cos()]).view(2, 2, 32)
        moved = torch.einsum("abf,pfb->pfa", turn, table[:-k])
        torch.testing.assert_close(moved, table[k:], rtol=0, atol=1e-12)


def test_the_longest_wavelength_falls_short_of_the_10000_turns_that_the_paper_says():
    table = positional_encoding(2, 512)
    turns = 1 / math.atan2(*table[1, -2:].tolist())
    assert turns == pytest.approx(9646.6, abs=0.05)


def test_a_table_of_positions_in_single_precision_is_the_rounded_one():
    single = positional_encoding(5000, 64, dtype=torch.float32)
    assert torch.equal(single, positional_encoding(5000, 64).float())


def test_the_table_grows_with_the_texts_and_follows_their_type():
    positions, made = Sinusoids(6), []
    for first, n, dtype in (
        *((0, 3, torch.float32), (2, 1, torch.float32), (3, 1, torch.float32)),
        *((4, 40, torch.float32), (0, 2, torch.float64), (100, 5, torch.bfloat16)),
    ):
        found = positions(first, torch.zeros(2, n, 6, dtype=dtype))
        made.append(len(positions.table))
        assert torch.equal(found, positional_encoding(first + n, 6)[first:].to(dtype))
    assert made[:4] == [3, 3, 6, 44]  # as long as needed and at least twice as long as before
    assert not positions.state_dict()


def test_learned_positions_are_rows_of_a_parameter_and_end():
    positions, x = LearnedPositions(6, 4), torch.zeros(2, 3, 6)
    torch.nn.init.normal_(positions.weight)
    assert torch.equal(positions(1, x), positions.weight[1:4])
    positions(1, x).sum().backward()
    assert positions.weight.grad.sum(1).tolist() == [0, 6, 6, 6]
    for first, n in ((2, 3), (4, 1), (0, 5)):
        with pytest.raises(ValueError, match=f"{first + n} positions: allowed are at most 4"):
            positions(first, torch.zeros(2, n, 6))
