"""JAX: the loss of one net, its gradient, vmap over the replicas, scan over the sweeps, all jitted.

Twice: as it is usually written, with cases in rows, on JAX's own choice of threads; and tuned.
Tuned, the replicas are spread over the processor's cores, which XLA does not do by itself for
small arrays, and units come before cases in every product, which is faster for all but a handful
of cases.
"""

import functools
import math

import numpy as np

from benchmark.work import Work
from reproduce.file.place import cores
from reproduce.units.net import Units

FEW_CASES = 8


@functools.cache
def start_jax():
    """The module jax, set up once in a process: a device for each core."""
    import jax

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", cores())
    return jax


def one_net(work: Work, tuned: bool):
    """E as a function of one net's weights: a list of arrays in the order of `Units.places`."""
    jax = start_jax()
    plan, places = work.plan, list(Units(work.plan).places)
    sizes = np.cumsum([plan.sizes[group] for group in plan.inputs])
    inputs = dict(zip(plan.inputs, np.split(work.inputs, sizes[:-1]), strict=True))

    def product(w, y):
        return w @ y if tuned and work.inputs.shape[1] >= FEW_CASES else (y.T @ w.T).T

    def error(weights):
        w, y = dict(zip(places, weights, strict=True)), dict(inputs)
        for group, sources in plan.sources.items():
            x = w[group][:, None]
            for source in sources:
                x = x + product(w[source, group], y[source])
            y[group] = jax.nn.sigmoid(x)
        outputs = jax.numpy.concatenate([y[group] for group in plan.outputs])
        return 0.5 * ((outputs - work.targets) ** 2).sum()

    return error


def many_nets(work: Work, tuned: bool):
    """The jitted training of all nets: (weights, velocity, sweeps) -> (weights, velocity)."""
    jax = start_jax()
    slope = jax.grad(one_net(work, tuned))

    def sweep(state, _):
        weights, velocity = state
        dE_dw = slope(weights)
        velocity = [work.alpha * v - work.epsilon * g for v, g in zip(velocity, dE_dw, strict=True)]
        return ([w + v for w, v in zip(weights, velocity, strict=True)], velocity), None

    def train(weights, velocity, sweeps):
        def single(w, v):
            return jax.lax.scan(sweep, (w, v), length=sweeps)[0]

        return jax.vmap(single)(weights, velocity)

    return jax.jit(train, static_argnames="sweeps")


class JaxTrainer:
    """All nets, the replica in the first axis of each part."""

    def __init__(self, work: Work, replicas: int, tuned: bool):
        jax = start_jax()
        self.replicas, self.train = replicas, many_nets(work, tuned)
        shapes = [shape for _, shape in Units(work.plan).places.values()]
        rows = np.cumsum([math.prod(shape) for shape in shapes])
        parts = np.split(work.start(replicas).T, rows[:-1], axis=1)
        weights = [
            part.reshape(replicas, *shape) for part, shape in zip(parts, shapes, strict=True)
        ]
        devices = jax.devices()[: math.gcd(replicas, cores()) if tuned else 1]
        mesh = jax.sharding.Mesh(np.array(devices), ("replica",))
        spread = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("replica"))
        self.state = jax.device_put((weights, [np.zeros_like(w) for w in weights]), spread)

    def sweep(self, count: int) -> None:
        """Make `count` sweeps; a count that is new is compiled first."""
        self.state = start_jax().block_until_ready(self.train(*self.state, sweeps=count))

    def weights(self) -> np.ndarray:
        """The weights (P, replicas)."""
        parts = [np.asarray(part).reshape(self.replicas, -1) for part in self.state[0]]
        return np.concatenate(parts, 1).T


class JaxScan:
    """jit(vmap(scan)), as usual or tuned."""

    def __init__(self, tuned: bool):
        self.tuned, self.threads = tuned, cores()
        self.name = "JAX tuned" if tuned else "JAX jit(vmap(scan))"

    def missing(self, work: Work) -> str | None:
        """Not installed."""
        try:
            start_jax()
        except ImportError:
            return "JAX is not installed"
        return None

    def prepare(self, work: Work, replicas: int) -> JaxTrainer:
        """All nets before their first sweep."""
        return JaxTrainer(work, replicas, self.tuned)
