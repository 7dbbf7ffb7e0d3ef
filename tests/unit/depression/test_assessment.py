"""Measures, intervals and reliability: by hand, and against measures of another make."""

from dataclasses import asdict
from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from services.depression.calibrate import calibrate
from services.depression.model.assessment import assess, columns
from services.depression.model.evidence import (
    SERIES,
    SPRT,
    WORDS_AND_STRONGEST,
    Signs,
    cusum,
    decayed,
    last,
    reached,
    strongest,
)
from services.depression.model.intervals import Draws, area, measures
from services.depression.model.reliability import by_stratum, reliability, said
from services.depression.model.scores import Decision, score
from tests.examples import share

USERS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.integers(1, 300)), min_size=2, max_size=30
).filter(lambda users: any(positive for positive, *_ in users))


@pytest.mark.lengthy
@given(USERS)
@settings(max_examples=share(200), deadline=None)
def test_measures_of_many_draws_are_those_of_each(users: list[tuple[bool, bool, int]]) -> None:
    truth = {str(number): positive for number, (positive, *_) in enumerate(users)}
    decisions = {str(number): Decision(alerted, posts) for number, (_, alerted, posts) in enumerate(users)}

    positive, alerted, posts = columns(truth, decisions)
    found = measures(positive[None, :], alerted[None, :], posts[None, :])

    expected = asdict(score(truth, decisions))
    assert {measure: values[0] for measure, values in found.items()} == pytest.approx(expected, abs=1e-12)


def test_an_assessment_counts_users_and_early_false_alerts() -> None:
    truth = {"ann": True, "bob": True, "cem": False, "dan": False, "eve": False}
    decided = {"ann": Decision(True, 9), "bob": Decision(False, 9), "cem": Decision(True, 3)}
    decided |= {"dan": Decision(True, 10), "eve": Decision(False, 4)}

    found = assess(truth, decided, Draws.of(5, seed=0))

    assert (found.true_positives, found.false_negatives) == (1, 1)
    assert (found.false_positives, found.true_negatives) == (2, 1)
    assert found.false_alerts == {3: 1, 10: 2}
    assert found.to_json()["f1"] == found.scores.f1


@pytest.mark.lengthy
def test_an_interval_narrows_with_more_users() -> None:
    few, many = (
        assess(
            {str(user): user % 4 == 0 for user in range(users)},
            {str(user): Decision(user % 5 == 0, 1) for user in range(users)},
            Draws.of(users, seed=0),
        ).intervals["f1"]
        for users in (40, 4000)
    )

    assert few.low < many.low < many.high < few.high


def test_the_area_is_scikit_learns_ties_included() -> None:
    chance = np.random.default_rng(1)
    truth, values = chance.random(200) < 0.2, np.round(chance.random(200), 1)

    assert area(truth, values) == pytest.approx(roc_auc_score(truth, values), abs=1e-12)
    assert area(np.ones(3, np.bool_), np.ones(3)) == pytest.approx(nan, nan_ok=True)


def test_a_user_counts_once_in_a_stratum_however_many_posts_there_are() -> None:
    sayings = said([np.array([0.25]), np.full(3, 0.25)], [True, False])

    (few, *_) = by_stratum(sayings)

    assert (few.least, few.most, few.users) == (1, 3, 2)
    assert few.bins[0].users == pytest.approx(2)
    assert few.bins[0].true == pytest.approx(0.5)
    assert few.ece == pytest.approx(0.25)


def test_the_brier_score_is_scikit_learns() -> None:
    chance = np.random.default_rng(2)
    truth, values = chance.random(50) < 0.3, chance.random(50)

    found = reliability(said([np.array([value]) for value in values], truth.tolist()))

    assert found.brier == pytest.approx(brier_score_loss(truth, values), abs=1e-12)


@pytest.mark.lengthy
def test_a_calibration_finds_what_scores_are_worth_after_so_many_posts() -> None:
    chance = np.random.default_rng(3)
    truth = (chance.random(3000) < 0.3).tolist()
    scores = [np.cumsum(chance.normal(2.0 * each - 1.0, 2.0, 40)) / np.arange(1, 41) for each in truth]
    sayings = said(scores, truth)

    found = calibrate(sayings.thinned())

    calibrated = [1 / (1 + np.exp(-found.log_odds(each, np.arange(1.0, 41)))) for each in scores]
    assert all(each.ece < 0.03 for each in by_stratum(said(calibrated, truth)) if each.users)
    assert found.few.slope < found.many.slope


@pytest.mark.lengthy
def test_a_calibration_is_as_sure_after_hundreds_of_posts_as_it_is_right() -> None:
    chance = np.random.default_rng(4)
    truth = (chance.random(1000) < 0.2).tolist()
    posts = np.arange(1.0, 401)
    # A mean of what posts say, whose worth grows with their number: the right log-odds are so many times it.
    scores = [np.cumsum(chance.normal(0.0625 if each else -0.0625, 1.0, 400)) / posts for each in truth]

    found = calibrate(said(scores, truth).thinned())

    calibrated = [1 / (1 + np.exp(-found.log_odds(each, posts))) for each in scores]
    assert all(each.ece < 0.05 for each in by_stratum(said(calibrated, truth)))
    assert found.most == 400


def test_a_higher_score_is_never_less_of_a_sign() -> None:
    worse = said([np.array([-1.0, -1.0]), np.array([1.0, 1.0])] * 20, [True, False] * 20)

    found = calibrate(worse)

    assert min(found.few.slope, found.many.slope) >= 0


EVIDENCE = np.array([1.0, -2.0, 3.0, 1.0, -1.0])
DAYS = np.arange(len(EVIDENCE))
SIGNS = Signs(EVIDENCE, DAYS, np.array([-1.0, -2.0, 0.5, 0.5, 0.5]))


def test_rules_that_add_up_posts_by_hand() -> None:
    assert cusum(EVIDENCE).tolist() == [1.0, 0.0, 3.0, 4.0, 3.0]
    assert decayed(EVIDENCE)[:3] == pytest.approx([1.0, -1.1, 2.01])
    assert last(EVIDENCE)[[0, 4]] == pytest.approx([0.1, 0.2])
    assert last(np.ones(25))[-1] == pytest.approx(1.0)
    assert strongest(EVIDENCE)[[0, 3, 4]] == pytest.approx([0.2, 1.0, 1.0])


SUMS = SERIES[SPRT](SIGNS, 0.0)


def test_a_sequential_test_decides_once() -> None:
    assert reached(SPRT, SUMS, 2.0).tolist() == [False, False, True, True, True]
    assert reached(SPRT, SUMS, 1.0).tolist() == [True, False, False, False, False]
    assert not reached(SPRT, np.array([-2.0, 7.0]), 2.0).any()


def test_the_strongest_posts_count_beside_all_words() -> None:
    found = SERIES[WORDS_AND_STRONGEST](SIGNS, 2.0)

    # After the third post the strongest are 3 and 1, of five.
    assert found == pytest.approx([0.4 - 1.0, 0.4 - 2.0, 1.6 + 0.5, 2.0 + 0.5, 2.0 + 0.5])
    assert reached(WORDS_AND_STRONGEST, found, 2.2).tolist() == [False, False, False, True, True]
