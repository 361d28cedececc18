"""In which order the groups of a net are computed, within a step and from step to step.

Imports no torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from reproduce.units.link import Link, PlanError
from reproduce.units.part import Part

Place = str | tuple[str, int]  # a group, or a group at a step


@dataclass(frozen=True)
class Pass:
    """One group computed once.

    at: where its activity is put. incoming: from where it receives, each by which link.
    """

    at: Place
    group: str
    incoming: tuple[tuple[Place, Part], ...]


def with_delays(links: dict[Part, Link], said: set[Part]) -> dict[Part, Link]:
    """The links of a recurrent net; those on a circle of groups take the step before.

    said: links whose delay the config says, which stay as they are.
    """
    sources: dict[str, set[str]] = {}
    for link in links.values():
        sources.setdefault(link.group, set()).add(link.source)

    def behind(group: str) -> set[str]:
        """All groups that send to a group, however far back."""
        found: set[str] = set()
        waiting = [group]
        while waiting:
            more = sources.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return found

    on_a_circle = {
        part: link.source == link.group or link.group in behind(link.source)
        for part, link in links.items()
    }
    return {
        part: link if part in said or link.chained else replace(link, delay=int(on_a_circle[part]))
        for part, link in links.items()
    }


def in_order(groups: Sequence[str], links: dict[Part, Link], steps: int | None) -> list[str]:
    """The groups in an order in which they can be computed within a step. PlanError."""
    before: dict[str, list[str]] = {group: [] for group in groups}
    for link in links.values():
        if not link.delay and not link.chained:
            before[link.group].append(link.source)
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        allowed = "links that lead forward"
        allowed += (
            " or have delay: 1" if steps else ", or steps for a net that is run several times"
        )
        raise PlanError(f"links: {circle} is a cycle; allowed are {allowed}") from None


def passes(
    sources: dict[str, tuple[str, ...]], links: dict[Part, Link], steps: int | None
) -> tuple[Pass, ...]:
    """Every group once, in order; of a recurrent net once for each step, from step 1 on."""

    def one(group: str, step: int | None) -> Pass:
        incoming = []
        for source in sources[group]:
            link = links[source, group]
            if not link.chained:
                at = source if step is None else (source, step - link.delay)
                incoming.append((at, (source, group)))
        return Pass(group if step is None else (group, step), group, tuple(incoming))

    if steps is None:
        return tuple(one(group, None) for group in sources)
    return tuple(one(group, step) for step in range(1, steps + 1) for group in sources)
