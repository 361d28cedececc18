"""The plan of a network: named groups of units and, for each group, the groups that send to it.

A plan is what the config says, checked and put in order. Links may skip groups. A recurrent net
runs for some steps: its links may form circles, and those on a circle take the activity of the
step before. This module imports no torch, so that a wrong plan is refused at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from reproduce.units.link import PlanError, units_of
from reproduce.units.order import in_order, passes, with_delays
from reproduce.units.part import Part, like_groups, parts_of, shared_parts
from reproduce.units.plan_check import check_groups, check_plan, read_links
from reproduce.units.planned import Plan, shape_of

__all__ = ["Plan", "PlanError", "plan", "read_plan", "shape_of"]
DEFAULTS = {"like": {}, "biases": True, "function": "logistic"}  # of sections without these keys
KEYS = ("outputs", "inputs", "steps", "asked", "share", "one_bias")


def plan(
    groups: Mapping[str, int | list[int]],
    links: dict[str, list],
    like: dict[str, str] | None = None,
    biases: bool = True,
    function: str = "logistic",
    *,
    outputs: Sequence[str] = (),
    inputs: Sequence[str] = (),
    steps: int | None = None,
    asked: Sequence[int] = (),
    share: Sequence[list[str]] = (),
    one_bias: Sequence[str] = (),
    begins: Mapping[str, float] = MappingProxyType({}),
) -> Plan:
    """Check what a config says of a net and return the plan. PlanError names what is wrong.

    links: for each group the links that lead to it, in the words of `read_links`. outputs: where
    none are named, the groups that send to nothing. inputs: where none are named, the groups that
    nothing is sent to. asked: where none are named, the last step. share: lists of parts.
    Refused are a group of size 0 or less, a link from or to an unknown group, the same link twice,
    a cycle in a net without steps, a group that is tied to nothing or leads to no output, parts
    that cannot share weights, and units that have nowhere to begin.
    """
    check_groups(groups)
    found = read_links(groups, links)
    if steps is not None:
        found = with_delays(found, _said(links))
    linked: dict[str, tuple[str, ...]] = {}
    for link in found.values():
        linked[link.group] = (*linked.get(link.group, ()), link.source)
    order = in_order(list(groups), found, steps)
    sources = {group: linked[group] for group in order if group in linked}
    sending = {link.source for link in found.values() if not link.chained}
    sizes = {group: units_of(size) for group, size in groups.items()}
    made = Plan(
        sizes=sizes,
        sources=sources,
        inputs=tuple(inputs) or tuple(group for group in groups if group not in linked),
        outputs=tuple(outputs) or tuple(group for group in groups if group not in sending),
        links=found,
        shares=like_groups(sizes, found, sources, like or {}, biases),
        biases=biases,
        one_bias=tuple(one_bias),
        function=function,
        steps=steps,
        asked=() if steps is None else tuple(asked) or (steps,),
        begins=dict(begins),
        passes=passes(sources, found, steps),
    )
    check_plan(made, asked)
    return replace(made, shares=shared_parts(share, _shapes(made), made.shares))


def _said(links: dict[str, list]) -> set[Part]:
    """The links whose delay the config says."""
    return {
        (entry["from"], group)
        for group, entries in links.items()
        for entry in entries
        if isinstance(entry, dict) and "delay" in entry
    }


def _shapes(made: Plan) -> dict[Part, tuple]:
    """What parts must have in common to share weights, by part."""
    shapes: dict[Part, tuple] = {}
    for part in parts_of(made.sources, made.biases):
        link = made.links.get(part) if isinstance(part, tuple) else None
        own = ("bias",) if link is None else (link.kind, link.window, link.share, link.shared)
        shapes[part] = (*own, made.shape(part))
    return shapes


def read_plan(network: Mapping) -> Plan:
    """The plan of a network section; keys that are not there have their defaults. PlanError."""
    start = network.get("start", {})
    begins = {group: parts["units"] for group, parts in start.items() if "units" in parts}
    return plan(
        *(network[key] for key in ("groups", "links")),
        *(network.get(key, default) for key, default in DEFAULTS.items()),
        **{key: network[key] for key in KEYS if key in network},
        begins=begins,
    )
