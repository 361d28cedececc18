"""What of a config with a net of 1986 cannot be run, though each of its values is allowed."""

from collections.abc import Iterator, Sequence

from reproduce.file.paper import printed
from reproduce.file.yaml_file import FileError
from reproduce.run.config.cases import HELD_OUT, cases_of
from reproduce.run.config.experiment import MEASURES, needs
from reproduce.run.config.key import shown
from reproduce.run.config.net import Network, UnitsNetwork
from reproduce.run.config.parts import wrong_in_parts
from reproduce.run.config.units import UnitsExperiment
from reproduce.units.plan import Plan, PlanError, read_plan


def wrong_in_units(experiment: UnitsExperiment) -> Iterator[str]:
    """What is wrong with several keys at once: the network, then one value for each replica."""
    yield from wrong_in_network(experiment.network, experiment.task.name)
    yield from wrong_in_cases(experiment)
    network, rule, run = experiment.network, experiment.rule, experiment.run
    each = {"network.init": network.init}
    each |= {f"rule.{name}": getattr(rule, name) for name in ("epsilon", "alpha", "decay")}
    for path, value in each.items():
        if isinstance(value, list) and len(value) != experiment.replicas:
            yield (
                f"{path} has {len(value)} values: allowed is one number, "
                f"or one for each of the {experiment.replicas} replicas"
            )
    yield from wrong_in_grid(experiment)
    yield from wrong_in_words(experiment)
    if run.stop == "settled" and (experiment.measure or run.keep_sweeps):
        yield (
            "run.stop=settled: allowed only with measure=[] and run.keep_sweeps=[], "
            "since no net but the unsolved is there at the end"
        )
    if run.keep_largest_weight is not None and not linked(network.links, run.keep_link):
        yield (
            f"run.keep_link={shown(run.keep_link)}: allowed are two groups that network.links links"
        )
    if max(run.keep_sweeps, default=0) > run.sweeps:
        yield (
            f"run.keep_sweeps={shown(run.keep_sweeps)}: allowed is at most run.sweeps={run.sweeps}"
        )


def wrong_in_grid(experiment: UnitsExperiment) -> Iterator[str]:
    """A grid that sets what is already set for each replica."""
    for name, values in vars(experiment.grid).items():
        section = "network" if name in ("init", "hidden") else "rule"
        if values and isinstance(getattr(getattr(experiment, section), name, None), list):
            yield f"grid.{name}={shown(values)}: allowed only where {section}.{name} is one value"
        if values and experiment.run.sweeps == 0:
            yield f"grid.{name}={shown(values)}: allowed only with run.sweeps from 1 up"
    yield from wrong_in_hidden(experiment)


def wrong_in_hidden(experiment: UnitsExperiment) -> Iterator[str]:
    """A grid over hidden units without a group to take them from, or that nothing understands."""
    values, network = experiment.grid.hidden, experiment.network
    most, given = network.groups.get("hidden", 0), f"grid.hidden={shown(values)}"
    if values and isinstance(most, list):
        yield f"{given}: allowed only where network.groups.hidden is a number"
    elif values and max(values) > most:
        yield f"{given}: allowed are numbers up to network.groups.hidden={most}"
    if values and (network.like or experiment.rule.over_fan_in):
        yield f"{given}: allowed only with network.like={{}} and rule.over_fan_in=false"
    fitting = [name for name in MEASURES if needs(name).hidden_grid]
    if values and not {*experiment.measure} <= {*fitting}:
        yield f"{given}: allowed only with measure=[] or a list out of {', '.join(fitting)}"


def wrong_in_words(experiment: UnitsExperiment) -> Iterator[str]:
    """What is only understood of nets in which every link is full, and of fixed orders."""
    network, rule, planned = experiment.network, experiment.rule, plan_of(experiment.network)
    if not planned.is_dense or planned.steps is not None:
        only = "allowed only where all links are full, no weights in them shared, and steps is null"
        if network.equal_units:
            yield f"network.equal_units=true: {only}"
        if experiment.grid.hidden:
            yield f"grid.hidden={shown(experiment.grid.hidden)}: {only}"
    kinds = {"chained" if link.chained else link.kind for link in planned.links.values()}
    if rule.over_fan_in and kinds & {"chained", "random"}:
        yield "rule.over_fan_in=true: allowed only where all units of a group have as many links"
    if rule.order == "drawn" and {*(experiment.grid.update or [rule.update])} != {"presentation"}:
        yield "rule.order=drawn: allowed only with rule.update=presentation"
    if rule.order == "drawn" and experiment.engine == "compiled":
        yield "engine=compiled: allowed with rule.order=drawn is auto or eager"


def wrong_in_cases(experiment: UnitsExperiment) -> Iterator[str]:
    """Cases that are held out where nothing understands that."""
    task = experiment.task
    if task.held_out != "none" and task.name not in HELD_OUT:
        yield f"task.held_out={task.held_out}: allowed for task.name={task.name} is none"


def wrong_for_measure(experiment: UnitsExperiment, name: str) -> Iterator[str]:
    """What a measure of nets of 1986 needs and does not find, in one line each."""
    task, network, need = experiment.task, experiment.network, needs(name)
    planned, only = plan_of(network), f"measure={name}: allowed only"
    if need.task is not None and task.name != need.task:
        yield f"{only} with task.name={need.task}"
    if need.biases and not network.biases:
        yield f"{only} with network.biases=true"
    for sends, receives in need.links:
        if not linked(network.links, (sends, receives)):
            yield f"{only} where network.links lets {sends} send to {receives}"
    if need.full and not planned.is_dense:
        yield f"{only} where all links are full, no weights in them shared"
    if need.once and planned.steps is not None:
        yield f"{only} with network.steps=null"
    for sends, receives, weights in need.kernels:
        if planned.shape((sends, receives)) != (weights,):
            yield f"{only} where {receives} has one kernel of {weights} weights for all of {sends}"
    held = {how for parts in network.hold.values() for how in parts.values()} - {"free"}
    if need.free and held:
        yield f"{only} where no part is held, here {', '.join(sorted(held))}"
    if need.free and (task.held_out != "none" or task.satisfied):
        yield f"{only} with task.held_out=none and task.satisfied=null"


def wrong_in_network(network: Network, task: str) -> Iterator[str]:
    """A network that is none, does not fit the task, or that the printed weights do not fit."""
    try:
        planned = plan_of(network)
    except PlanError as error:
        yield f"network.{error}"
        return
    yield from wrong_size(planned, task)
    if isinstance(network, UnitsNetwork):
        yield from wrong_in_parts(network, planned)
    if network.weights is not None:
        try:
            weights = printed(network.weights)
        except (KeyError, FileError) as error:
            yield f"network.weights={shown(network.weights)}: {error.args[0]}"
            return
        if not planned.fits(weights):
            yield (
                f"network.weights={shown(network.weights)}: allowed is a weight set that fits "
                "network.groups and network.links"
            )


def wrong_size(planned: Plan, task: str) -> Iterator[str]:
    """Input or output units that are not as many as those of the cases."""
    cases, times = cases_of(task), max(1, len(planned.asked))
    for groups, steps, wanted in (
        (planned.inputs, 1, cases.input_units),
        (planned.outputs, times, cases.outputs),
    ):
        if planned.units(groups) * steps != wanted:
            at = f" at {steps} steps" if steps > 1 else ""
            yield (
                f"network.groups: {planned.units(groups) * steps} units in {', '.join(groups)}"
                f"{at}; allowed for task.name={task} are {wanted}"
            )


def plan_of(network: Network) -> Plan:
    """The plan of a network section; PlanError where it is none."""
    return read_plan(vars(network))


def linked(links: dict[str, list], pair: Sequence[str]) -> bool:
    """Whether `pair` is a sending group and one that receives from it."""
    return len(pair) == 2 and pair[0] in map(sender, links.get(pair[1], []))


def sender(entry: object) -> object:
    """The sending group of an entry of `links`, whether it is a name or a mapping."""
    return entry.get("from") if isinstance(entry, dict) else entry
