"""Silenced heads, prefix matching and the roles of heads against models made by hand."""

from types import SimpleNamespace

import pytest
import torch

from reproduce.measure import characters, distance, induction, roles
from reproduce.measure.heads import heads_of, silenced, weights_of_heads
from reproduce.network.layer import Layer
from reproduce.network.transformer import SequenceModel
from reproduce.task.induction import Induction
from reproduce.task.roles import Roles
from reproduce.task.sequence import score

CPU = torch.device("cpu")


def model(vocabulary: int, **shape) -> SequenceModel:
    torch.manual_seed(0)
    letters = {"d_model": 12, "d_ff": 8, "h": 3, "d_k": 4, "d_v": 5} | shape
    return SequenceModel(vocabulary, 2, Layer(**letters)).eval()


def trained(made, task):
    return SimpleNamespace(
        model=made,
        task=task,
        device=CPU,
        tests_of_task=lambda: task.test((0, 0), 1),
    )


def test_a_silent_head_is_left_out_of_the_sum_over_heads_and_comes_back():
    made, tokens = model(20), torch.arange(10)[None]
    whole = made(tokens)
    attention, x = made.layers[1].attention, torch.randn(1, 6, 12)
    K, V = attention.keys_and_values(x)
    kept = attention.attend(x, K, torch.cat([V[:, :1], 0 * V[:, 1:2], V[:, 2:]], 1))
    with silenced(made, [(1, 1)]):
        torch.testing.assert_close(attention(x, x), kept)
        assert not torch.equal(made(tokens), whole)
    assert torch.equal(made(tokens), whole)
    assert heads_of(made) == [(i, j) for i in range(2) for j in range(3)]


class Copier:
    """Stands for a model whose one head attends `behind` positions after the first occurrence."""

    def __init__(self, task, behind: int):
        self.task, self.behind = task, behind
        attention = torch.nn.Module()
        attention.h, attention.W_O = 1, torch.nn.Linear(2, 2)
        self.layers = [SimpleNamespace(attention=attention)]

    def __call__(self, tokens, watched=None):
        b, n = tokens.shape
        weights = torch.zeros(b, 1, n, n)
        logits = torch.zeros(b, n, self.task.vocabulary)
        for row in range(b):
            for q in range(n):
                earlier = [k for k in range(q) if tokens[row, k] == tokens[row, q]]
                if earlier:
                    weights[row, 0, q, earlier[0] + self.behind] = 1
                    logits[row, q, tokens[row, earlier[0] + 1]] = 9
        if watched is not None:
            watched.append(weights)
        return logits


@pytest.mark.parametrize("behind", [1, 3])
def test_matching_finds_the_place_behind_the_first_occurrence(behind):
    task = Induction(16, 4, 6, 3)
    found = induction.measure(trained(Copier(task, behind), task))
    assert found["prefix_matching"] == (1 if behind == 1 else 0)
    assert (found["carrier_matching"], found["carrier_distance"]) == (1, behind)
    assert found["accuracy_without_best_head"] == 1  # its logits do not come from its matrix


def test_a_head_that_attends_to_the_related_word_has_that_role():
    task = Roles(40, 40)
    places = task.test_places.clamp(min=0)
    at = torch.stack([places, torch.arange(40).expand(40, 40) - 1])[None].clamp(min=0)
    shares, offsets = roles.relation_shares(task, at)
    for relation in roles.RELATIONS:
        assert shares[relation][0, 0] == 1
        assert shares[relation][0, 1] <= offsets[relation] < 0.5
    weights = torch.zeros(1, 40, 2, 40, 40).scatter_(-1, at.transpose(1, 2)[..., None], 0.7)
    assert torch.equal(roles.attended(weights), at)
    positional, largest = roles.positional_shares(at, weights)
    assert positional[0, 1] == 1
    assert positional[0, 0] < 0.9
    assert largest == pytest.approx(0.7)


def test_the_measure_of_roles_says_what_silence_costs():
    task = Roles(40, 20)
    made = model(task.vocabulary)
    found = roles.measure(trained(made, task))
    for i, j in heads_of(made):
        with silenced(made, [(i, j)]):
            loss = score(made, task.test((0, 0), 1))[0]
        assert found[f"loss_without layer {i + 1} head {j + 1}"] == pytest.approx(loss)
    assert 0 <= found["heads_that_can_go"] <= 1
    assert weights_of_heads(made, task.test((0, 0), 1)[0]).shape == (2, 20, 3, 40, 40)


def test_baselines_are_counts_by_hand():
    train, test = torch.tensor([0, 1, 0, 1, 0, 2]), torch.tensor([0, 1, 2])
    found = characters.baselines(train, test, 3)
    log = torch.log
    assert found["uniform_loss"] == pytest.approx(float(log(torch.tensor(3.0))))
    assert found["unigram_loss"] == pytest.approx(-float(log(torch.tensor([3 / 9, 2 / 9])).mean()))
    assert found["bigram_loss"] == pytest.approx(-float(log(torch.tensor([3 / 6, 1 / 5])).mean()))


@pytest.mark.parametrize(("loss_of", "asked"), [("no such text", False), (None, True)])
def test_the_printed_loss_is_only_asked_of_the_text_it_is_of(loss_of, asked):
    task = SimpleNamespace(
        text_sha256=characters.TINY_SHAKESPEARE if loss_of is None else loss_of,
        train_tokens=torch.tensor([0, 1, 0]),
        test_tokens=torch.tensor([0, 1]),
        vocabulary=2,
    )
    found = characters.measure(SimpleNamespace(task=task, tests=[[1, 1.9, 0.5, 0.1]]))
    assert found["validation_loss"] == 1.9
    assert (found["loss_on_tiny_shakespeare"] == 1.9) == asked


@pytest.mark.parametrize(
    ("mixer", "path", "reach"),
    [("attention", 1, 1), ("recurrent", 9, 1), ("convolution", 5, 0)],
)
def test_path_lengths(mixer, path, reach):
    network = SimpleNamespace(mixer=mixer, kernel=3, N=2)
    one = SimpleNamespace(config=SimpleNamespace(network=network), task=SimpleNamespace(distance=9))
    assert distance.measure(one) == {"path_length": path, "in_reach": reach}
