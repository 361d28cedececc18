"""The plan of a network: named groups of units and, for each group, the groups that send to it.

A plan is what the config says, checked and put in order. Links may skip groups. A recurrent net
runs for some steps: its links may form circles, and those on a circle take the activity of the
step before. This module imports no torch, so that a wrong plan is refused at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reproduce.units.function import FUNCTIONS, Function
from reproduce.units.link import Link, PlanError, units_of
from reproduce.units.order import Pass, Place, in_order, passes, with_delays
from reproduce.units.part import Part, like_groups, parts_of, shared_parts
from reproduce.units.plan_check import check_groups, check_plan, read_links

__all__ = ["Plan", "PlanError", "plan", "read_plan"]
DEFAULTS = {"like": {}, "biases": True, "function": "logistic"}  # of sections without these keys
KEYS = ("outputs", "inputs", "steps", "asked", "share", "one_bias")


@dataclass(frozen=True)
class Plan:
    """Groups in the order in which they can be computed.

    sizes: units of each group. sources: for each group that is computed, in order, the groups
    that send to it. inputs: groups that the cases give; in a recurrent net one that is computed
    begins there. outputs: groups that are compared with targets.
    links: by (sending group, receiving group). shares: parts that have no weights of their own,
    each with the one whose weights it has. biases: whether units have them; one_bias: groups whose
    units have one in common. function: that of the units that are no outputs; output units are
    logistic. steps: how often a recurrent net is run, else None; asked: after which of them the
    outputs are compared. begins: the activity with which units begin, by group. passes: what is
    computed, in order.
    """

    sizes: dict[str, int]
    sources: dict[str, tuple[str, ...]]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    links: dict[Part, Link]
    shares: dict[Part, Part] = field(default_factory=dict)
    biases: bool = True
    one_bias: tuple[str, ...] = ()
    function: str = "logistic"
    steps: int | None = None
    asked: tuple[int, ...] = ()
    begins: dict[str, float] = field(default_factory=dict)
    passes: tuple[Pass, ...] = ()

    def owner(self, part: Part) -> Part:
        """The part whose weights a part has: itself, unless it shares those of another."""
        return self.shares.get(part, part)

    def owned(self) -> list[Part]:
        """The parts that have weights of their own, in the order of the weights."""
        return [part for part in parts_of(self.sources, self.biases) if part not in self.shares]

    def shape(self, part: Part) -> tuple[int, ...]:
        """Of the weights of a link or the biases of a group."""
        if isinstance(part, str):
            return () if part in self.one_bias else (self.sizes[part],)
        return self.links[part].shape

    def names(self) -> list[str]:
        """A name for each weight in order, units counted from 1: hidden.1<input.3, bias hidden.1.

        The one bias that units of a group have in common names no unit.
        """
        names: list[str] = []
        for part in self.owned():
            if isinstance(part, tuple):
                names += self.links[part].names()
            else:
                ends = [f".{j + 1}" for place in self.shape(part) for j in range(place)]
                names += [f"bias {part}{end}" for end in ends or [""]]
        return names

    def chain(self, group: str) -> Link | None:
        """The link from each unit of a group to the next one, if there is one."""
        link = self.links.get((group, group))
        return link if link is not None and link.chained else None

    @property
    def is_dense(self) -> bool:
        """Whether every unit has a weight of its own from each unit of the groups it hears."""
        plain = all(link.kind == "full" and link.shared == "none" for link in self.links.values())
        return plain and not self.one_bias

    @property
    def answers(self) -> tuple[Place, ...]:
        """Where the outputs are that are compared with targets, step after step."""
        if self.steps is None:
            return self.outputs
        return tuple((group, step) for step in self.asked for group in self.outputs)

    def function_of(self, group: str) -> Function:
        """The input-output function of the units of a group."""
        return FUNCTIONS["logistic" if group in self.outputs else self.function]

    def units(self, groups: Sequence[str]) -> int:
        """How many units the groups have together."""
        return sum(self.sizes[group] for group in groups)

    def fits(self, weights: dict[str, dict]) -> bool:
        """Whether a printed weight set is one of this plan.

        weights: for each computed group its `bias` (a value a unit) and, under the name of each
        sending group, a row of weights a unit; of shared weights only what there is.
        """
        shapes = {
            group: {part: shape_of(rows) for part, rows in parts.items()}
            for group, parts in weights.items()
        }
        wanted: dict[str, dict] = {}
        for part in self.owned():
            group, source = (part, "bias") if isinstance(part, str) else (part[1], part[0])
            wanted.setdefault(group, {})[source] = self.shape(part)
        return shapes == wanted


def shape_of(values: object) -> tuple[int, ...] | None:
    """The shape of numbers in nested lists; None where rows differ in length."""
    if not isinstance(values, list):
        return ()
    inner = {shape_of(value) for value in values}
    if len(inner) != 1 or (first := inner.pop()) is None:
        return None
    return (len(values), *first)


def plan(
    groups: dict[str, int | list[int]],
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
