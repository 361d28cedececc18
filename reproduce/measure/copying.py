"""What is asked of the copy task: the loss at every test, and one text decoded."""

import torch

from reproduce.network.decoding import greedy


def measure(trained) -> dict[str, float]:
    """loss_at_test_i [nats per token]: of new texts, at the i-th test.

    decodes_the_count [0 or 1]: whether greedy decoding gives 1, 2, ... of the tokens in order when
    they are the source and their first is given.
    """
    columns = {f"loss_at_test_{i}": row[1] for i, row in enumerate(trained.tests, 1)}
    length = min(trained.task.longest, trained.task.vocabulary - 1)
    source = torch.arange(1, length + 1, device=trained.device)[None]
    decoded = greedy(trained.model, source, source[:, :1], length)
    return columns | {"decodes_the_count": float(torch.equal(decoded, source))}
