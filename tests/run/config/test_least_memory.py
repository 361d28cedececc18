"""What a run needs at least is known before it begins, and is never more than it really takes."""

import pytest
import torch

from reproduce.file.experiments import experiment_names
from reproduce.run.config import memory
from reproduce.run.config.check_units import plan_of
from reproduce.run.config.compose import compose_experiment
from reproduce.run.config.grid import points
from reproduce.run.config.memory import least_bytes, of_population, parameters, too_large
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.config.weights import weights
from reproduce.run.learn import make_population
from reproduce.run.training import at_point, make_model, make_sequence_task
from reproduce.units.net import Units

GB = 10**9
CONFIGS = {name: compose_experiment([f"experiment={name}"]) for name in experiment_names()}
OF_1986 = [name for name in CONFIGS if hasattr(getattr(CONFIGS[name], "network", None), "links")]
OF_2017 = [name for name in CONFIGS if isinstance(CONFIGS[name], SequenceExperiment)]


@pytest.mark.parametrize("name", OF_1986)
def test_the_weights_of_a_net_of_1986_are_counted(name):
    network = CONFIGS[name].network
    assert weights(network) == Units(plan_of(network)).P


@pytest.mark.parametrize("name", OF_2017)
def test_the_parameters_of_a_sequence_model_are_nearly_all_counted(name):
    config, counts = CONFIGS[name], []
    for point in points(config):
        chosen = at_point(config, point)
        with torch.device("meta"):
            model = make_model(chosen, make_sequence_task(chosen))
        counts.append(sum(parameter.numel() for parameter in model.parameters()))
    most = max([config.network.N, *config.grid.N])
    assert 0.9 * max(counts) < parameters(config, most) <= max(counts)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_a_population_keeps_is_counted(dtype):
    words = ["replicas=50", "run.sweeps=3", "run.keep_sweeps=[1,2,3]", f"dtype={dtype}"]
    config = compose_experiment(["experiment=nature1986/symmetry", "engine=eager", *words])
    population = make_population(config, torch.device("cpu"))
    *_, state = population.train(population.start())
    trained = population.trained(state)
    kept = sum(t.nbytes for t in (*trained.moments.values(), *trained.first.values()))
    assert 0.9 * kept < of_population(config) <= kept + memory.ENTRY


def test_a_run_is_refused_exactly_where_it_needs_more_than_is_free(monkeypatch):
    config = compose_experiment(["experiment=nature1986/symmetry", "replicas=1000000"])
    need = least_bytes(config)
    monkeypatch.setattr(memory, "free_bytes", lambda: need)
    assert too_large(config) is None
    monkeypatch.setattr(memory, "free_bytes", lambda: need - 1)
    assert too_large(config).startswith("replicas=1000000: ")


def test_no_experiment_at_the_size_of_its_file_is_refused_with_one_gigabyte(monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: GB)
    assert {name: line for name, config in CONFIGS.items() if (line := too_large(config))} == {}


def test_models_that_may_go_to_a_gpu_are_only_drawn_in_the_memory_of_the_processor(monkeypatch):
    needed = {}
    for gpu in (False, True):
        monkeypatch.setattr(memory, "has_gpu", lambda gpu=gpu: gpu)
        needed[gpu] = least_bytes(CONFIGS["attention2017/copy"])
    assert needed[True] < needed[False] / 3


def test_the_ranks_of_torchrun_share_what_a_population_is_drawn_in(monkeypatch):
    config = compose_experiment(["experiment=pdp1986/xor_direct", "run.keep_sweeps=[]"])
    alone = of_population(config)
    monkeypatch.setenv("WORLD_SIZE", "16")
    assert of_population(config) < alone
