"""Durations in words."""


def in_words(seconds: float) -> str:
    """A duration as a reader wants it: `40 s`, `3 min`, `2 h 5 min`."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
