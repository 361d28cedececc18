"""What the studies of built layers refuse, in one line, and what they accept."""

import pytest

from reproduce.config.check import ConfigError
from reproduce.config.compose import compose_experiment

BLOCK, HEADS, COMPLEXITY = (
    f"attention2017/{name}" for name in ("block", "heads_cost", "complexity")
)
REFUSED = [  # experiment, override, and what the line must name: key, value, what is allowed
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
    ("name", "override"),
    [
        (BLOCK, "network.dropout=0.999"),
        (BLOCK, "network.d_model=1"),
        (HEADS, "network.heads=[8,1]"),
        (HEADS, "network.d_model=32"),
        (COMPLEXITY, "network.windows=[33,3]"),
        (COMPLEXITY, "network.path_lengths=[2,3]"),
    ],
)
def test_what_is_just_inside_is_accepted(name, override):
    compose_experiment([f"experiment={name}", override])
