"""What each kind of link computes: forward, slope and backward, for a whole population at once.

Axis letters: j receiving units, i sending units, b what a unit receives, c cases, r replicas.
"""

from reproduce.units.kind.field import Field
from reproduce.units.kind.full import Full
from reproduce.units.kind.one import Chain, One
from reproduce.units.link import Link

OF_KIND = {"full": Full, "random": Full, "field": Field, "one": One}


def computed(link: Link) -> Full | Field | One | Chain:
    """The three functions of a link."""
    return Chain(link) if link.chained else OF_KIND[link.kind](link)
