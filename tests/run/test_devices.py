"""One formula serves every device: a sweep without data on meta, the same numbers on CUDA."""

import pytest
import torch

from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population

EXPERIMENTS = [
    ("nature1986/symmetry", 17),  # a change a sweep; the net at its largest weight is kept
    ("pdp1986/xor_direct", 7),  # a change a presentation
    ("pdp1986/xor/minimum", 9),  # from printed weights
]


def swept(experiment: str, device: str, replicas: int, sweeps: int, *overrides: str):
    """The population and its state after some sweeps."""
    own = [f"experiment={experiment}", f"replicas={replicas}", f"run.sweeps={sweeps}"]
    own += ["run.keep_sweeps=[]", *overrides]
    population = make_population(compose_experiment(own), torch.device(device))
    for state in population.train(population.start()):
        last = state
    return population, last


@pytest.mark.parametrize(("experiment", "P"), EXPERIMENTS)
def test_a_sweep_on_meta_touches_no_other_device(experiment, P):
    _, state = swept(experiment, "meta", 3, 1)
    assert state.sweep == 1
    tensors = [state.weights, state.velocity, state.first, *state.kept.values()]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert state.weights.shape[0] == P
    assert state.weights.shape[1] >= 3


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize(("dtype", "close"), [("float32", 1e-4), ("float64", 1e-11)])
@pytest.mark.parametrize(("experiment", "P"), EXPERIMENTS)
def test_a_few_sweeps_on_cuda_are_those_on_the_cpu(experiment, P, dtype, close):
    left = []
    for device in ("cpu", "cuda"):
        population, state = swept(experiment, device, 100, 20, f"dtype={dtype}")
        assert state.weights.device.type == device
        left.append(population.trained(state))
    cpu, cuda = left
    assert cpu.moments["at_end"].shape == (P, 100)
    for moment in cpu.moments:
        torch.testing.assert_close(
            cuda.moments[moment], cpu.moments[moment], rtol=close, atol=close, equal_nan=True
        )
    assert not torch.equal(cpu.moments["at_end"], population.start().weights[:, :100].cpu())
