"""The tasks hold exactly the cases that a brute-force search finds."""

import subprocess
import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from reproduce.file.found import having
from reproduce.file.place import ROOT
from reproduce.run.task import task_of
from reproduce.units.cases import Cases
from reproduce.units.task import Task

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
    task = task_of(name)
    vectors = list(product([0, 1], repeat=length))
    assert [tuple(column) for column in task.inputs.T.tolist()] == vectors
    assert task.on.T.tolist() == [truth(vector) for vector in vectors]
    assert task.inputs.dtype == torch.float64


def test_as_many_cases_as_the_papers_say():
    symmetry, xor = task_of("symmetry"), task_of("xor")
    assert (symmetry.on.numel(), symmetry.on.sum()) == (64, 8)
    assert (xor.on.numel(), xor.on.sum()) == (4, 2)


@pytest.mark.parametrize("levels", [(0.0, 1.0), (0.1, 0.9)])
def test_targets_are_one_level_where_on_and_the_other_where_off(levels):
    targets = task_of("xor").targets(*levels)
    off, on = levels
    assert targets.tolist() == [[off, on, on, off]]
    assert targets.dtype == torch.float64


def test_targets_that_are_nan_are_not_asked_and_steps_lie_one_under_the_other():
    nan = np.nan
    task = Task.of(Cases(np.zeros((3, 1, 2)), np.array([[[1, nan]], [[0, 1.0]]])))
    assert task.inputs.shape == (3, 1, 2)
    assert task.on.tolist() == [[True, False], [False, True]]
    assert task.asked.tolist() == [[True, False], [True, True]]
    assert Task.of(Cases(np.zeros((1, 2)), np.zeros((1, 2)))).asked is None
    assert task.sha256() != replace(task, asked=None).sha256()


def test_the_hash_changes_with_any_bit_of_the_data_and_with_nothing_else():
    task = task_of("symmetry")
    same = replace(task, inputs=task.inputs.T.clone().T)
    inputs, on = task.inputs.clone(), task.on.clone()
    inputs[5, 63] += 2**-52
    on[0, 9] ^= True
    shaped = replace(task, inputs=task.inputs.reshape(12, 32))
    others = [replace(task, inputs=inputs), replace(task, on=on), shaped, task_of("xor")]
    assert same.sha256() == task.sha256()
    assert len({task.sha256(), *(other.sha256() for other in others)}) == 5


def test_targets_lie_in_one_piece_whatever_the_order_of_the_arrays():
    inputs, targets = np.eye(4)[:, :3], np.eye(6)[::2].T
    task = Task.of(Cases(inputs, targets))
    assert not targets.flags.c_contiguous
    assert task.on.is_contiguous()
    assert task.inputs.is_contiguous()
    assert task.on.tolist() == (targets == 1).tolist()
    inputs[0, 0] = 7
    assert task.inputs[0, 0] == 1


def test_a_task_in_time_counts_its_outputs_at_every_step_that_is_asked():
    cases = Cases(np.zeros((5, 3, 7)), np.zeros((2, 4, 7)))
    assert (cases.count, cases.input_units, cases.outputs) == (7, 3, 8)
    assert Task.of(cases).on.shape == (8, 7)


def test_what_a_check_asks_of_a_task_is_known_without_torch():
    code = (
        "import sys; from reproduce.run.config.cases import HELD_OUT, TASKS, cases_of;"
        "print(*HELD_OUT, *(cases_of(name).count for name in TASKS));"
        "sys.exit('torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    counts = [task_of(name).on.shape[1] for name in having("cases")]
    assert told.stdout.decode().split() == ["family_trees", *map(str, counts)]
