"""Silenced heads, prefix matching and the roles of heads against models made by hand."""

from types import SimpleNamespace

import pytest
import torch

from reproduce.experiment.attention2017 import characters, distance, induction
from reproduce.experiment.attention2017 import head_roles as roles
from reproduce.experiment.attention2017.head_roles import Roles
from reproduce.experiment.attention2017.induction import Induction
from reproduce.transformer.heads import heads_of, silenced, weights_of_heads
from reproduce.transformer.layer import Layer
from reproduce.transformer.model import SequenceModel
from reproduce.transformer.sequence import score

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


class ByHand:
    """Stands for a model of two layers with two heads, of which it is known who does what.

    at: (layers, heads, b, n), where each head attends. targets: the answers. needs: for each text
    the head (layer, head) that brings its answer; without it the text is answered wrong.
    """

    def __init__(self, at, targets, vocabulary: int, needs: list[tuple[int, int]]):
        self.at, self.targets, self.vocabulary, self.needs = at, targets, vocabulary, needs
        self.layers = []
        for _ in range(2):
            attention = torch.nn.Module()
            attention.h, attention.W_O = 2, torch.nn.Linear(2, 1)
            torch.nn.init.ones_(attention.W_O.weight)
            self.layers.append(SimpleNamespace(attention=attention))

    def attentions(self):
        return [layer.attention for layer in self.layers]

    def __call__(self, tokens, watched=None):
        logits = torch.zeros(*tokens.shape, self.vocabulary)
        for row, (layer, head) in enumerate(self.needs[: len(tokens)]):
            there = self.layers[layer].attention.W_O.weight[0, head]
            asked = (self.targets[row] >= 0).nonzero()[:, 0]
            logits[row, asked, self.targets[row, asked]] = 9 * (2 * there.detach() - 1)
        if watched is not None:
            n = tokens.shape[1]
            for layer in self.at:
                shape = (len(tokens), 2, n, n)
                at = layer.transpose(0, 1)[..., None]
                watched.append(torch.zeros(shape).scatter_(-1, at, 0.75))
        return logits


class Copier(ByHand):
    """Its head (1, 0) attends `behind` positions after the first occurrence; the others to 0."""

    def __init__(self, tokens, targets, vocabulary: int, behind: int, needs):
        at = torch.zeros(2, 2, *tokens.shape, dtype=torch.long)
        for row, text in enumerate(tokens.tolist()):
            for q, token in enumerate(text):
                if token in text[:q]:
                    at[1, 0, row, q] = text.index(token) + behind
        super().__init__(at, targets, vocabulary, needs)


@pytest.mark.parametrize("behind", [1, 3])
def test_matching_finds_the_place_behind_the_first_occurrence_and_who_is_needed(behind):
    task = Induction(16, 5, 5, 4)
    (batch,) = task.test((0, 0), 1)
    needs = [(1, 0), (1, 0), (1, 0), (0, 1)]
    made = Copier(batch.inputs, batch.targets, 16, behind, needs)
    found = induction.measure(trained(made, task))
    assert found["prefix_matching"] == (0.75 if behind == 1 else 0)
    assert (found["carrier_matching"], found["carrier_distance"]) == (0.75, behind)
    assert found["best_layer"] == 2
    assert found["accuracy_without_best_head"] == 1 / 4
    assert found["accuracy_without_another_head"] == 1  # the other of its layer
    without = [found[f"accuracy_without layer {i} head {j}"] for i in (1, 2) for j in (1, 2)]
    assert without == [1, 3 / 4, 1 / 4, 1]


def by_hand_for_roles(size: int):
    """Head (0, 0) looks one word back, (0, 1) and (1, 0) at what is asked for, (1, 1) at word 0."""
    task = Roles(40, size)
    places = task.test_places.clamp(min=0)
    back = (torch.arange(40) - 1).clamp(min=0).expand(size, 40)
    at = torch.stack([torch.stack([back, places]), torch.stack([places, 0 * places])])
    needs = [(0, 1)] * (size // 2) + [(1, 0)] * (size - size // 2)
    return ByHand(at, task.test_set.targets, task.vocabulary, needs), task


def test_roles_are_held_against_the_best_offset_and_half_of_these_heads_can_go():
    made, task = by_hand_for_roles(30)
    found = roles.measure(trained(made, task))
    for relation in roles.RELATIONS:
        assert 0 < found[f"{relation}_offset"] < 0.5
        assert found[f"{relation}_over_offset"] == pytest.approx(1 - found[f"{relation}_offset"])
        assert found[f"{relation} layer 1 head 2"] == found[f"{relation} layer 2 head 1"] == 1
        assert found[f"{relation} layer 1 head 1"] <= found[f"{relation}_offset"]
    assert found["heads_that_can_go"] == 2 / 4
    assert (found["has_positional_head"], found["positional_share"]) == (1, 1)
    assert found["positional_weight"] == 0.75


def test_a_head_of_many_offsets_is_not_positional():
    made, task = by_hand_for_roles(30)
    made.at[0, 0] = 0
    found = roles.measure(trained(made, task))
    assert found["has_positional_head"] == 0
    assert found["positional_share"] < 0.9


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
