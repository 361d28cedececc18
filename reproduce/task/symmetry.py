"""Detect mirror symmetry about the middle of a binary vector (Nature 1986, p. 533-534, Fig. 1)."""

from reproduce.task.pattern import Task, binary_vectors

LENGTH = 6


def symmetry() -> Task:
    """All 64 vectors of six units; the output is on for the 8 that read the same backwards.

    100001 is symmetric, 100000 is not.
    """
    inputs = binary_vectors(LENGTH)
    on = (inputs == inputs.flip(0)).all(0, keepdim=True)
    assert inputs.shape == (6, 64)
    assert on.sum() == 8
    return Task(inputs, on)
