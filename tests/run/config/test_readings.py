"""What the readings of the symmetry net, of pdp1986 and of attention2017 change, and no more."""

import pytest
from composed import NO_WEIGHT, TO_0_1, TO_01_09, changes, experiment, part

PUT_IN = {
    **{"replicas": 1, "dtype": "float64", "network.init": 0.0},
    **{"run.sweeps": 0, "run.keep_sweeps": []},
}
GRID = {
    **{"measure": [], "replicas": 500, "run.stop": "settled"},
    **{"run.sweeps": 6587, "run.keep_sweeps": [], "run.tolerances": []},
    **{"grid.update": ["presentation", "sweep"], "grid.init": [0.3, 1.0]},
    **{"grid.alpha": [0.0, 0.9], "grid.epsilon": [0.1, 0.25, 0.5, 0.75]},
}
DECAY = {"seed": 1986, "rule.decay": 0.00013}  # registered, not printed
READINGS = {  # another one, and all that is otherwise there, as the name and the comment say
    "attention2017/copy/post_norm": ("attention2017/copy", {"network.norm": "post"}),
    "attention2017/parameters/vocabulary_40960": (
        "attention2017/parameters",
        {"network.vocabulary": 40960},
    ),
    "nature1986/symmetry/published": (
        "nature1986/symmetry",
        {**PUT_IN, **NO_WEIGHT, "network.weights": "nature1986/figure1"},
    ),
    "nature1986/symmetry/published_targets_0.1_0.9": ("nature1986/symmetry/published", TO_01_09),
    "nature1986/symmetry/targets_0.1_0.9": ("nature1986/symmetry", TO_01_09),
    "nature1986/symmetry/decay": ("nature1986/symmetry/targets_0.1_0.9", DECAY),
    "nature1986/symmetry/decay_presentation": (
        "nature1986/symmetry/decay",
        {"rule.update": "presentation"},
    ),
    "nature1986/symmetry/decay_at_rest": ("nature1986/symmetry/decay", {"seed": 1987}),
    "pdp1986/symmetry/decay": ("pdp1986/symmetry/sweep", DECAY),
    "pdp1986/symmetry/decay_presentation": ("pdp1986/symmetry", DECAY),
    "pdp1986/symmetry/sweep": ("pdp1986/symmetry", {"rule.update": "sweep"}),
    "pdp1986/symmetry/sweep_targets_0_1": ("pdp1986/symmetry/sweep", TO_0_1),
    "pdp1986/symmetry/targets_0_1": ("pdp1986/symmetry", TO_0_1),
    "pdp1986/xor_direct/sweep": ("pdp1986/xor_direct", {"rule.update": "sweep"}),
    "pdp1986/xor_direct/sweep_targets_0_1": ("pdp1986/xor_direct/sweep", TO_0_1),
    "pdp1986/xor_direct/targets_0_1": ("pdp1986/xor_direct", TO_0_1),
    "pdp1986/xor/grid": ("pdp1986/xor", GRID),
    "pdp1986/xor/alpha_0": ("pdp1986/xor", {"rule.alpha": 0.0}),
    "pdp1986/xor/init_1.0": ("pdp1986/xor", {"network.init": 1.0}),
    "pdp1986/xor/epsilon_0.1": ("pdp1986/xor", {"rule.epsilon": 0.1, "run.sweeps": 25000}),
    "pdp1986/xor/epsilon_0.5": ("pdp1986/xor", {"rule.epsilon": 0.5}),
    "pdp1986/xor/minimum": (
        "pdp1986/xor",
        {"network.init": 0.05, "network.weights": "pdp1986/figure5", "run.sweeps": 6587},
    ),
    "pdp1986/xor/minimum_epsilon_0.5": ("pdp1986/xor/minimum", {"rule.epsilon": 0.5}),
    "pdp1986/xor_direct/published": (
        "pdp1986/xor_direct",
        {**PUT_IN, **NO_WEIGHT, "network.weights": "pdp1986/figure3"},
    ),
    "pdp1986/xor/published_minimum": (
        "pdp1986/xor",
        {**PUT_IN, "network.weights": "pdp1986/figure5"},
    ),
    "pdp1986/xor/sweep": ("pdp1986/xor", {"rule.update": "sweep"}),
    "pdp1986/xor/sweep_targets_0_1": ("pdp1986/xor/sweep", TO_0_1),
    "pdp1986/xor/targets_0_1": ("pdp1986/xor", TO_0_1),
}

PRINTED_SETTINGS = {  # N5, P6, P7, P2
    "nature1986/symmetry": {
        **{"network.groups.input": 6, "network.groups.hidden": 2, "network.groups.output": 1},
        **{"network.init": 0.3, "rule.epsilon": 0.1, "rule.alpha": 0.9, "rule.decay": 0.0},
        **{"rule.update": "sweep", "run.keep_sweeps": [1425], "run.keep_largest_weight": 14.2},
        **TO_0_1,
    },
    "pdp1986/symmetry": {  # P19
        **{"network.groups.input": 6, "network.groups.hidden": 2, "network.groups.output": 1},
        **{"rule.epsilon": 0.1, "rule.alpha": 0.9, "rule.decay": 0.0},
        **{"rule.update": "presentation", "run.keep_sweeps": [1208]},
        **TO_01_09,
    },
    "pdp1986/xor": {
        **{"network.groups.input": 2, "network.groups.hidden": 2, "network.groups.output": 1},
        **{"network.links.output": ["hidden"], "rule.epsilon": 0.25, "rule.alpha": 0.9},
        **{"rule.update": "presentation", "run.keep_sweeps": [6587]},
        **TO_01_09,
    },
    "pdp1986/xor_direct": {
        **{"network.groups.input": 2, "network.groups.hidden": 1, "network.groups.output": 1},
        **{"network.links.output": ["input", "hidden"], "rule.epsilon": 0.5, "rule.alpha": 0.9},
        **{"rule.update": "presentation", "run.keep_sweeps": [558]},
        **TO_01_09,
    },
}

TABLE_3 = {  # N d_model d_ff h d_k d_v, from the rows of A1; what is blank there is as in base
    "base": (6, 512, 2048, 8, 64, 64),
    "A_h1": (6, 512, 2048, 1, 512, 512),
    "A_h4": (6, 512, 2048, 4, 128, 128),
    "A_h16": (6, 512, 2048, 16, 32, 32),
    "A_h32": (6, 512, 2048, 32, 16, 16),
    "B_dk16": (6, 512, 2048, 8, 16, 64),
    "B_dk32": (6, 512, 2048, 8, 32, 64),
    "C_N2": (2, 512, 2048, 8, 64, 64),
    "C_N4": (4, 512, 2048, 8, 64, 64),
    "C_N8": (8, 512, 2048, 8, 64, 64),
    "C_d256": (6, 256, 2048, 8, 32, 32),
    "C_d1024": (6, 1024, 2048, 8, 128, 128),
    "C_dff1024": (6, 512, 1024, 8, 64, 64),
    "C_dff4096": (6, 512, 4096, 8, 64, 64),
    "D_dropout_0.0": (6, 512, 2048, 8, 64, 64),
    "D_dropout_0.2": (6, 512, 2048, 8, 64, 64),
    "D_smoothing_0.0": (6, 512, 2048, 8, 64, 64),
    "D_smoothing_0.2": (6, 512, 2048, 8, 64, 64),
    "big": (6, 1024, 4096, 16, 64, 64),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_changes_only_what_its_name_and_comment_say(name):
    parent, said = READINGS[name]
    assert changes(name, parent) == said


@pytest.mark.parametrize("name", PRINTED_SETTINGS)
def test_a_literal_reading_has_the_settings_that_the_paper_prints(name):
    assert part(name, PRINTED_SETTINGS[name]) == PRINTED_SETTINGS[name]


def test_the_rows_are_those_of_table_3():
    rows = experiment("attention2017/parameters").network.rows
    letters = ("N", "d_model", "d_ff", "h", "d_k", "d_v")
    assert {n: tuple(getattr(row, x) for x in letters) for n, row in rows.items()} == TABLE_3
