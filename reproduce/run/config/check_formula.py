"""What concerns several keys of a study of formulas at once."""

from collections.abc import Iterator

from reproduce.run.config.experiment import Experiment
from reproduce.run.config.formula import PositionsExperiment, SmoothingExperiment
from reproduce.run.config.key import shown


def wrong_in_formula(config: Experiment) -> Iterator[str]:
    """What cannot be run, in one line each."""
    if isinstance(config, PositionsExperiment):
        network = config.network
        if max(network.offsets) >= network.positions:
            yield (
                f"network.offsets={shown(network.offsets)}: allowed are numbers below "
                f"network.positions={network.positions}"
            )
    if isinstance(config, SmoothingExperiment):
        rule = config.rule
        if len(rule.printed_perplexity) != len(rule.smoothing):
            yield (
                f"rule.printed_perplexity={shown(rule.printed_perplexity)}: allowed is one number "
                f"for each of rule.smoothing={shown(rule.smoothing)}"
            )
