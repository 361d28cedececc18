"""What is asked of the sorting task: whole texts that are sorted, decoded token by token."""

import numpy as np
import torch

from reproduce.network.decoding import greedy_continuation


def sorted_share(trained, inputs: np.ndarray) -> float:
    """The share of inputs (b, length) after which greedy decoding writes them in order."""
    given = torch.from_numpy(inputs).to(trained.device)
    decoded = greedy_continuation(trained.model, given, 2 * trained.task.length)
    right = decoded[:, trained.task.length :] == given.sort(1)[0]
    return float(right.all(1).double().mean())


def measure(trained) -> dict[str, float]:
    """sorted_in_test, sorted_in_training: the share of all inputs of each kind that is sorted."""
    return {
        "sorted_in_test": sorted_share(trained, trained.task.test_inputs),
        "sorted_in_training": sorted_share(trained, trained.task.train_inputs),
    }
