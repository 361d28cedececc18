"""What of a plan is no network, each said in one line that begins with the key. No torch."""

from collections.abc import Mapping, Sequence

from reproduce.units.link import Link, PlanError, read_link, units_of
from reproduce.units.part import Part
from reproduce.units.planned import Plan

NAMES_OF_PARTS = ("bias", "units")  # which no group may have


def check_groups(groups: Mapping[str, int | list[int]]) -> None:
    """Raise PlanError unless every group has a name of its own and at least one unit."""
    for group, size in groups.items():
        if group in NAMES_OF_PARTS:
            raise PlanError(f"groups.{group}: allowed is any other name; it is a part of a group")
        if units_of(size) < 1 or (isinstance(size, list) and (len(size) != 2 or min(size) < 1)):
            raise PlanError(
                f"groups.{group}={size}: allowed is a whole number from 1 up, "
                "or [rows, columns] of a grid"
            )


def read_links(groups: Mapping[str, int | list[int]], links: dict[str, list]) -> dict[Part, Link]:
    """The links by (sending group, receiving group), in the order of the config. PlanError."""
    found: dict[Part, Link] = {}
    for group, entries in links.items():
        for entry in entries:
            link = read_link(entry, group, groups)
            if (link.source, group) in found:
                raise PlanError(f"links.{group}: {link.source} twice; allowed is each group once")
            if wrong := link.wrong():
                raise PlanError(f"links.{group}, from {link.source}: {wrong}")
            found[link.source, group] = link
    for group in groups:
        if not any(group in part and not link.chained for part, link in found.items()):
            raise PlanError(f"groups.{group}: no link ties it to another group")
    return found


def check_plan(made: Plan, asked: Sequence[int]) -> None:
    """Raise PlanError for ends, steps, biases and beginnings that are none.

    asked: the steps that the config names.
    """
    computed, given = set(made.sources), {*made.inputs}
    for key in ("inputs", "outputs", "one_bias"):
        names, allowed = getattr(made, key), made.sizes if key == "inputs" else made.sources
        if len(set(names)) < len(names) or not set(names) <= {*allowed}:
            words = f"different groups out of {', '.join(allowed)}"
            raise PlanError(f"{key}={list(names)}: allowed are {words}")
    if not made.outputs:
        raise PlanError("outputs is not set: allowed are groups that are compared with targets")
    if made.one_bias and not made.biases:
        raise PlanError(f"one_bias={list(made.one_bias)}: allowed only with biases=true")
    for group in made.sizes:
        if group not in computed and group not in given:
            raise PlanError(
                f"inputs={list(made.inputs)}: {group} is missing; nothing is sent to it"
            )
    if made.steps is None and (wrong := computed & given):
        raise PlanError(f"inputs={list(made.inputs)}: {min(wrong)} receives; allowed with steps")
    _check_chains(made)
    _check_ways_out(made)
    _check_steps(made, asked)


def _check_chains(made: Plan) -> None:
    """A chain needs something else to begin with."""
    for group, sources in made.sources.items():
        if made.chain(group) and set(sources) == {group}:
            raise PlanError(f"links.{group}: it receives from itself alone")


def _check_ways_out(made: Plan) -> None:
    """Every group leads to an output."""
    leading, size = {*made.outputs}, -1
    while size < len(leading):
        size = len(leading)
        leading |= {link.source for link in made.links.values() if link.group in leading}
    for group in made.sizes:
        if group not in leading:
            raise PlanError(f"groups.{group}: it leads to none of outputs={list(made.outputs)}")


def _check_steps(made: Plan, asked: Sequence[int]) -> None:
    """Delays, steps that are asked and units that begin, only where there are steps."""
    late = {link.source for link in made.links.values() if link.delay}
    needed = {group for group in late if group in made.sources and group not in made.inputs}
    if made.steps is None:
        if late:
            raise PlanError(f"links: delay=1 from {min(late)}: allowed only in a net with steps")
        if asked:
            raise PlanError(f"asked={list(asked)}: allowed only in a net with steps")
    elif [step for step in range(1, made.steps + 1) if step in made.asked] != list(made.asked):
        raise PlanError(f"asked={list(asked)}: allowed are steps from 1 to {made.steps} in order")
    for group in sorted(needed - {*made.begins}):
        raise PlanError(
            f"start.{group}.units is not set: allowed is the activity with which its units begin, "
            "since they are heard a step later"
        )
    for group in sorted({*made.begins} - needed):
        raise PlanError(
            f"start.{group}.units={made.begins[group]}: allowed only for groups that are computed, "
            "are no inputs and are heard a step later"
        )
