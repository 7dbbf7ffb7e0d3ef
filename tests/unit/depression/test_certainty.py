"""How sure a probability is, by hand and against scikit-learn."""

from dataclasses import replace
from math import exp, sqrt

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from services.depression.evaluate import probabilities
from services.depression.model.artefact import Model
from services.depression.model.certainty import Calibration, Certainty, Line
from services.depression.model.text import tokenise

CALIBRATION = Calibration(few=Line(0.0, -2.0), many=Line(1.5, 0.5), half=3.0)
MODEL = Model(
    vocabulary=("i", "tea", "sad"),
    idf=np.array([1.0, 1.5, 2.0]),
    weights=np.array([0.3, -1.0, 4.0]),
    bias=-1.0,
    threshold=0.5,
    certainty=Certainty(prior=5.0, calibration=CALIBRATION, min_posts=2),
)
TEXTS = ("so sad", "tea, tea", "", "I am sad, I have tea")


def test_a_prior_makes_less_of_little_text_by_hand() -> None:
    model = replace(MODEL, certainty=Certainty(prior=5.0))

    assert probabilities(model, ["so sad"]) == pytest.approx(
        1 / (1 + exp(1 - 4.0 * 2 / sqrt(4 + 5))), abs=1e-12
    )


def test_every_post_is_what_a_recount_of_the_whole_text_gives() -> None:
    counter = CountVectorizer(
        tokenizer=tokenise, token_pattern=None, lowercase=False, vocabulary=list(MODEL.vocabulary)
    )
    whole = ["\n".join(TEXTS[: number + 1]) for number in range(len(TEXTS))]
    weighed = counter.transform(whole).toarray() * MODEL.idf
    score = weighed @ MODEL.weights / np.sqrt((weighed**2).sum(1) + 5.0) + MODEL.bias
    way = np.array([1, 2, 3, 4]) / (np.array([1, 2, 3, 4]) + 3.0)
    expected = 1 / (1 + np.exp(-((1 - way) * -2.0 + way * (1.5 * score + 0.5))))

    assert probabilities(MODEL, TEXTS) == pytest.approx(expected, abs=1e-9)


def test_nothing_behind_it_says_what_holds_of_no_post() -> None:
    nobody = MODEL.probability(np.zeros(3), np.zeros(3), np.array([0.0, -1.0, 0.0]))

    assert nobody == pytest.approx([1 / (1 + exp(2.0))] * 3, abs=1e-12)


def test_more_posts_than_it_was_fitted_to_count_as_so_many() -> None:
    fitted = replace(CALIBRATION, most=9)

    found = fitted.log_odds(np.array([1.0, 1.0, 1.0]), np.array([8.0, 9.0, 5000.0]))

    assert found == pytest.approx([-2 + 8 / 11 * 4, -2 + 9 / 12 * 4, -2 + 9 / 12 * 4], abs=1e-12)


def test_with_fewer_posts_than_an_alert_needs_nobody_reaches_the_threshold() -> None:
    sure = replace(MODEL, certainty=Certainty(min_posts=3, holds_few=True), weights=MODEL.weights * 100)

    found = probabilities(sure, ["so sad"] * 3)

    assert found[:2] == pytest.approx([0.5, 0.5], abs=1e-9)
    assert (found >= sure.threshold).tolist() == [False, False, True]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Line(-0.1, 0.0),
        lambda: Line(0.1, float("nan")),
        lambda: replace(CALIBRATION, half=0.0),
        lambda: replace(CALIBRATION, most=0),
        lambda: Certainty(prior=float("inf")),
        lambda: Certainty(min_posts=0),
    ],
)
def test_a_certainty_that_makes_no_sense_cannot_be_made(make: object) -> None:
    with pytest.raises(ValueError, match=r"falls|half way|histories|prior|alerts from"):
        make()  # type: ignore[operator]  # each is a function without parameters
