"""A grid over the number of hidden units: each net is the net of a plan of so many units."""

import pytest
import torch

from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population
from reproduce.units.measure import landscape, learning

CPU = torch.device("cpu")
SIZES = [1, 3, 8]
SYMMETRY = [
    *("experiment=nature1986/symmetry", "measure=[landscape]", "engine=eager", "dtype=float64"),
    *("network.links.output=[hidden,input]", "rule.decay=0.01", "network.init=1.0"),
    *("run.keep_sweeps=[]", "run.tolerances=[0.4]", "replicas=3"),
]
KINDS = {
    "a change a sweep": ["run.sweeps=40"],
    "a change a case": ["rule.update=presentation", "run.sweeps=5", "rule.epsilon=0.5"],
    "tanh, without biases": ["network.biases=false", "network.function=tanh", "run.sweeps=10"],
}


def population(*words: str):
    return make_population(compose_experiment([*SYMMETRY, *words]), CPU)


def grid(*words: str):
    return population("network.groups.hidden=8", f"grid.hidden={SIZES}", *words)


def last_of(made, state):
    *_, state = made.train(state)
    return state


def cut(made, weights: torch.Tensor, part, shape: torch.Size) -> torch.Tensor:
    """The first units of a part, as many as a smaller net has."""
    return made.units.parts(weights)[part][tuple(map(slice, shape))]


def there(made, part) -> torch.Tensor:
    """Whether the weights of a part are there, (..., replicas), by the number of each net."""
    size = torch.tensor(SIZES).repeat_interleave(3)
    shape = made.units.places[part][1]
    units = torch.arange(8)[:, None] < size
    if part in ("hidden", ("hidden", "output")):
        return units.expand(*shape, 9)
    return units[:, None].expand(*shape, 9) if "hidden" in part else torch.ones(*shape, 9) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_net_of_fewer_units_is_the_net_of_a_plan_of_so_many(kind):
    made = grid(*KINDS[kind])
    start, last = made.start(), last_of(made, made.start())
    whole = made.trained(last)
    for place, size in enumerate(SIZES):
        mine = slice(3 * place, 3 * place + 3)
        small = population(f"network.groups.hidden={size}", *KINDS[kind])
        state = small.start()
        for part, view in small.units.parts(state.weights).items():
            view.copy_(cut(made, start.weights[:, mine], part, view.shape))
        state = last_of(small, state)
        for tensor, wanted in ((last.weights, state.weights), (last.velocity, state.velocity)):
            for part, view in small.units.parts(wanted).items():
                found = cut(made, tensor[:, mine], part, view.shape)
                torch.testing.assert_close(found, view, rtol=1e-9, atol=1e-12)
        assert torch.equal(last.first[:, mine], state.first)
        for measure in (learning.measure, landscape.measure):
            wanted = measure(small.trained(state))
            found = measure(whole.replicas(mine.start, mine.stop))
            for name, column in wanted.items():
                close = {"rtol": 1e-6, "atol": 1e-10, "equal_nan": True}
                torch.testing.assert_close(found[name], column, **close, msg=name)
    assert (last.weights - start.weights).abs().amax(0).min() > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_that_is_not_there_is_0_from_first_to_last(kind):
    made = grid(*KINDS[kind])
    for state in made.train(made.start()):
        for tensor in (state.weights, state.velocity):
            for part, view in made.units.parts(tensor).items():
                assert (view[~there(made, part)] == 0).all()
        for part, view in made.units.parts(state.weights).items():
            assert (view[there(made, part)] != 0).all()


def test_a_replica_has_the_same_random_numbers_at_every_size():
    made, plain = grid(), population("network.groups.hidden=8")
    start = made.units.parts(made.start().weights)
    for part, view in plain.units.parts(plain.start().weights).items():
        wanted = view.repeat(*[1] * (view.dim() - 1), 3) * there(made, part)
        assert torch.equal(start[part], wanted)
