"""The tasks hold exactly the cases that a brute-force search finds."""

from dataclasses import replace
from itertools import product

import pytest
import torch

from reproduce.file.found import given, having
from reproduce.run.config.units import HELD_OUT, TASK_CASES
from reproduce.units.task import cases

TRUTH = {
    "symmetry": (6, lambda bits: [list(bits) == list(reversed(bits))]),
    "xor": (2, lambda bits: [bits[0] != bits[1]]),
    "parity": (4, lambda bits: [bool(bits[0] ^ bits[1] ^ bits[2] ^ bits[3])]),
    "shift": (3, lambda bits: [bool(bits[2]), bool(bits[0]), bool(bits[1])]),
    "shift_5": (5, lambda bits: [bool(bits[(place + 2) % 5]) for place in range(5)]),
}


def test_every_task_has_a_truth_here_or_in_a_file_of_its_own():
    assert {*having("cases")} == {*TRUTH, "family_trees", "encoder", "t_c"}


@pytest.mark.parametrize("name", TRUTH)
def test_cases_are_all_binary_vectors_in_counting_order_with_the_true_answer(name):
    length, truth = TRUTH[name]
    task = given(name, "cases")()
    vectors = list(product([0, 1], repeat=length))
    assert [tuple(column) for column in task.inputs.T.tolist()] == vectors
    assert task.on.T.tolist() == [truth(vector) for vector in vectors]
    assert task.inputs.dtype == torch.float64


def test_as_many_cases_as_the_papers_say():
    symmetry, xor = given("symmetry", "cases")(), given("xor", "cases")()
    assert (symmetry.on.numel(), symmetry.on.sum()) == (64, 8)
    assert (xor.on.numel(), xor.on.sum()) == (4, 2)


@pytest.mark.parametrize("levels", [(0.0, 1.0), (0.1, 0.9)])
def test_targets_are_one_level_where_on_and_the_other_where_off(levels):
    targets = given("xor", "cases")().targets(*levels)
    off, on = levels
    assert targets.tolist() == [[off, on, on, off]]
    assert targets.dtype == torch.float64


def test_targets_that_are_nan_are_not_asked_and_steps_lie_one_under_the_other():
    nan = torch.nan
    task = cases(torch.zeros(3, 1, 2), torch.tensor([[[1, nan]], [[0, 1.0]]]))
    assert task.inputs.shape == (3, 1, 2)
    assert task.on.tolist() == [[True, False], [False, True]]
    assert task.asked.tolist() == [[True, False], [True, True]]
    assert cases(torch.zeros(1, 2), torch.zeros(1, 2)).asked is None
    assert task.sha256() != replace(task, asked=None).sha256()


def test_the_hash_changes_with_any_bit_of_the_data_and_with_nothing_else():
    task = given("symmetry", "cases")()
    same = replace(task, inputs=task.inputs.T.clone().T)
    inputs, on = task.inputs.clone(), task.on.clone()
    inputs[5, 63] += 2**-52
    on[0, 9] ^= True
    shaped = replace(task, inputs=task.inputs.reshape(12, 32))
    others = [replace(task, inputs=inputs), replace(task, on=on), shaped, given("xor", "cases")()]
    assert same.sha256() == task.sha256()
    assert len({task.sha256(), *(other.sha256() for other in others)}) == 5


def test_what_configs_say_of_the_tasks_is_true():
    made = {name: given(name, "cases")() for name in TASK_CASES}
    assert {name: task.on.shape[1] for name, task in made.items()} == TASK_CASES
    assert set(HELD_OUT) == {*having("held_out")}
