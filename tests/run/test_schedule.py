"""At which sweeps a run is looked at."""

import numpy as np
import pytest

from reproduce.run.schedule import logarithmic, moments


@pytest.mark.parametrize("points", [1, 3, 20, 1000])
@pytest.mark.parametrize("sweeps", [0, 1, 2, 7, 1425, 10_000])
def test_looks_are_the_whole_sweeps_of_a_logarithmic_axis_and_both_ends(sweeps, points):
    axis = np.rint(np.logspace(0, 5, 5 * points + 1))
    wanted = {0, sweeps} | {int(sweep) for sweep in axis if sweep < sweeps}
    assert logarithmic(sweeps, points) == sorted(wanted)


def test_each_decade_has_as_many_looks_as_asked_for():
    found = logarithmic(10_000, 20)
    assert sum(1000 < sweep <= 10_000 for sweep in found) == 20
    assert {1, 10, 100, 1000, 10_000} <= set(found)
    assert logarithmic(100, 3) == [0, 1, 2, 5, 10, 22, 46, 100]


def test_a_net_is_drawn_at_the_start_and_at_even_steps_of_a_logarithmic_axis():
    assert moments(10_000) == [0, 10, 100, 1000, 10_000]
    assert moments(16) == [0, 2, 4, 8, 16]
    assert (moments(0), moments(1)) == ([0], [0, 1])
    for sweeps in range(2, 3000):
        found = moments(sweeps)
        assert found[0] == 0
        assert found[-1] == sweeps
        assert found == sorted(set(found))
        assert len(found) <= 5
