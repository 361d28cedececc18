"""`./scripts/benchmark`: the population against the usual way, one net after another.

Both do the same work on the symmetry net, in turn, in one process; what counts is the ratio.
"""

import os
import statistics
import time

import torch
from torch import nn

from reproduce.config.compose import compose_experiment
from reproduce.learn import make_population
from reproduce.task import make_task

REPLICAS, SWEEPS, USUAL_SWEEPS, ROUNDS = 1000, 1425, 400, 5


def population() -> float:
    """Seconds for REPLICAS nets and SWEEPS sweeps at once, all milestones noted."""
    config = compose_experiment(
        ["experiment=nature1986/symmetry", f"replicas={REPLICAS}", f"run.sweeps={SWEEPS}"]
    )
    trained = make_population(config, torch.device("cpu"))
    state = trained.start()
    clock = time.perf_counter()
    for _ in trained.train(state):
        pass
    return time.perf_counter() - clock


def usual() -> float:
    """Seconds for as many nets and sweeps with torch.nn and torch.optim, one after another.

    Timed on USUAL_SWEEPS sweeps of one net and multiplied out.
    """
    task = make_task("symmetry")
    inputs, targets = task.inputs.T.float(), task.on.T.float()
    net = nn.Sequential(nn.Linear(6, 2), nn.Sigmoid(), nn.Linear(2, 1), nn.Sigmoid())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    clock = time.perf_counter()
    for _ in range(USUAL_SWEEPS):
        optimizer.zero_grad()
        (0.5 * (net(inputs) - targets).square().sum()).backward()
        optimizer.step()
    return (time.perf_counter() - clock) / USUAL_SWEEPS * SWEEPS * REPLICAS


def main() -> None:
    """Alternate the two, each on one thread, and print median, range and ratio."""
    torch.set_num_threads(1)
    print(
        f"symmetry 6-2-1, {REPLICAS} nets, {SWEEPS} sweeps; torch {torch.__version__}, "
        f"one of {os.cpu_count()} cores; {ROUNDS} rounds in turn"
    )
    population(), usual()
    rounds = [(population(), usual()) for _ in range(ROUNDS)]
    for name, seconds in zip(
        ("population", "one after another"), zip(*rounds, strict=True), strict=True
    ):
        print(
            f"{name:18} {statistics.median(seconds):8.2f} s "
            f"({min(seconds):.2f} to {max(seconds):.2f})"
        )
    ratios = [slow / fast for fast, slow in rounds]
    print(f"ratio {statistics.median(ratios):.0f} ({min(ratios):.0f} to {max(ratios):.0f})")


if __name__ == "__main__":
    main()
