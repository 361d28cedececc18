"""Shares of replicas and properties of most nets, decided by their intervals."""

import pytest
from claimed import (
    NEVER,
    NOT,
    PARTLY,
    REPRODUCED,
    UNDECIDED,
    check,
    newcombe,
    shares,
    verdict,
    wilson,
)


@pytest.mark.parametrize("k", range(160, 201, 5))
@pytest.mark.parametrize("published", [0.8, 0.9, 1.0])
def test_a_share_is_reproduced_where_our_whole_interval_is_within_its_margin(k, published):
    (low, high), n = wilson(k, 200), 200
    ends = (max(published - 0.06, 0), min(published + 0.06, 1))
    inside, apart = ends[0] <= low and high <= ends[1], high < ends[0] or low > ends[1]
    found = verdict(check("proportion", published, margin=0.06), shares(k, n))
    assert found.verdict == (REPRODUCED if inside else NOT if apart else UNDECIDED)
    assert (found.reproduced, found.reason) == (k / n, f"{k} of 200")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize("k", range(920, 1001, 4))
@pytest.mark.parametrize("all_but", [0, 2])
def test_a_count_of_unknown_n_is_a_sample_and_each_n_is_asked(k, all_but):
    agrees = []
    for size in (200, 400):
        low, high = newcombe(k, 1000, size - all_but, size)
        agrees.append(low <= 1e-12 and high >= -1e-12)
    asked = check("proportion", f"all but {all_but}", of=(200, 400), all_but=all_but)
    found = verdict(asked, shares(k, 1000))
    assert found.verdict == (REPRODUCED if all(agrees) else UNDECIDED if any(agrees) else NOT)
    assert f"ours less {200 - all_but} of 200: difference " in found.decided_by
    assert f"less {400 - all_but} of 400: difference " in found.decided_by


def test_proportion_needs_200_replicas():
    asked = check("proportion", 0.5, margin=0.2)
    assert verdict(asked, shares(100, 199)).verdict == UNDECIDED
    assert verdict(asked, shares(100, 200)).verdict == REPRODUCED


# property


@pytest.mark.parametrize("k", range(0, 1001, 10))
@pytest.mark.parametrize("share", [0.5, 0.75, 0.95])
def test_the_interval_of_a_property_decides_and_not_the_point(k, share):
    low, high = wilson(k, 1000)
    below = PARTLY if low > 0.5 else NOT
    expected = REPRODUCED if low >= share else below if high < share else UNDECIDED
    found = verdict(check("property", "on", at_least=1, share=share), shares(k, 1000))
    assert (found.verdict, found.reproduced) == (expected, k / 1000)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize(
    ("k", "n", "expected"),
    [(20, 20, REPRODUCED), (19, 19, UNDECIDED), (19, 20, PARTLY), (13, 20, NOT), (0, 20, NOT)],
)
def test_one_exception_refutes_what_is_asked_of_all(k, n, expected):
    found = verdict(check("property", "on", at_least=1, share=1), shares(k, n))
    assert found.verdict == expected  # 13 of 20: the interval begins below one half


def test_the_range_of_a_property_includes_its_ends():
    asked = check("property", "2", at_least=1.8, at_most=2.2, share=1)
    assert verdict(asked, [1.8, 2.2] * 10).reproduced == 1
    assert verdict(asked, [1.7999, 2.2001] * 10).reproduced == 0


def test_a_property_is_not_asked_where_the_question_does_not_arise():
    found = verdict(check("property", "on", at_most=0.5, share=1), [0.1] * 20 + [NEVER] * 80)
    assert (found.verdict, found.n) == (REPRODUCED, 20)
