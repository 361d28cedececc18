"""Exclusive-or (PDP 1986, p. 319 and 330-334)."""

from reproduce.task.pattern import Task, binary_vectors


def xor() -> Task:
    """The four pairs 00, 01, 10, 11; the output is on when exactly one input is."""
    inputs = binary_vectors(2)
    on = (inputs.sum(0, keepdim=True) == 1).bool()
    assert inputs.shape == (2, 4)
    assert on.tolist() == [[False, True, True, False]]
    return Task(inputs, on)
