"""Floating-point operations of a training from what is printed of it (section 6.1, Table 2)."""

HOUR, DAY = 3600, 24  # in seconds, in hours
UNIT = 1e18


def measure(run) -> dict[str, float]:
    """One value for each quantity; run: the config section, its tflops those of one GPU.

    flops_from_hours_MODEL and flops_from_steps_MODEL [10^18]: seconds times GPUs times sustained
    operations a second (footnote 5). hours_from_steps_MODEL, days_from_steps_MODEL: steps times
    seconds a step.
    """
    row, speed = {}, run.gpus * run.tflops * 1e12
    for name in ("base", "big"):
        printed = getattr(run, name)
        by_steps = printed.steps * printed.step_seconds
        row |= {
            f"flops_from_hours_{name}": printed.hours * HOUR * speed / UNIT,
            f"flops_from_steps_{name}": by_steps * speed / UNIT,
            f"hours_from_steps_{name}": by_steps / HOUR,
            f"days_from_steps_{name}": by_steps / HOUR / DAY,
        }
    return row
