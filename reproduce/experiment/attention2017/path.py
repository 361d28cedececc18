"""How far layers carry: which positions they connect, and what must wait for what (section 4).

Axis letters: n positions, d units. An adjacency matrix is bool (n, n): row i, column j is True
where output i of one layer depends on input j.
"""

from collections.abc import Callable, Iterable
from itertools import count, repeat

import torch
from torch import Tensor
from torch.nn import functional

from reproduce.experiment.attention2017.table_1 import KINDS, exponent, layer_of
from reproduce.run.config.layers import ComplexityNetwork
from reproduce.transformer.mixer import Convolution, Recurrent

PATHS = ("self_attention", "recurrent", "dilated", "contiguous", "restricted")
PATH_UNITS = 4  # d where it is only asked what depends on what
PRODUCTS = ("Mm", "Addmm", "Bmm", "Convolution")  # what torch calls them in its graph


def adjacency(layer: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Where gradients of the layer at x (1, n, d) are not exactly 0: bool (n, n)."""
    x = x.requires_grad_()
    out = layer(x)[0].sum(-1)
    rows = [torch.autograd.grad(each, x, retain_graph=True)[0] for each in out]
    return torch.cat(rows).ne(0).any(-1)


def path_length(layers: Iterable[Tensor], wanted: Tensor) -> int:
    """How many layers it takes until an input reaches an output, for the pair that takes most.

    layers: their adjacency matrices, the first layer first, enough of them. wanted: bool (n, n),
    the pairs that are to be connected.
    """
    reached = torch.eye(len(wanted))
    for steps, layer in enumerate(layers, 1):
        reached = (layer.float() @ reached).sign()
        if reached[wanted].all():
            return steps
    raise ValueError("there are pairs that the layers do not connect")


def longest_chain(out: Tensor) -> int:
    """Most matrix products and convolutions of which each waits for the one before it.

    out: what a layer gave, with the graph that torch keeps for its gradient.
    """
    assert out.grad_fn is not None  # it has a graph
    longest: dict[object, int] = {}
    waiting = [out.grad_fn]
    while waiting:
        node = waiting[-1]
        before = [each for each, _ in node.next_functions if each is not None]
        unknown = [each for each in before if each not in longest]
        if unknown:
            waiting += unknown
            continue
        product = node.name().removesuffix("Backward0") in PRODUCTS
        longest[waiting.pop()] = max((longest[each] for each in before), default=0) + product
    return longest[out.grad_fn]


def recurrent_step(layer: Recurrent) -> Callable[[Tensor], Tensor]:
    """States of all positions (1, n, d) -> those after one step of a recurrent layer."""

    def step(states: Tensor) -> Tensor:
        before = functional.pad(states[:, :-1], (0, 0, 1, 0))
        nothing = torch.zeros_like(states).transpose(0, 1)
        return layer.net(nothing, before)[0].transpose(0, 1)

    return step


def path(kind: str, n: int, k: int, r: int) -> int:
    """Maximum path length of layers of one kind over n positions, as networks are built of them.

    A recurrent layer is a path in itself: an input enters its state, which then goes from
    position to position. A dilated convolution of layer l has kernels with k^l between positions.
    Layers that look back connect an output with the inputs up to its place.
    """
    x, look_back = torch.randn(1, n, PATH_UNITS), torch.ones(n, n).tril() > 0
    if kind == "recurrent":
        inside = adjacency(recurrent_step(Recurrent(PATH_UNITS)), x)
        enter, both = torch.eye(n) > 0, inside | (torch.eye(n) > 0)
        return path_length((enter, *repeat(both, n)), look_back)
    if kind == "dilated":
        stack = (Convolution(PATH_UNITS, k, k**layer) for layer in count())
        return path_length((adjacency(each, x) for each in stack), look_back)
    if kind == "contiguous":
        return path_length(repeat(adjacency(Convolution(PATH_UNITS, k), x), n), look_back)
    layer = layer_of(kind, PATH_UNITS, k, r)
    return path_length(repeat(adjacency(layer, x), n), torch.ones(n, n) > 0)


def paths_and_chains(network: ComplexityNetwork, seed: int) -> dict[str, float]:
    """The columns `Maximum Path Length` and `Sequential Operations`.

    path_KIND: at the largest of path_lengths. path_exponent_KIND: in n. path_exponent_of_k,
    path_exponent_of_r: of contiguous kernels and of restricted attention, at the largest n.
    sequential_ROW: the longest chain of dependent products there; sequential_exponent_ROW: in n.
    """
    lengths, k, r = network.path_lengths, network.kernels[0], network.windows[0]
    longest, columns = max(lengths), {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for kind in PATHS:
            found = {n: path(kind, n, k, r) for n in lengths}
            columns[f"path_{kind}"] = float(found[longest])
            columns[f"path_exponent_{kind}"] = exponent(lengths, [found[n] for n in lengths])
        by_k = [path("contiguous", longest, kernel, r) for kernel in network.kernels]
        by_r = [path("restricted", longest, k, window) for window in network.windows]
    columns["path_exponent_of_k"] = exponent(network.kernels, by_k)
    columns["path_exponent_of_r"] = exponent(network.windows, by_r)
    for kind in KINDS:
        layer = layer_of(kind, PATH_UNITS, k, r)
        inputs = [torch.ones(1, n, PATH_UNITS, requires_grad=True) for n in lengths]
        chains = [longest_chain(layer(x)) for x in inputs]
        columns[f"sequential_{kind}"] = float(chains[lengths.index(longest)])
        columns[f"sequential_exponent_{kind}"] = exponent(lengths, chains)
    return columns
