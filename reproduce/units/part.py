"""Parts of a net: the weights of a link, or the biases of a group; and which parts share weights.

A part is (sending group, receiving group), or a group's name for its biases. In a config it is
GROUP.SOURCE or GROUP.bias, as in the printed weights of papers/*.yaml. Imports no torch.
"""

from collections.abc import Sequence

from reproduce.units.link import Link, PlanError

Part = str | tuple[str, str]


def name_of(part: Part) -> str:
    """A part as a config names it."""
    return f"{part}.bias" if isinstance(part, str) else f"{part[1]}.{part[0]}"


def part_of(group: str, source: str) -> Part:
    """The part that a config calls GROUP.SOURCE, or GROUP.bias."""
    return group if source == "bias" else (source, group)


def parts_of(sources: dict[str, tuple[str, ...]], biases: bool) -> list[Part]:
    """All parts of a net in the order of its weights: each group's links, then its biases."""
    found: list[Part] = []
    for group, senders in sources.items():
        found += [(source, group) for source in senders]
        found += [group] if biases else []
    return found


def like_groups(
    sizes: dict[str, int],
    links: dict[Part, Link],
    sources: dict,
    like: dict[str, str],
    biases: bool,
) -> dict[Part, Part]:
    """The parts of each group in `like` with those of the group that owns them. PlanError."""

    def shape(group: str) -> tuple:
        own = [links[source, group] for source in sources[group]]
        return sizes[group], [(link.kind, link.shape, link.window, link.share) for link in own]

    shares: dict[Part, Part] = {}
    for group, other in like.items():
        fits = group in sources and other in sources and other not in like and group != other
        if not fits or shape(group) != shape(other):
            raise PlanError(
                f"like.{group}={other}: allowed is a group with weights of its own, of as many "
                f"units as {group} and with links from groups of the same sizes"
            )
        for source, others in zip(sources[group], sources[other], strict=True):
            shares[source, group] = (others, other)
        if biases:
            shares[group] = other
    return shares


def shared_parts(
    words: Sequence[list[str]], shapes: dict[Part, tuple], shares: dict[Part, Part]
) -> dict[Part, Part]:
    """The first part of each list owns the weights of the others; added to `shares`. PlanError.

    words: lists of parts as in [[second.first, first.start]]. shapes: what parts must have in
    common to share weights, by part.
    """
    known, shares = {name_of(part): part for part in shapes}, dict(shares)
    for together in words:
        where = f"share: {', '.join(map(str, together))}"
        for word in together:
            if word not in known:
                raise PlanError(f"{where}: no part {word}; there are {', '.join(known)}")
        owner, *others = (known[word] for word in together)
        if not others:
            raise PlanError(f"{where}: allowed are two parts or more")
        for part in others:
            if part in shares or owner in shares or part == owner or part in shares.values():
                raise PlanError(f"{where}: allowed is each part in one list, once")
            if shapes[part] != shapes[owner]:
                raise PlanError(
                    f"{where}: allowed are links of one kind between groups of the same sizes, "
                    "or biases of groups of the same size"
                )
            shares[part] = owner
    return shares
