"""The plan of a network: named groups of units and, for each group, the groups that send to it.

A plan is what the config says, checked and put in order. Groups that nothing is sent to are the
inputs, groups that send to nothing are the outputs; links may skip groups. This module imports
no torch, so that a wrong plan is refused at once.
"""

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from reproduce.units.function import FUNCTIONS, Function


class PlanError(ValueError):
    """A plan that is no network; the message begins with the key that is wrong."""


@dataclass(frozen=True)
class Plan:
    """Groups in the order in which they can be computed.

    sizes: units of each group. sources: for each group that is computed, in order, the groups
    that send to it. inputs, outputs: names in the order in which the config declares them.
    like: groups that have no weights of their own, each with the one whose weights it shares; a
    net iterated T times has one group for each time step. biases: whether units have them.
    function: that of the units that are no outputs; output units are logistic.
    """

    sizes: dict[str, int]
    sources: dict[str, tuple[str, ...]]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    like: dict[str, str] = field(default_factory=dict)
    biases: bool = True
    function: str = "logistic"

    def owner(self, group: str) -> str:
        """The group whose weights a group has: itself, unless it is like another."""
        return self.like.get(group, group)

    def function_of(self, group: str) -> Function:
        """The input-output function of the units of a group."""
        return FUNCTIONS["logistic" if group in self.outputs else self.function]

    def units(self, groups: tuple[str, ...]) -> int:
        """How many units the groups have together."""
        return sum(self.sizes[group] for group in groups)

    def fits(self, weights: dict[str, dict]) -> bool:
        """Whether a printed weight set is one of this plan.

        weights: for each computed group its `bias` (a value a unit) and, under the name of each
        sending group, a row of weights a unit.
        """
        shapes = {
            group: {
                part: len(rows) if part == "bias" else [len(row) for row in rows]
                for part, rows in parts.items()
            }
            for group, parts in weights.items()
        }
        return shapes == {
            group: {
                **({"bias": self.sizes[group]} if self.biases else {}),
                **{source: [self.sizes[source]] * self.sizes[group] for source in sources},
            }
            for group, sources in self.sources.items()
            if group not in self.like
        }


def plan(
    groups: dict[str, int],
    links: dict[str, list[str]],
    like: dict[str, str] | None = None,
    biases: bool = True,
    function: str = "logistic",
) -> Plan:
    """Check `groups`, `links` and `like` and return the plan.

    Refused by name (`PlanError`): a group of size 0 or less, a link from or to an unknown group,
    the same link twice, a cycle, a group that is tied to nothing, a group that cannot share the
    weights of the one it is to be like.
    """
    for group, size in groups.items():
        if group == "bias":
            raise PlanError("groups.bias: allowed is any other name; biases are weights")
        if size < 1:
            raise PlanError(f"groups.{group}={size}: allowed is a whole number from 1 up")
    known = ", ".join(groups)
    for group, sources in links.items():
        for name in (group, *sources):
            if name not in groups:
                raise PlanError(
                    f"links.{group}={list(sources)}: no group {name}; there are {known}"
                )
        if len(set(sources)) < len(sources):
            raise PlanError(f"links.{group}={list(sources)}: allowed is each group once")
    linked = {group: tuple(sources) for group, sources in links.items() if sources}
    sending = {source for sources in linked.values() for source in sources}
    for group in groups:
        if group not in linked and group not in sending:
            raise PlanError(f"groups.{group}: no link ties it to another group")
    try:
        order = list(
            TopologicalSorter({group: linked.get(group, ()) for group in groups}).static_order()
        )
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise PlanError(
            f"links: {circle} is a cycle; allowed are links that lead forward"
        ) from None
    _check_like(groups, linked, like or {})
    return Plan(
        sizes=dict(groups),
        sources={group: linked[group] for group in order if group in linked},
        inputs=tuple(group for group in groups if group not in linked),
        outputs=tuple(group for group in groups if group not in sending),
        like=dict(like or {}),
        biases=biases,
        function=function,
    )


def _check_like(groups: dict[str, int], linked: dict, like: dict[str, str]) -> None:
    """Raise PlanError unless every group in `like` has the shape of one that owns its weights."""

    def shape(group: str) -> tuple:
        return groups[group], [groups[source] for source in linked[group]]

    for group, other in like.items():
        fits = group in linked and other in linked and other not in like and group != other
        if not fits or shape(group) != shape(other):
            raise PlanError(
                f"like.{group}={other}: allowed is a group with weights of its own, of as many "
                f"units as {group} and with links from groups of the same sizes"
            )
