"""A printed set of weights in papers/*.yaml: whether it is one of some net.

For each computed group its `bias`, one number a unit, and, under the name of each sending group,
a row of numbers a unit with one for each sending unit.
"""

from collections.abc import Iterator

from reproduce.file.value import is_list_of, is_number, quoted


def wrong_in_nets(weights: dict) -> Iterator[str]:
    """What is wrong in the weight sets of a paper, by figure, each in one line."""
    for figure, net in weights.items():
        for key, problem in _wrong(net):
            yield f"weights.{figure}{key}{problem}"


def _wrong(net: object) -> Iterator[tuple[str, str]]:
    """Where in a net, as dotted keys, and what is wrong there."""
    if not isinstance(net, dict) or not net:
        yield "", f"={quoted(net)}: allowed are the groups of a net"
        return
    units: dict[str, int] = {}
    sending: dict[str, list[tuple[str, int]]] = {}
    for group, parts in net.items():
        if not isinstance(parts, dict) or not parts:
            yield (
                f".{group}",
                f"={quoted(parts)}: allowed are a bias and the groups that send to it",
            )
            return
        for name, values in parts.items():
            if problem := _wrong_values(name, values):
                yield f".{group}.{name}", problem
                return
            first = units.setdefault(group, len(values))
            if len(values) != first:
                yield f".{group}.{name}", f": {len(values)} units where {group} has {first}"
            if name != "bias":
                sending.setdefault(name, []).append((group, len(values[0])))
    for name, uses in sending.items():
        size = units.get(name, uses[0][1])
        for group, width in uses:
            if width != size:
                yield f".{group}.{name}", f": rows of {width} numbers where {name} has {size} units"


def _wrong_values(name: str, values: object) -> str:
    """What is wrong in biases or in the rows of weights from one group; empty if nothing is."""
    if name == "bias":
        fine = is_list_of(values, is_number)
        return "" if fine else f"={quoted(values)}: allowed is a list of numbers, one a unit"
    if not is_list_of(values, lambda row: is_list_of(row, is_number)):
        return f"={quoted(values)}: allowed is a list of rows of numbers, one row a unit"
    lengths = {len(row) for row in values}
    return f": rows of {min(lengths)} and {max(lengths)} numbers" if len(lengths) > 1 else ""
