"""How many weights a net of 1986 has, from its config alone."""

import math

from reproduce.run.config.net import Network
from reproduce.units.link import read_link, units_of


def weights(network: Network) -> int:
    """Weights and biases of one net of 1986."""
    shared = {part for together in getattr(network, "share", []) for part in together[1:]}
    count = 0
    for group, entries in network.links.items():
        if not entries or group in network.like:
            continue
        links = [read_link(entry, group, network.groups) for entry in entries]
        count += sum(
            math.prod(link.shape) for link in links if f"{group}.{link.source}" not in shared
        )
        if network.biases and f"{group}.bias" not in shared:
            one = group in getattr(network, "one_bias", [])
            count += 1 if one else units_of(network.groups[group])
    return count
