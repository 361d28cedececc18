"""What the experiments of attention2017 refuse, in one line, and what they accept."""

import pytest

from reproduce.run.config.check import ConfigError
from reproduce.run.config.compose import compose_experiment

SCALING, POSITIONS, SCHEDULE, SMOOTHING, COST = (
    f"attention2017/{name}"
    for name in ("scaling", "positions", "schedule", "smoothing", "training_cost")
)
BLOCK, HEADS, COMPLEXITY = (
    f"attention2017/{name}" for name in ("block", "heads_cost", "complexity")
)
COPY, SORT, RECALL, INDUCTION, CHARACTERS, DISTANCE = (
    f"attention2017/{name}"
    for name in ("copy", "sort", "recall", "induction", "characters", "distance")
)
REFUSED = [  # experiment, override, and what the line must name: key, value, what is allowed
    (SCALING, "replicas=0", ["replicas", "0", "from 1"]),
    (SCALING, "dtype=float32", ["dtype", "float32", "float64"]),
    (SCALING, "device=cuda", ["device", "cuda", "cpu"]),
    (SCALING, "measure=[positions]", ["measure", "positions", "scaling"]),
    (SCALING, "network.d_k=[]", ["network.d_k", "whole numbers from 1"]),
    (SCALING, "network.d_k=[4,4]", ["network.d_k", "4", "different"]),
    (SCALING, "network.keys=0", ["network.keys", "0", "from 1"]),
    (POSITIONS, "replicas=2", ["replicas", "2", "1"]),
    (POSITIONS, "network.d_model=[5]", ["network.d_model", "5", "even"]),
    (POSITIONS, "network.positions=1", ["network.positions", "1", "from 2"]),
    (POSITIONS, "network.offsets=[0]", ["network.offsets", "0", "from 1"]),
    (POSITIONS, "network.positions=100", ["network.offsets", "below", "positions=100"]),
    (SCHEDULE, "rule.warmup=0", ["rule.warmup", "0", "from 1"]),
    (SCHEDULE, "rule.beta_2=1", ["rule.beta_2", "1", "below 1"]),
    (SCHEDULE, "rule.epsilon=0", ["rule.epsilon", "0", "above 0"]),
    (SCHEDULE, "run.steps=0", ["run.steps", "0", "from 1"]),
    (SMOOTHING, "network.vocabulary=[2]", ["network.vocabulary", "2", "from 3"]),
    (SMOOTHING, "rule.smoothing=[0.1,1]", ["rule.smoothing", "1", "below 1"]),
    (SMOOTHING, "rule.smoothing=[0.1]", ["rule.printed_perplexity", "one number for each"]),
    (COST, "run.gpus=0", ["run.gpus", "0", "from 1"]),
    (COST, "run.big.hours=-1", ["run.big.hours", "-1", "above 0"]),
    (COST, "run.base.step=1", ["run.base.step", "no such key"]),
    (BLOCK, "dtype=float32", ["dtype", "float32", "float64"]),
    (BLOCK, "device=cuda", ["device", "cuda", "cpu"]),
    (BLOCK, "replicas=0", ["replicas", "0", "from 1"]),
    (BLOCK, "network.init=0", ["network.init", "0", "above 0"]),
    (BLOCK, "network.dropout=1", ["network.dropout", "1", "below 1"]),
    (BLOCK, "network.dropout=0", ["network.dropout", "0", "above 0"]),
    (BLOCK, "network.n=0", ["network.n", "0", "from 1"]),
    (BLOCK, "measure=[complexity]", ["measure", "complexity", "block"]),
    (HEADS, "network.heads=[1,2]", ["network.heads", "2", "1 and 8"]),
    (HEADS, "network.heads=[1,8,3]", ["network.heads", "3", "16, 32"]),
    (HEADS, "network.heads=[1,8,8]", ["network.heads", "8", "16, 32"]),
    (HEADS, "network.d_model=500", ["network.d_model", "500", "multiple of 32"]),
    (COMPLEXITY, "replicas=2", ["replicas", "2", "1"]),
    (COMPLEXITY, "network.lengths=[64]", ["network.lengths", "64", "two whole numbers"]),
    (COMPLEXITY, "network.lengths=[64,64]", ["network.lengths", "64", "two whole numbers"]),
    (COMPLEXITY, "network.widths=[64,100]", ["network.widths", "100", "multiples of 8"]),
    (COMPLEXITY, "network.kernels=[1,3]", ["network.kernels", "1", "from 2 up"]),
    (COMPLEXITY, "network.windows=[9,16]", ["network.windows", "16", "odd"]),
    (COMPLEXITY, "network.windows=[1,9]", ["network.windows", "1", "from 3 up"]),
    (COMPLEXITY, "network.path_lengths=[1,9]", ["network.path_lengths", "1", "from 2 up"]),
    (COMPLEXITY, "network.h=3", ["network.h", "3", "1, 2, 4 or 8"]),
    (COMPLEXITY, "network.rows=1", ["network.rows", "no such key"]),
    (COPY, "network.mixer=recurrent", ["network.mixer", "recurrent", "attention"]),
    (COPY, "grid.mixer=[convolution]", ["grid.mixer", "convolution", "attention"]),
    (COPY, "grid.distance=[4]", ["grid.distance", "4", "task.distance"]),
    (COPY, "network.d_ff=0", ["network.d_ff", "0", "above 0"]),
    (COPY, "network.positions=learned", ["network.positions", "learned", "sinusoids"]),
    (COPY, "network.embedding_dropout=0", ["network.embedding_dropout", "no such key"]),
    (COPY, "rule.warmup=0", ["rule.warmup", "0", "above 0"]),
    (COPY, "network.norm=middle", ["network.norm", "middle", "post, pre"]),
    (SORT, "task={vocabulary:10,length:7}", ["task.length", "7", "100000 inputs"]),
    (SORT, "measure=[copy]", ["measure", "copy", "sort"]),
    (RECALL, "measure=[copy]", ["measure", "copy", "an empty list"]),
    (RECALL, "task.length=65", ["task.length", "65", "even"]),
    (RECALL, "task.pairs=17", ["task.length", "64", "68"]),
    (RECALL, "run.batch=20000", ["run.batch", "20000", "10000"]),
    (RECALL, "run.stop_at=1.5", ["run.stop_at", "1.5", "at most 1"]),
    (INDUCTION, "task.longest=10", ["task.longest", "10", "16"]),
    (CHARACTERS, "task.text=absent.txt", ["task.text", "absent.txt", "text file"]),
    (CHARACTERS, "rule.warmup=2000", ["rule.warmup", "2000", "below run.steps"]),
    (DISTANCE, "grid.mixer=[pooling]", ["grid.mixer", "pooling", "recurrent"]),
    (DISTANCE, "grid.distance=[1]", ["grid.distance", "1", "from 2"]),
]


@pytest.mark.parametrize(
    ("name", "override", "named"), REFUSED, ids=[f"{row[0]} {row[1]}" for row in REFUSED]
)
def test_a_refusal_names_key_value_and_what_is_allowed(name, override, named):
    with pytest.raises(ConfigError) as refused:
        compose_experiment([f"experiment={name}", override])
    line = str(refused.value)
    assert "\n" not in line
    assert [word for word in named if word not in line] == [], line


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        (SCALING, ["network.d_k=[1]", "network.keys=1", "replicas=1"]),
        (POSITIONS, ["network.d_model=[4]", "network.positions=2", "network.offsets=[1]"]),
        (SCHEDULE, ["rule.beta_1=0", "rule.warmup=1", "run.steps=1"]),
        (SMOOTHING, ["network.vocabulary=[3]", "rule.smoothing=[0.01,0.99]"]),
        (BLOCK, ["network.dropout=0.999"]),
        (BLOCK, ["network.d_model=1"]),
        (HEADS, ["network.heads=[8,1]"]),
        (HEADS, ["network.d_model=32"]),
        (COMPLEXITY, ["network.windows=[33,3]"]),
        (COMPLEXITY, ["network.path_lengths=[2,3]"]),
        (SORT, ["task.vocabulary=10", "task.length=5"]),
        (RECALL, ["task.pairs=16", "run.batch=10000", "run.stop_at=1"]),
        (INDUCTION, ["task.shortest=2", "task.longest=62"]),
        (CHARACTERS, ["rule.warmup=1999"]),
        (DISTANCE, ["network.mixer=convolution", "grid.mixer=[]"]),
    ],
)
def test_what_is_just_inside_the_bounds_is_accepted(name, overrides):
    compose_experiment([f"experiment={name}", *overrides])
