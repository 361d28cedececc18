"""One link of a plan: which units of one group send to which of another, and by which weights.

A config names a link by the sending group alone, or by a mapping with its kind. This module
imports no torch; what a link computes is in `reproduce.units.kind`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

KINDS = ("full", "field", "one", "random")
SHARED = ("none", "receivers", "senders", "all")
KEYS = ("from", "kind", "window", "share", "shared", "delay")


class PlanError(ValueError):
    """A plan that is no network; the message begins with the key that is wrong."""


def units_of(size: int | list[int]) -> int:
    """How many units a group has: its number, or the rows times the columns of its grid."""
    return math.prod(size) if isinstance(size, list | tuple) else size


@dataclass(frozen=True)
class Link:
    """What the units of `group` receive from those of `source`.

    senders, receivers: units of the two groups, or rows and columns of their grids.
    kind: `full` (every unit from every unit), `field` (every unit of the receiving grid from a
    window of the sending one, one place further on for each unit), `one` (unit to unit; within
    one group, each unit to the next), `random` (like full, with a share of the links in each net).
    window: rows and columns of a field, else empty. share: of the links that are there, which is
    less than 1 only in a random link.
    shared: which weights are one. `receivers`: all receiving units have the same (a field then has
    one kernel for all places); `senders`: a unit has one weight for all it receives; `all`: one.
    delay: 1 where the activity of the step before is received, else 0.
    """

    source: str
    group: str
    senders: tuple[int, ...]
    receivers: tuple[int, ...]
    kind: str = "full"
    window: tuple[int, ...] = ()
    share: float = 1.0
    shared: str = "none"
    delay: int = 0

    @property
    def chained(self) -> bool:
        """Whether each unit of a group sends to the next one of the same group."""
        return self.kind == "one" and self.source == self.group

    @property
    def each(self) -> int:
        """How many units a receiving unit receives from."""
        if self.kind == "field":
            return math.prod(self.window)
        return 1 if self.kind == "one" else math.prod(self.senders)

    @property
    def ties(self) -> int:
        """How many pairs of units are tied together."""
        return (math.prod(self.receivers) - self.chained) * self.each

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its weights: receiving units, then what each receives, but for what is shared."""
        if self.kind == "one":
            return () if self.shared == "all" else (self.ties,)
        whole = (math.prod(self.receivers), self.each)
        return {"none": whole, "receivers": whole[1:], "senders": whole[:1], "all": ()}[self.shared]

    def pairs(self) -> Iterator[tuple[int, int, int]]:
        """Every pair that is tied: receiving unit j, sending unit i, place of the weight."""
        for j in range(math.prod(self.receivers)):
            for b, i in enumerate(self._senders_of(j)):
                if self.kind == "one":
                    yield j, i, 0 if self.shared == "all" else j - self.chained
                else:
                    whole = {"none": j * self.each + b, "receivers": b, "senders": j, "all": 0}
                    yield j, i, whole[self.shared]

    def _senders_of(self, j: int) -> list[int]:
        """The units that unit j receives from, in the order of its weights."""
        if self.chained:
            return [j - 1] if j else []
        if self.kind == "one":
            return [j]
        if self.kind == "field":
            row, column = divmod(j, self.receivers[1])
            places = product(*map(range, self.window))
            return [(row + a) * self.senders[1] + column + b for a, b in places]
        return list(range(math.prod(self.senders)))

    def names(self) -> list[str]:
        """A name for each weight, units counted from 1: hidden.1<input.3.

        What is shared names no unit: hidden<input.3 (by all receiving units), hidden<input.window.5
        (place 5 of a kernel, row by row), output.1<hidden (by all sending units), output<hidden.
        """
        ends = {place: (f".{j + 1}", f".{i + 1}") for j, i, place in reversed([*self.pairs()])}
        if self.shared in ("receivers", "all"):
            ends = {place: ("", to) for place, (_, to) in ends.items()}
        if self.shared in ("senders", "all"):
            ends = {place: (at, "") for place, (at, _) in ends.items()}
        if self.shared == "receivers" and self.kind == "field":
            ends = {place: ("", f".window.{place + 1}") for place in ends}
        return [f"{self.group}{at}<{self.source}{to}" for _, (at, to) in sorted(ends.items())]

    def laid_out(self, values: list[float]) -> list[list[float]]:
        """A row for each receiving unit, a value for each sending one; nan where none is tied.

        values: of all weights, in order.
        """
        rows = [[math.nan] * math.prod(self.senders) for _ in range(math.prod(self.receivers))]
        for j, i, place in self.pairs():
            rows[j][i] = values[place]
        return rows

    def wrong(self) -> str:
        """What is wrong with the sizes of the groups for this kind; empty if nothing is."""
        if self.kind == "field":
            return self._wrong_field()
        same = math.prod(self.senders) == math.prod(self.receivers)
        if self.kind == "one" and not same:
            return (
                f"kind=one: allowed only between groups of the same size; {self.source} has "
                f"{math.prod(self.senders)} units, {self.group} {math.prod(self.receivers)}"
            )
        if self.chained and math.prod(self.senders) < 2:
            return f"kind=one: allowed within a group of 2 units or more; {self.group} has 1"
        return ""

    def _wrong_field(self) -> str:
        if len(self.senders) != 2 or len(self.receivers) != 2:
            return f"kind=field: allowed only between grids; {self.source} and {self.group} are not"
        if any(one > of for one, of in zip(self.window, self.senders, strict=True)):
            return f"window={list(self.window)}: allowed is one that fits into {self.source}"
        places = [of - one + 1 for one, of in zip(self.window, self.senders, strict=True)]
        if places != list(self.receivers):
            return (
                f"window={list(self.window)} has {places} places in {self.source}; "
                f"allowed is groups.{self.group}={places}"
            )
        return ""


def read_link(entry: object, group: str, groups: Mapping[str, int | list[int]]) -> Link:
    """The link that an entry of `links.GROUP` says. PlanError for one that says none."""
    said = {"from": entry} if isinstance(entry, str) else entry
    where = f"links.{group}"
    if not isinstance(said, dict) or not isinstance(said.get("from"), str):
        raise PlanError(f"{where}: {entry}: allowed is a group, or a mapping with from: GROUP")
    where = f"{where}, from {said['from']}"
    if unknown := [key for key in said if key not in KEYS]:
        raise PlanError(f"{where}: no such key {unknown[0]}; allowed are {', '.join(KEYS)}")
    for name in (group, said["from"]):
        if name not in groups:
            known = ", ".join(groups)
            raise PlanError(f"links.{group}: no group {name}; there are {known}")
    _check(said, where, group)
    sizes = (groups[said["from"]], groups[group])
    senders, receivers = (tuple(s) if isinstance(s, list | tuple) else (s,) for s in sizes)
    return Link(
        said["from"],
        group,
        senders,
        receivers,
        said.get("kind", "full"),
        tuple(said.get("window", ())),
        said.get("share", 1.0),
        said.get("shared", "none"),
        said.get("delay", 0),
    )


def _check(said: dict, where: str, group: str) -> None:
    """Raise PlanError for values of an entry that are not allowed, alone or together."""
    kind, shared = said.get("kind", "full"), said.get("shared", "none")
    for name, value, allowed in (("kind", kind, KINDS), ("shared", shared, SHARED)):
        if value not in allowed:
            raise PlanError(f"{where}: {name}={value}: allowed is one of {', '.join(allowed)}")
    if "delay" in said and (said["delay"] not in (0, 1) or isinstance(said["delay"], bool)):
        raise PlanError(f"{where}: delay={said['delay']}: allowed is 0, or 1 for the step before")
    for name, of, holds, words in (
        ("window", "field", _is_window, "two whole numbers from 1 up, rows and columns"),
        ("share", "random", _is_share, "a number above 0, at most 1"),
    ):
        if (kind == of) != (name in said):
            raise PlanError(f"{where}: kind={kind}: {name} belongs to kind={of}, and only there")
        if name in said and not holds(said[name]):
            raise PlanError(f"{where}: {name}={said[name]}: allowed is {words}")
    if kind == "one" and said["from"] == group and said.get("delay"):
        raise PlanError(f"{where}: delay=1: units of one group are chained within a step")
    if kind == "random" and shared != "none":
        raise PlanError(f"{where}: shared={shared}: allowed for kind=random is none")
    if kind == "one" and shared not in ("none", "all"):
        raise PlanError(f"{where}: shared={shared}: allowed for kind=one is none or all")


def _is_window(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_count, value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
