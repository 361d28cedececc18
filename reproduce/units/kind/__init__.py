"""What each kind of link computes: forward, slope and backward, for a whole population at once.

Axis letters: j receiving units, i sending units, b what a unit receives, c cases, r replicas.
"""

from reproduce.units.kind.field import Field
from reproduce.units.kind.full import Full
from reproduce.units.kind.one import One
from reproduce.units.link import Link

OF_KIND: dict[str, type[Full | Field | One]] = {
    "full": Full,
    "random": Full,
    "field": Field,
    "one": One,
}


def computed(link: Link) -> Full | Field | One:
    """The three functions of a link between groups, or from step to step; not of a chain."""
    return OF_KIND[link.kind](link)
