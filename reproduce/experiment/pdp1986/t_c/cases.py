"""T or C: two figures of five squares, each turned four ways (PDP 1986, p. 348-351)."""

import numpy as np

from reproduce.units.cases import Cases

RETINA = (9, 11)  # so that windows of 3 x 3 have the 7 x 9 places that Fig. 14 draws
T = ((1, 1, 1), (0, 1, 0), (0, 1, 0))
C = ((1, 1, 0), (1, 0, 0), (1, 1, 0))


def cases() -> Cases:
    """T in its four rotations, then C in its four, in the middle of the retina; T is on.

    The box of 3 x 3 squares in which a figure lies is turned by 0, 90, 180 and 270 degrees to the
    left. Units of the retina are counted row by row.
    """
    rows, columns = RETINA
    top, left = (rows - 3) // 2, (columns - 3) // 2
    shown = []
    for figure in (T, C):
        for turns in range(4):
            retina = np.zeros(RETINA)
            retina[top : top + 3, left : left + 3] = np.rot90(figure, turns)
            shown.append(retina.flatten())
    inputs = np.stack(shown, 1)  # (99, 8)
    assert (inputs.sum(0) == 5).all()
    return Cases(inputs, np.array([[1.0, 1, 1, 1, 0, 0, 0, 0]]))
