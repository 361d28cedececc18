"""A population of sequence models that learns: to a row a replica, watched in TensorBoard."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import torch

from reproduce.page.sequence import draw_maps
from reproduce.run.clock import now
from reproduce.run.config.grid import points
from reproduce.run.config.sequence import SequenceExperiment
from reproduce.run.learn import Learned
from reproduce.run.point_table import by_point, with_settings
from reproduce.run.processes import side_by_side
from reproduce.run.record import origin
from reproduce.run.show import show_card
from reproduce.run.show_sequences import bands, curve, show_curve, show_tests
from reproduce.run.tracking import Tracker
from reproduce.run.train_sequence import Members, News, train_member
from reproduce.run.training import at_point, begin, change, make_sequence_task
from reproduce.transformer.sequence import data_sha256
from reproduce.units.engine import THREADS


def try_sequences_on_meta(config: SequenceExperiment) -> str:
    """Make one step without data: the shapes fit and nothing is tied to a device."""
    device = torch.device("meta")
    config = at_point(config, points(config)[0])
    task = make_sequence_task(config)
    training = begin(config, task, (config.seed, 0), device)
    change(training, config, task.batch((config.seed, 0), 1, 2).to(device), (config.seed, 0), 0.1)
    count = sum(parameter.numel() for parameter in training.model.parameters())
    return f"device=meta: {count} weights of one model; nothing is written"


def learn_sequences(
    config: SequenceExperiment,
    command: str,
    device: torch.device,
    folder: Path,
    tick: Callable[[int], object],
) -> Learned:
    """Train every replica, or go on, in `folder`; weights of each in weights/.

    On the CPU as many replicas as there are threads are trained side by side.
    """
    members = Members(config, device, folder, origin(config))
    ends = {member: state for member in members.numbers if (state := members.found(member))}
    started = min((state["started"] for state in ends.values()), default=now())
    before = max((state["seconds"] for state in ends.values()), default=0.0)
    members = replace(members, started=started, clock=time.monotonic() - before)
    all_points = points(config)
    tracker = Tracker(folder, bands=bands(all_points))

    def show(member: int, news: News) -> None:
        tick(news.steps)
        show_tests(tracker, *members.all[member], news.tests, member == 0)
        for step, maps in news.seen:
            drawn = draw_maps(maps, f"{config.name}, step {step:,}")
            tracker.image("attention of replica 0", drawn, step)

    ends = {member: state for member, state in ends.items() if state["row"] is not None}
    for member, state in ends.items():
        show(member, News(config.run.steps, state["tests"], state["seen"]))
    waiting = deque(member for member in members.numbers if member not in ends)
    at_once = min(len(waiting), THREADS if device.type == "cpu" else 1)
    side_by_side(partial(train_member, members), waiting, at_once, show, ends_the_run)
    ends = {member: state for member in members.numbers if (state := members.found(member))}
    rows = [ends[member]["row"] for member in members.numbers]
    table = with_settings(pd.DataFrame(rows), all_points)
    curves = []
    for number, point in enumerate(all_points):
        of_point = members.numbers[number * config.replicas : (number + 1) * config.replicas]
        curves.append(curve(point, [ends[member]["tests"] for member in of_point]))
        show_curve(tracker, point, curves[-1])
    show_card(tracker, config, command, table)
    tracker.close()
    keys = list(all_points[0])
    task = make_sequence_task(at_point(config, all_points[0]))
    return Learned(
        data_sha256(task, task.test((config.seed, 0), config.run.steps)),
        table,
        pd.concat(curves),
        by_point(table, keys) if keys else None,
        ends[0]["seen"][-1][1] if ends[0]["seen"] else None,
        None,
        started,
        before,
    )


def ends_the_run(member: int, error: BaseException) -> None:
    """Without one of its replicas a population is not whole; the others have their checkpoints."""
    raise error
