"""The rules for a few large models: a band for one more run, an exact contrast, enough replicas."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from claimed import check as check_of

from reproduce.file.claim import Check
from reproduce.verdict.rule import judge
from reproduce.verdict.side import Side

LOSSES = [0.17, 0.17, 0.23, 0.15, 0.30]


def check(rule: str, published=1.0, **more) -> Check:
    return check_of(rule, published, "loss", **more)


def test_a_band_is_the_prediction_interval_of_the_normal_logarithm():
    fitted = sm.OLS(np.log(LOSSES), np.ones(5)).fit().get_prediction([1.0])
    low, high = np.exp(fitted.conf_int(obs=True, alpha=0.05)[0])
    for published, wanted in (
        (low * 1.001, "reproduced"),
        (high * 0.999, "reproduced"),
        (low * 0.999, "not reproduced"),
        (high * 1.001, "not reproduced"),
    ):
        verdict = judge(check("band", published), pd.Series(LOSSES))
        assert (verdict.verdict, verdict.n) == (wanted, 5)
        assert (verdict.low, verdict.high) == pytest.approx((low, high))
        assert verdict.reproduced == 0.17
    assert judge(check("band", 0.2), pd.Series(LOSSES[:4])).verdict == "undecided"
    assert judge(check("band", 0.2), pd.Series([math.nan] * 5)).verdict == "undecided"
    for values in ([0.2] * 5, [0.0, 0.1, 0.2, 0.3, 0.4]):
        assert judge(check("band", 0.2), pd.Series(values)).verdict == "undecided"


def contrast(ours, theirs, direction="less"):
    told = check("contrast", direction, direction=direction, against="paper/b")
    return judge(told, pd.Series(ours), Side("paper/b", pd.Series(theirs)))


def test_a_contrast_is_the_exact_test_of_mann_and_whitney():
    apart = contrast([1.0, 2, 3, 4, 5], [6.0, 7, 8, 9, 10])
    assert (apart.verdict, apart.reproduced) == ("reproduced", 1)
    assert f"exact p = {2 / math.comb(10, 5):.2g}" in apart.decided_by
    opposite = contrast([6.0, 7, 8, 9, 10], [1.0, 2, 3, 4, 5])
    assert (opposite.verdict, opposite.reproduced) == ("not reproduced", 0)
    more = contrast([6.0, 7, 8, 9, 10], [1.0, 2, 3, 4, 5], "more")
    assert (more.verdict, more.reproduced) == ("reproduced", 1)
    mixed = contrast([1.0, 3, 5, 7, 9], [2.0, 4, 6, 8, 10])
    assert (mixed.verdict, mixed.reproduced) == ("undecided", 15 / 25)
    assert contrast([1.0, 2, 3, 4], [6.0, 7, 8, 9, 10]).verdict == "undecided"


def test_a_property_may_be_asked_of_fewer_models():
    few = pd.Series([1.0] * 5)
    assert judge(check("property", at_least=1, share=1), few).verdict == "undecided"
    asked = check("property", at_least=1, share=1, enough=5)
    assert judge(asked, few).verdict == "reproduced"
    assert judge(asked, pd.Series([1.0] * 4)).verdict == "undecided"
    assert judge(asked, pd.Series([1.0] * 4 + [0.5])).verdict == "not reproduced"
    assert judge(asked, pd.Series([1.0] * 19 + [0.5])).verdict == "partly"
    assert judge(asked, pd.Series([1.0] + [0.5] * 4)).verdict == "not reproduced"
