"""Codes of the encoder and solutions of the shift register, of nets whose weights are written."""

import pytest
import torch

from reproduce.experiment.pdp1986 import shift_register
from reproduce.experiment.pdp1986.encoder import codes
from reproduce.experiment.pdp1986.t_c import kernel
from reproduce.run.task import task_of
from reproduce.units.net import Units
from reproduce.units.plan import plan
from reproduce.units.trained import Trained

CODES = torch.tensor([[p >> u & 1 for p in range(8)] for u in range(3)]).double()  # (3, 8)


def trained(planned, task, weights, off=0.1, on=0.9) -> Trained:
    """Nets with these weights (P, r) at the end."""
    made = task_of(task)
    moments = {"at_end": weights}
    return Trained(Units(planned), made, made.targets(off, on)[..., None], 1, moments, {})


def test_codes_are_counted_by_off_intermediate_and_on():
    planned = plan(
        {"input": 8, "hidden": 3, "output": 8}, {"hidden": ["input"], "output": ["hidden"]}
    )
    units = Units(planned)
    weights = torch.zeros(units.P, 2, dtype=torch.float64)
    parts = units.parts(weights)
    signs = 2 * CODES - 1
    parts["input", "hidden"].copy_((20 * signs)[..., None])
    parts["input", "hidden"][1, 7, 1] = 0.4  # of net 1 one value is intermediate: 0.6
    parts["hidden", "output"].copy_((10 * signs.T)[..., None])
    parts["output"].copy_((5 - 10 * CODES.sum(0))[:, None])
    found = codes.measure(trained(planned, "encoder", weights))
    assert found["distinct_codes_at_end"].tolist() == [8, 8]
    assert found["intermediate_values_at_end"].tolist() == [0, 1]
    assert found["code_8_2_at_end"].tolist() == pytest.approx([1, 0.5987], abs=1e-4)
    assert found["code_2_1_at_end"].tolist() == pytest.approx([1, 1])
    unsolved = codes.measure(trained(planned, "encoder", weights * 0))
    assert all(column.isnan().all() for column in unsolved.values())


@pytest.mark.parametrize("length", [3, 5])
def test_a_ring_that_copies_and_one_that_inverts_both_shift_by_two_places(length):
    planned = plan({"ring": length}, {"ring": ["ring"]}, inputs=["ring"], outputs=["ring"], steps=2)
    units = Units(planned)
    weights = torch.zeros(units.P, 3, dtype=torch.float64)
    parts = units.parts(weights)
    for j in range(length):
        parts["ring", "ring"][j, (j + 1) % length] = torch.tensor([20.0, -20.0, 20.0]).double()
    parts["ring"].copy_(torch.tensor([-10.0, 10.0, -10.0]).double().expand(length, 3))
    parts["ring", "ring"][0, 0, 2] = 0.5
    parts["ring"][0, 2] = -11
    task = "shift" if length == 3 else "shift_5"
    found = shift_register.measure(trained(planned, task, weights))
    assert found["shifts_each_step_at_end"].tolist() == [1, 0, 1]
    assert found["inverts_each_step_at_end"].tolist() == [0, 1, 0]
    assert found["other_solution_at_end"].tolist() == [0, 0, 0]
    assert found["units_that_copy_at_end"].tolist() == [length, 0, length]
    assert found["largest_bias_at_end"].tolist() == [-10, 10, -10]


def test_a_net_with_the_printed_kernel_that_turns_units_off_answers_t_and_c():
    field = {"from": "retina", "kind": "field", "window": [3, 3], "shared": "receivers"}
    links = {"hidden": [field], "output": [{"from": "hidden", "shared": "all"}]}
    planned = plan({"retina": [9, 11], "hidden": [7, 9], "output": 1}, links, one_bias=["hidden"])
    units = Units(planned)
    weights = torch.zeros(units.P, 1, dtype=torch.float64)
    parts = units.parts(weights)
    parts["retina", "hidden"].fill_(-20)  # 63 units, of which T turns 21 off and C 20
    parts["hidden"].fill_(10)
    parts["hidden", "output"].fill_(-10)
    parts["output"].fill_(425)
    found = kernel.measure(trained(planned, "t_c", weights))
    assert found["kernel_is_all_off_at_end"].tolist() == [1]
    assert found["kernel_cosine_at_end"].tolist() == pytest.approx([1])
    assert found["hidden<retina.window.5 at_end"].tolist() == [-20]
