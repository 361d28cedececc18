"""How far apart two positions are for each kind of layer (Table 1, maximum path length)."""

import math


def measure(trained) -> dict[str, float]:
    """path_length [steps]: the fewest steps from the symbol to the question, whatever N is.

    Of attention 1, of a recurrent net one for each position, of a convolution one for each
    kernel - 1. in_reach [0 or 1]: whether the N layers of the model can make that path.
    """
    network, distance = trained.config.network, trained.task.distance
    lengths = {
        "attention": 1,
        "recurrent": distance,
        "convolution": math.ceil(distance / (network.kernel - 1)),
    }
    path = lengths[network.mixer]
    reach = path <= network.N if network.mixer == "convolution" else True
    return {"path_length": float(path), "in_reach": float(reach)}
