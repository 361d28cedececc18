"""What the experiments on family trees, momentum, minima and shared weights are made of."""

import pytest
from composed import NO_WEIGHT, TO_0_1, TO_01_09, changes, part
from test_readings import READINGS as OTHER_READINGS

from reproduce.file.experiments import experiment_names, parted

SMALL_MAP = {"grid.init": [0.3, 1.0], "grid.alpha": [0.9, 0.95]}
NO_MOMENTS = {"run.tolerances": [], "run.keep_sweeps": []}
STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]
XOR_STEPS = [*STEPS, 10.0, 20.0]  # its best step is beyond the others' range
MOMENTUM = {
    **{"measure": [], "replicas": 500, "run.stop": "settled"},
    **{"grid.alpha": [0.0, 0.9], "grid.epsilon": STEPS},
    **NO_MOMENTS,
}
MINIMA = {
    **{"measure": ["landscape"], "replicas": 200, "network.groups.hidden": 8},
    **{"run.sweeps": 20000, "run.points_per_decade": 5},
}
FAMILY, MAP = "cogsci1986/family_trees", "cogsci1986/family_trees_map"
SYMMETRY, XOR, PARITY = "nature1986/symmetry", "pdp1986/xor", "nature1986/momentum_parity"
PROBLEMS = ("symmetry", "xor", "parity")
REGISTER = "pdp1986/shift_register"
FREE = {"network.start.ring.bias": [-0.3, 0.3], "network.hold.ring.bias": "free"}
READINGS = {  # another one, and all that is otherwise there, as the name and the comment say
    f"{FAMILY}/figure8": (FAMILY, {"task.held_out": "figure8"}),
    f"{FAMILY}/no_decay": (FAMILY, {"rule.decay": 0.0}),
    f"{FAMILY}/nearest": (
        FAMILY,
        {"seed": 1, "network.init": 2 * 0.3, "rule.epsilon": 10 * 0.01},
    ),
    f"{FAMILY}/nearest_no_decay": (f"{FAMILY}/nearest", {"rule.decay": 0.0}),
    f"{FAMILY}/step": (FAMILY, {"rule.epsilon": 10 * 0.01, "rule.alpha": 0.95}),
    f"{FAMILY}/step_no_decay": (f"{FAMILY}/step", {"rule.decay": 0.0}),
    MAP: (
        FAMILY,
        {
            **{"measure": ["generalization"], "replicas": 100, "run.points_per_decade": 4},
            **{"grid.init": [0.3, 0.6, 1.0, 1.5], "grid.decay": [0.0, 0.0002, 0.002]},
            **{"grid.alpha": [0.9, 0.95, 0.98], "grid.epsilon": [0.01, 0.03, 0.1, 0.3]},
        },
    ),
    f"{MAP}/fan_in": (
        MAP,
        {**SMALL_MAP, "rule.over_fan_in": True, "grid.epsilon": [0.1, 0.3, 1.0, 3.0]},
    ),
    f"{MAP}/figure8": (MAP, {**SMALL_MAP, "task.held_out": "figure8"}),
    f"{MAP}/masked": (MAP, {**SMALL_MAP, **TO_0_1}),
    f"{MAP}/no_biases": (MAP, {**SMALL_MAP, "network.biases": False}),
    f"{MAP}/no_output_slope": (MAP, {**SMALL_MAP, "rule.output_slope": False}),
    f"{MAP}/plain": (MAP, {**SMALL_MAP, **TO_0_1, "task.satisfied": None}),
    f"{MAP}/presentation": (MAP, {**SMALL_MAP, "rule.update": "presentation"}),
    "nature1986/family_trees": (FAMILY, TO_0_1),
    f"{REGISTER}/five_units": (REGISTER, {"task.name": "shift_5", "network.groups.ring": 5}),
    f"{REGISTER}/free": (REGISTER, FREE),
    f"{REGISTER}/five_units_free": (f"{REGISTER}/five_units", FREE),
    "nature1986/equal_starts": (
        SYMMETRY,
        {
            **{"measure": ["hidden_units"], "network.equal_units": True},
            **NO_MOMENTS,
            **NO_WEIGHT,
        },
    ),
    "nature1986/start_range": (
        SYMMETRY,
        {
            **{"measure": [], "replicas": 500, "run.stop": "settled"},
            "grid.init": [0.3, 0.001, 0.01, 0.03, 0.1, 1.0, 3.0],  # the printed one first
            **NO_MOMENTS,
            **NO_WEIGHT,
        },
    ),
    "nature1986/momentum_symmetry": (SYMMETRY, {**MOMENTUM, **NO_WEIGHT}),
    "nature1986/momentum_xor": (
        XOR,
        {**MOMENTUM, "grid.epsilon": XOR_STEPS, "rule.update": "sweep"},
    ),
    "nature1986/local_minima": (
        SYMMETRY,
        {
            **{"grid.epsilon": [0.1, 0.02], "grid.hidden": [2, 3, 4, 5, 6, 7, 8]},
            **MINIMA,
            **NO_MOMENTS,
            **NO_WEIGHT,
        },
    ),
    "nature1986/local_minima_xor": (
        XOR,
        {
            **{"grid.epsilon": [0.1, 0.5], "grid.hidden": [2, 3, 4, 5, 6, 7, 8]},
            "rule.update": "sweep",
            **MINIMA,
            **NO_MOMENTS,
        },
    ),
    "nature1986/local_minima_parity": (
        PARITY,
        {
            **{"grid.epsilon": [0.1, 0.5], "grid.hidden": [4, 5, 6, 7, 8], "grid.alpha": []},
            "run.stop": "end",
            **MINIMA,
        },
    ),
    "nature1986/shift_register/summed": ("nature1986/shift_register", {"rule.over_uses": False}),
    **{
        f"nature1986/momentum_{problem}/{function}": (
            f"nature1986/momentum_{problem}",
            {"network.function": function},
        )
        for problem in PROBLEMS
        for function in ("tanh", "rectifier")
    },
    **{
        f"nature1986/second_derivatives_{problem}/newton": (
            f"nature1986/second_derivatives_{problem}",
            {"rule.method": "Newton"},
        )
        for problem in PROBLEMS
    },
}

FAMILY_SETTINGS = {  # H4, H5, H6, N11, N12
    **{"network.groups.person": 24, "network.groups.relation": 12, "network.groups.answer": 24},
    **{"network.groups.person_code": 6, "network.groups.relation_code": 6},
    **{"network.groups.central": 12, "network.groups.penultimate": 6},
    **{"network.links.person_code": ["person"], "network.links.relation_code": ["relation"]},
    "network.links.central": ["person_code", "relation_code"],
    **{"network.links.penultimate": ["central"], "network.links.answer": ["penultimate"]},
    **{"network.init": 0.3, "network.function": "logistic", "rule.update": "sweep"},
    **{"rule.epsilon": 0.01, "rule.alpha": 0.9, "rule.decay": 0.2 / 100},
    **{"rule.early_sweeps": 20, "rule.early_epsilon": 0.005 / 0.01, "rule.early_alpha": 0.5},
    **{"run.sweeps": 1500, "run.stop": "end", "run.keep_sweeps": [573, 1500]},
    **{"task.satisfied": 0.2, "task.held_out": "random"},
}
NETS = {  # N5, P7, P14: units, and targets where they are printed
    "symmetry": {"groups": (6, 2, 1), **TO_0_1},
    "xor": {"groups": (2, 2, 1), **TO_01_09},
    "parity": {"groups": (4, 4, 1), **TO_01_09},
}
GROUPS = ("network.groups.input", "network.groups.hidden", "network.groups.output")


def net(problem: str, **others) -> dict:
    """The settings of one of `NETS`, full from each layer to the next."""
    made = {"task.name": problem, "network.init": 0.3, **NETS[problem], **others}
    links = {"network.links.hidden": ["input"], "network.links.output": ["hidden"]}
    return dict(zip(GROUPS, made.pop("groups"), strict=True)) | links | made


BATCH = {"rule.update": "sweep", "rule.decay": 0.0, "rule.early_sweeps": 0}  # N3
PRINTED_SETTINGS = {
    FAMILY: {**FAMILY_SETTINGS, "task.target_off": 0.2, "task.target_on": 0.8},
    "nature1986/family_trees": {**FAMILY_SETTINGS, **TO_0_1},  # N13
    "nature1986/shift_register": {  # P32, N16
        **{"network.groups.start": 3, "network.groups.first": 3, "network.groups.second": 3},
        **{"network.links.first": ["start"], "network.links.second": ["first"]},
        **{"network.like.second": "first", "network.biases": True, "rule.epsilon": 0.25},
        **{"rule.over_uses": True, **BATCH, **TO_0_1},
    },
    **{
        f"nature1986/momentum_{problem}": {  # N4
            **net(problem),
            **BATCH,
            **{"grid.alpha": [0.0, 0.9], "grid.epsilon": steps, "network.function": "logistic"},
        }
        for problem, steps in zip(PROBLEMS, (STEPS, XOR_STEPS, STEPS), strict=True)
    },
    **{  # N4: on the same nets
        f"nature1986/second_derivatives_{problem}": net(problem, **{"rule.method": "L-BFGS"})
        for problem in PROBLEMS
    },
    **{  # N17: from just enough connections on
        f"nature1986/local_minima{end}": {
            **net(problem, groups=(inputs, 8, 1)),
            **BATCH,
            **{"grid.hidden": [*range(fewest, 9)], "grid.alpha": [], "rule.alpha": 0.9},
        }
        for end, problem, inputs, fewest in [
            ("", "symmetry", 6, 2),
            ("_xor", "xor", 2, 2),
            ("_parity", "parity", 4, 4),
        ]
    },
}


@pytest.mark.parametrize("name", READINGS)
def test_an_experiment_on_the_net_of_another_changes_only_what_its_name_and_comment_say(name):
    parent, said = READINGS[name]
    assert changes(name, parent) == said


def test_every_reading_is_held_here_against_its_experiment_or_another_reading_of_it():
    found = {name for name in experiment_names() if parted(name)[1]}
    known = OTHER_READINGS | READINGS
    assert found == {name for name in known if parted(name)[1]}
    assert all(parted(name)[0] == parted(known[name][0])[0] for name in found)


@pytest.mark.parametrize("name", PRINTED_SETTINGS)
def test_an_experiment_has_the_settings_that_the_papers_print(name):
    assert part(name, PRINTED_SETTINGS[name]) == PRINTED_SETTINGS[name]
