"""What a grid point is called."""


def title_of(point: dict) -> str:
    """A grid point in words: epsilon 0.1, alpha 0.9."""
    return ", ".join(f"{key} {spoken(value)}" for key, value in point.items())


def spoken(value: object) -> str:
    """A setting as it is written."""
    return f"{value:g}" if isinstance(value, float | int) else str(value)
