"""At which sweeps a run is looked at."""

MOMENTS = 4


def logarithmic(sweeps: int, points_per_decade: int) -> list[int]:
    """Whole sweeps from 0 to `sweeps`, evenly spaced on a logarithmic axis.

    logarithmic(100, 3) is 0, 1, 2, 5, 10, 22, 46, 100.
    """
    points, exponent = {0, sweeps}, 0
    while (sweep := round(10 ** (exponent / points_per_decade))) < sweeps:
        points.add(sweep)
        exponent += 1
    return sorted(points)


def moments(sweeps: int) -> list[int]:
    """A few sweeps at which a net is drawn: the start, then MOMENTS evenly on a log axis.

    moments(10_000) is 0, 10, 100, 1000, 10000.
    """
    return sorted({0, *(round(sweeps ** (step / MOMENTS)) for step in range(1, MOMENTS + 1))})
