"""Sequence tasks: what is asked can be told from the text, and nothing depends on other draws."""

import math
from collections import Counter

import pytest
import torch

from reproduce.experiment.attention2017.characters import Characters, read_text
from reproduce.experiment.attention2017.copy import Copy
from reproduce.experiment.attention2017.distance import Distance
from reproduce.experiment.attention2017.head_roles import KINDS, WORD, Roles
from reproduce.experiment.attention2017.induction import Induction
from reproduce.experiment.attention2017.recall import Recall
from reproduce.experiment.attention2017.sort import Sorting
from reproduce.transformer.sequence import IGNORED, Batch, data_sha256, score

KEY = (3, 1)
TASKS = {
    "copy": Copy(11, 10, 6),
    "sort": Sorting(3, 6),
    "recall": Recall(64, 32, 4, 50, 20),
    "induction": Induction(20, 4, 6, 5),
    "roles": Roles(40, 30),
    "distance": Distance(8, 5, 12),
    "characters": Characters("pydoc_data.topics", 16),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_batch_belongs_to_seed_replica_and_step_alone(name):
    task = TASKS[name]
    first = task.batch(KEY, 7, 4)
    task.batch((9, 9), 2, 8)
    again = task.batch(KEY, 7, 4)
    assert torch.equal(first.inputs, again.inputs)
    assert torch.equal(first.targets, again.targets)
    others = [task.batch(key, step, 4) for key, step in (((4, 1), 7), ((3, 2), 7), (KEY, 8))]
    assert any(other.inputs.shape != first.inputs.shape for other in others) or all(
        not torch.equal(other.inputs, first.inputs) for other in others
    )
    assert first.inputs.max() < task.vocabulary
    assert first.inputs.shape == first.targets.shape
    assert first.inputs.shape[1] <= task.longest
    if name != "copy":
        assert data_sha256(task, task.test((0, 0), 5)) == data_sha256(task, task.test((8, 3), 9))


def test_copying_gives_the_text_as_source_and_one_token_later_as_target():
    batch = TASKS["copy"].batch(KEY, 1, 5)
    assert torch.equal(torch.cat([batch.inputs, batch.targets[:, -1:]], 1), batch.source)
    assert torch.equal(batch.inputs[:, 1:], batch.targets[:, :-1])
    assert (batch.source[:, 0] == 1).all()
    assert batch.source.min() >= 1


def test_sorting_is_sorted_and_no_input_is_in_both_parts():
    task = TASKS["sort"]
    train, test = ({tuple(row) for row in part} for part in (task.train_inputs, task.test_inputs))
    assert not train & test
    assert len(train | test) == 3**6
    assert len(test) == 3**6 // 4
    (batch,) = task.test(KEY, 1)
    for row, asked in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
        assert asked[:5] == [IGNORED] * 5
        assert asked[5:] == sorted(row[:6])


def test_recall_asks_for_the_value_of_the_key_that_stands_there():
    (batch,) = TASKS["recall"].test(KEY, 1)
    for row, asked in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
        pairs = dict(zip(row[0:8:2], row[1:8:2], strict=True))
        found = {place: value for place, value in enumerate(asked) if value != IGNORED}
        assert len(pairs) == 4
        assert all(place >= 8 and pairs[row[place]] == v for place, v in found.items())
        assert all(1 <= key < 32 <= value < 64 for key, value in pairs.items())
        assert 3 <= len(found) <= 4  # the last token of a text is never an input


def test_an_epoch_of_recall_shows_every_case_once():
    task = TASKS["recall"]
    seen = torch.cat([task.batch(KEY, step, 10).inputs for step in range(1, 6)])
    rows = Counter(map(tuple, seen.tolist()))
    assert rows == Counter(map(tuple, task.train_set.inputs.tolist()))


def test_induction_asks_for_what_followed_the_one_earlier_occurrence():
    task = TASKS["induction"]
    for length, batch in zip(task.lengths, task.test(KEY, 1), strict=True):
        for row, asked in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
            places = [place for place, target in enumerate(asked) if target != IGNORED]
            assert len(places) == length - 1
            for place in places:
                earlier = [p for p in range(place) if row[p] == row[place]]
                assert earlier == [place - length]
                assert row[place - length + 1] == asked[place]


def test_the_answers_of_the_language_follow_from_the_word_they_depend_on():
    task = TASKS["roles"]
    (batch,) = task.test(KEY, 1)
    kinds = Counter()
    for row, asked, on in zip(batch.inputs, batch.targets, task.test_places, strict=True):
        places = (asked != IGNORED).nonzero()[:, 0].tolist()
        assert len(places) == 4
        for place in places:
            question, answer, word = (int(x) for x in (row[place], asked[place], row[on[place]]))
            assert row[place + 1] == answer
            assert on[place] < place
            if question == WORD["verb"]:
                plural = WORD["plural"] <= word < WORD["plural"] + KINDS
                assert answer == WORD["are" if plural else "is"]
                assert row[on[place] - 1] != WORD["of"] or on[place] == 0
            elif question == WORD["end"]:
                assert answer - WORD["close"] == word - WORD["open"]
            else:
                assert (question, answer) == (WORD["again"], word)
            kinds[question] += 1
    assert kinds == {WORD["verb"]: 30, WORD["again"]: 30, WORD["end"]: 60}


def test_the_symbol_stands_at_the_distance():
    (batch,) = TASKS["distance"].test(KEY, 1)
    assert torch.equal(batch.targets[:, -1], batch.inputs[:, 0])
    assert (batch.targets[:, :-1] == IGNORED).all()
    assert (batch.inputs[:, 1:-1] >= 8).all()
    assert batch.inputs.shape[1] - 1 == 5


def test_characters_of_a_file_are_split_in_nine_tenths_and_one(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(("ab\r\n" * 500).encode())
    task = Characters(str(path), 16)
    assert read_text(str(path)) == "ab\r\n" * 500
    assert task.symbols == sorted("ab\r\n")
    assert (len(task.train_tokens), len(task.test_tokens)) == (1800, 200)
    inputs = torch.cat([batch.inputs for batch in task.test(KEY, 1)])
    assert inputs.numel() == 16 * math.floor(199 / 16)
    assert torch.equal(inputs.flatten(), task.test_tokens[: inputs.numel()])


def test_a_score_is_the_mean_over_all_asked_tokens_of_all_batches():
    chances = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.2, 0.5, 0.3]])
    batches = [
        Batch(torch.tensor([[0, 1, 2]]), torch.tensor([[0, IGNORED, 2]])),
        Batch(torch.tensor([[1], [2]]), torch.tensor([[2], [IGNORED]])),
    ]
    loss, right = score(lambda tokens: chances[tokens].log(), batches)
    assert loss == pytest.approx(-(math.log(0.7) + math.log(0.3) + math.log(0.8)) / 3)
    assert right == 2 / 3
