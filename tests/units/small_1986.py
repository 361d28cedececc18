"""Small experiments and their last states, as the tests of the words of a net look at them."""

import torch

from reproduce.run.config.compose import compose_experiment
from reproduce.run.learn import make_population

CPU = torch.device("cpu")
RANDOM = ["network.links.hidden=[{from: input, kind: random, share: 0.5}]"]
SMALL = ["replicas=3", "dtype=float64", "engine=eager", "run.points_per_decade=1000"]


def composed(name: str, *words: str):
    """A small experiment without moments and measures."""
    free = ["measure=[]", "run.keep_sweeps=[]", "run.tolerances=[]"]
    free += ["run.keep_largest_weight=null", "run.keep_link=[]"]
    return compose_experiment([f"experiment={name}", *SMALL, *free, *words])


def trained(config):
    """The population and its last state."""
    made = make_population(config, CPU)
    *_, last = made.train(made.start())
    return made, last
