"""Where the parts of a net begin and how they are held, as a config says it.

`network.start` and `network.hold` name parts by group and sending group (or `bias`).
"""

from collections.abc import Iterator

from reproduce.file.paper import printed
from reproduce.file.yaml_file import FileError
from reproduce.run.config.key import is_number, shown
from reproduce.run.config.net import UnitsNetwork
from reproduce.units.part import Part, part_of
from reproduce.units.plan import Plan, shape_of

Beginning = float | tuple[float, float] | list  # a value, the ends of a range, printed weights


def beginnings(network: UnitsNetwork) -> dict[str, dict[str, Beginning]]:
    """Where parts begin, by group and sending group or `bias`. KeyError or FileError.

    Printed weights are looked up: those of the part in PAPER/FIGURE.
    """
    return {
        group: {
            source: beginning(value, group, source)
            for source, value in parts.items()
            if source != "units"
        }
        for group, parts in network.start.items()
    }


def beginning(value: float | str | list, group: str, source: str) -> Beginning:
    """Where one part begins. KeyError where a figure, or the part in it, is not printed."""
    if isinstance(value, str):
        net = printed(value)
        if source not in net.get(group, {}):
            raise KeyError(f"allowed is a weight set with {group}.{source}")
        return net[group][source]
    return tuple(value) if isinstance(value, list) else value


def wrong_in_parts(network: UnitsNetwork, planned: Plan) -> Iterator[str]:
    """What `start` and `hold` say that means nothing, in one line each."""
    own = {*planned.owned()}
    for key, said in (("start", network.start), ("hold", network.hold)):
        for group, parts in said.items():
            for source, value in parts.items():
                where = f"network.{key}.{group}.{source}={shown(value)}"
                units = key == "start" and source == "units"
                if units and not (is_number(value) and 0 <= value <= 1):
                    yield f"{where}: allowed is a number from 0 to 1"
                elif not units:
                    yield from _wrong_part(where, part_of(group, source), own, planned)
    for group, parts in network.start.items():
        for source, value in parts.items():
            if source != "units":
                yield from _wrong_beginning(value, group, source, planned)
    yield from _wrong_signs(network)


def _wrong_part(where: str, part: Part, own: set[Part], planned: Plan) -> Iterator[str]:
    """A part that there is not, or whose weights are those of another."""
    if part not in own and part not in planned.shares:
        yield f"{where}: no such part; allowed is a sending group of a group, or bias"
    elif part not in own:
        yield f"{where}: it shares the weights of another part; allowed is to say it of that one"


def _wrong_beginning(value: object, group: str, source: str, planned: Plan) -> Iterator[str]:
    """A beginning that is no number, range or printed weights of the shape of the part."""
    where = f"network.start.{group}.{source}={shown(value)}"
    if isinstance(value, str):
        try:
            found = beginning(value, group, source) if value.count("/") == 1 else None
        except (KeyError, FileError) as error:
            yield f"{where}: {error.args[0]}"
            return
        if found is None or shape_of(found) != planned.shape(part_of(group, source)):
            yield f"{where}: allowed is paper/figure with printed weights that fit this part"
        return
    ends = value if isinstance(value, list) and len(value) == 2 else [value]
    if not all(map(is_number, ends)) or ends != sorted(ends):
        yield f"{where}: allowed is a number, [low, high] of a range, or paper/figure"


def _wrong_signs(network: UnitsNetwork) -> Iterator[str]:
    """A kept sign with which a part does not begin."""
    for group, parts in network.hold.items():
        for source, how in parts.items():
            begin = network.start.get(group, {}).get(source)
            ends: list = begin if isinstance(begin, list) else [begin]
            if how in ("free", "fixed"):
                continue
            where = f"network.hold.{group}.{source}={how}"
            if network.weights is not None:
                yield f"{where}: allowed only with network.weights=null"
            elif not all(map(is_number, ends)) or any(
                end > 0 if how == "negative" else end < 0 for end in ends
            ):
                yield (
                    f"{where}: allowed only where network.start.{group}.{source} is a number or "
                    f"[low, high] that is nowhere {'above' if how == 'negative' else 'below'} 0"
                )
