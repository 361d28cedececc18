"""A plan of a network as the program uses it, checked and put in order. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reproduce.units.function import FUNCTIONS, Function
from reproduce.units.link import Link
from reproduce.units.order import Pass, Place
from reproduce.units.part import Part, parts_of


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
