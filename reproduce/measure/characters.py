"""A character model's loss beside what counting characters gives."""

import math

import torch

from reproduce.task.characters import TINY_SHAKESPEARE


def baselines(train: torch.Tensor, test: torch.Tensor, V: int) -> dict[str, float]:
    """Loss in nats per character on `test` of counts on `train`, each count with one added.

    uniform: all V characters alike. unigram: by how often each occurs. bigram: after each.
    """
    single = torch.bincount(train, minlength=V).double() + 1
    pairs = torch.bincount(train[:-1] * V + train[1:], minlength=V * V).double().view(V, V) + 1
    after = (pairs / pairs.sum(1, keepdim=True)).log()
    return {
        "uniform_loss": math.log(V),
        "unigram_loss": -float((single / single.sum()).log()[test[1:]].mean()),
        "bigram_loss": -float(after[test[:-1], test[1:]].mean()),
    }


def measure(trained) -> dict[str, float]:
    """validation_loss [nats per character] on the whole validation text, and the baselines.

    loss_on_tiny_shakespeare: the same where the text is that one, by its sha256; nan elsewhere.
    below_bigram_loss: how far it is below the loss of the bigram counts.
    """
    task, loss = trained.task, trained.tests[-1][1]
    found = baselines(task.train_tokens, task.test_tokens, task.vocabulary)
    same = task.text_sha256 == TINY_SHAKESPEARE
    return found | {
        "validation_loss": loss,
        "below_bigram_loss": found["bigram_loss"] - loss,
        "loss_on_tiny_shakespeare": loss if same else float("nan"),
    }
