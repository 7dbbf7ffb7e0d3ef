"""Scores worked by hand."""

import math
from dataclasses import astuple

import pytest

from services.depression.model.scores import Decision, erde, score, speed

YES_AT = {k: Decision(positive=True, posts=k) for k in (1, 5, 50, 142, 10**6)}
NO = Decision(positive=False, posts=9)


def test_precision_recall_and_f1_are_of_the_positive_class() -> None:
    truth = {"ann": True, "bob": True, "cem": False, "dan": False}
    found = score(truth, {"ann": YES_AT[1], "bob": NO, "cem": YES_AT[1], "dan": NO})

    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)


def test_a_method_that_never_alerts_scores_nothing_and_costs_the_positives() -> None:
    found = score({"ann": True, "bob": False}, {"ann": NO, "bob": NO})

    assert astuple(found) == (0.0, 0.0, 0.0, 0.5, 0.5, 0.0)


def test_erde_charges_each_kind_of_error_its_price() -> None:
    pairs = [(True, YES_AT[5]), (True, NO), (False, YES_AT[1]), (False, NO)]

    assert erde(pairs, 5) == pytest.approx((0.5 + 1 + 2 / 4 + 0) / 4)


def test_erde_of_an_alert_follows_its_formula() -> None:
    assert erde([(True, YES_AT[1])], 5) == pytest.approx(1 - 1 / (1 + math.exp(1 - 5)))
    assert erde([(True, YES_AT[50])], 5) == pytest.approx(1.0)
    assert erde([(True, YES_AT[10**6])], 50) == 1.0


def test_all_positive_on_the_test_users_of_2017_costs_what_the_paper_says() -> None:
    pairs = [(True, YES_AT[1])] * 52 + [(False, YES_AT[1])] * 349

    assert erde(pairs, 50) == pytest.approx(0.113, abs=0.0005)


def test_speed_is_one_at_the_first_post_and_a_half_near_the_142nd() -> None:
    assert speed([1]) == 1.0
    assert speed([142]) == pytest.approx(0.5, abs=0.001)
    assert speed([142]) == pytest.approx(1 - (-1 + 2 / (1 + math.exp(-0.0078 * 141))))


def test_speed_takes_the_median_of_the_penalties() -> None:
    assert speed([1, 142, 10**6]) == speed([142])
    assert speed([1, 142]) == pytest.approx((1 + speed([142])) / 2)
    assert speed([]) == 0.0


def test_the_latency_weighted_f1_is_f1_times_speed() -> None:
    found = score({"ann": True, "bob": False}, {"ann": YES_AT[142], "bob": NO})

    assert found.latency_f1 == speed([142])


def test_decisions_must_be_about_the_users_of_the_truth() -> None:
    with pytest.raises(ValueError, match="not the same"):
        score({"ann": True}, {"bob": NO})
