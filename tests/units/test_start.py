"""How a population starts: each replica from its own numbers, printed weights in their places."""

import itertools

import pytest
import torch

from reproduce.file.paper import printed
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.start import printed_weights, uniform

LAYERED = {"hidden": ["input"], "output": ["hidden"]}
DIRECT = {"hidden": ["input"], "output": ["input", "hidden"]}
FIGURE_9 = {  # PDP 1986, p. 340
    "hidden": {
        "bias": [-1.0, -1.0],
        "input": [
            [-3.18, 6.32, -12.56, 12.56, -6.33, 3.17],
            [3.16, -6.34, 12.52, -12.51, 6.31, -3.17],
        ],
    },
    "output": {"bias": [6.89], "hidden": [[-9.44, -9.44]]},
}


@pytest.mark.parametrize("count", [1, 3, 4, 5, 17])
def test_a_replica_starts_alike_whatever_the_number_of_replicas_and_their_split(count):
    whole = uniform(7, 0, 40, count)
    assert whole.shape == (count, 40)
    assert torch.equal(uniform(7, 0, 3, count), whole[:, :3])
    assert torch.equal(uniform(7, 11, 29, count), whole[:, 11:])
    alone = [uniform(7, replica, 1, count) for replica in range(40)]
    assert torch.equal(torch.cat(alone, 1), whole)


def test_no_number_is_used_twice_by_replicas_or_seeds():
    drawn = torch.stack([uniform(seed, 0, 100, 17) for seed in range(20)])
    assert drawn.unique().numel() == drawn.numel()


def test_numbers_are_uniform_from_minus_1_to_1_and_independent():
    drawn = uniform(3, 0, 20_000, 17)
    n = drawn.numel()
    assert drawn.dtype == torch.float64
    assert -1 <= drawn.min() < -0.9999
    assert 0.9999 < drawn.max() < 1
    assert abs(drawn.mean()) < 4 * (1 / 3 / n) ** 0.5
    assert abs(drawn.square().mean() - 1 / 3) < 4 * ((1 / 5 - 1 / 9) / n) ** 0.5
    between_replicas = (drawn[:, 1:] * drawn[:, :-1]).mean()
    between_weights = (drawn[1:] * drawn[:-1]).mean()
    between_seeds = (drawn * uniform(4, 0, 20_000, 17)).mean()
    for correlation in (between_replicas, between_weights, between_seeds):
        assert abs(correlation) < 4 / 3 / (n * 16 / 17) ** 0.5


def test_every_printed_number_goes_to_the_weight_of_its_name():
    units = Units(plan({"input": 2, "hidden": 3, "output": 1}, DIRECT))
    weights = {
        "output": {"bias": [9.0], "hidden": [[9.1, 9.2, 9.3]], "input": [[8.1, 8.2]]},
        "hidden": {"input": [[1.1, 1.2], [2.1, 2.2], [3.1, 3.2]], "bias": [1.0, 2.0, 3.0]},
    }
    column = printed_weights(units, weights)
    assert column.shape == (units.P, 1)
    named = dict(zip(units.names(), column[:, 0].tolist(), strict=True))
    assert named == (
        {f"bias hidden.{j}": float(j) for j in (1, 2, 3)}
        | {f"hidden.{j}<input.{i}": float(f"{j}.{i}") for j in (1, 2, 3) for i in (1, 2)}
        | {f"output.1<hidden.{i}": float(f"9.{i}") for i in (1, 2, 3)}
        | {"bias output.1": 9.0, "output.1<input.1": 8.1, "output.1<input.2": 8.2}
    )


def answers(inputs: int, hidden: int, links: dict, weights: dict) -> dict[str, float]:
    """The output of a printed net for every binary vector."""
    units = Units(plan({"input": inputs, "hidden": hidden, "output": 1}, links))
    vectors = list(itertools.product([0.0, 1.0], repeat=inputs))
    parts = units.parts(printed_weights(units, weights))
    cases = torch.tensor(vectors, dtype=torch.float64).T[..., None]
    y = units.activities(parts, cases)["output"].flatten().tolist()
    names = ["".join(str(int(bit)) for bit in vector) for vector in vectors]
    return dict(zip(names, y, strict=True))


@pytest.mark.parametrize(
    ("weights", "symmetric", "other"),
    [
        (printed("nature1986/figure1"), (0.881, 0.881), (0.083, 0.156)),
        (FIGURE_9, (0.857, 0.873), (0.072, 0.169)),
    ],
    ids=["Nature Fig. 1", "PDP Fig. 9"],
)
def test_the_printed_symmetry_nets_answer_as_they_should(weights, symmetric, other):
    y = answers(6, 2, LAYERED, weights)
    on = {y[name] for name in y if name == name[::-1]}
    off = {y[name] for name in y if name != name[::-1]}
    assert (min(on), max(on)) == pytest.approx(symmetric, abs=6e-4)
    assert (min(off), max(off)) == pytest.approx(other, abs=6e-4)


def test_the_printed_exclusive_or_nets_answer_as_they_should():
    solved = answers(2, 1, DIRECT, printed("pdp1986/figure3"))
    stuck = answers(2, 2, LAYERED, printed("pdp1986/figure5"))
    wanted = {"00": 0.103, "01": 0.877, "10": 0.877, "11": 0.109}
    assert solved == pytest.approx(wanted, abs=6e-4)
    assert stuck == pytest.approx({"00": 0.096, "01": 0.5, "10": 0.898, "11": 0.5}, abs=6e-4)
