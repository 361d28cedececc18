"""The T-C and encoder tasks, and what the printed kernels see of them (PDP 1986, Fig. 15)."""

import torch
from torch.nn.functional import conv2d

from reproduce.experiment.pdp1986.t_c.cases import RETINA
from reproduce.experiment.pdp1986.t_c.kernel import PRINTED, kinds
from reproduce.run.task import task_of

TASK = task_of("t_c")


def windows(kernel: list[list[float]]) -> torch.Tensor:
    """What a kernel gives at each of the 7 x 9 places, for each of the 8 cases: (8, 7, 9)."""
    shown = TASK.inputs.T.reshape(8, 1, *RETINA)
    return conv2d(shown, torch.tensor(kernel).double()[None, None])[:, 0]


def test_eight_different_figures_of_five_squares_of_which_turning_makes_two():
    shown = TASK.inputs.T.reshape(8, *RETINA)
    assert len({tuple(case) for case in TASK.inputs.T.tolist()}) == 8
    assert TASK.on.tolist() == [[True] * 4 + [False] * 4]
    assert shown[0].nonzero().tolist() == [[3, 4], [3, 5], [3, 6], [4, 5], [5, 5]]
    assert shown[4].nonzero().tolist() == [[3, 4], [3, 5], [4, 4], [5, 4], [5, 5]]
    for first in (0, 4):
        box = shown[first, 3:6, 4:7]
        for turns in range(4):
            assert torch.equal(shown[first + turns, 3:6, 4:7], box.rot90(turns))


def test_the_printed_kernels_see_what_the_chapter_says_of_them():
    seen = {
        name: [(windows(k) > 0).sum((1, 2)).tolist() for k in shapes]
        for name, shapes in PRINTED.items()
    }
    assert seen["on_centre"] == [[1] * 4 + [0] * 4]
    assert seen["diagonal"] == [[5] * 4 + [3] * 4] * 2
    assert (windows(PRINTED["all_off"][0]) < 0).sum((1, 2)).tolist() == [21] * 4 + [20] * 4


def test_a_kernel_is_the_printed_one_that_it_is_like_in_size_turn_and_sign():
    for place, (name, shapes) in enumerate(PRINTED.items()):
        for shape in shapes:
            kernel = torch.tensor(shape).double().flatten()[:, None]
            found = kinds(torch.cat([kernel, -3 * kernel, kernel + 0.01], 1))
            assert found.pop("kernel_cosine").min() > 0.99
            each = [found[f"kernel_is_{kind}"].tolist() for kind in PRINTED]
            assert each == [[p == place] * 3 for p in range(4)], name
    corner = torch.zeros(9, 1).double()
    corner[0] = 1
    assert kinds(corner)["kernel_is_other"].all()


def test_the_encoder_gives_each_pattern_back():
    task = task_of("encoder")
    assert task.inputs.tolist() == task.on.double().tolist() == torch.eye(8).tolist()
