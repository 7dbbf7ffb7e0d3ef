"""The running picture against numbers worked by hand, and against scikit-learn."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from services.depression.model import picture
from services.depression.model.counts import Counts, Floats, count_terms, lay_out
from services.depression.model.segments import add, touched, unpack_segments
from services.depression.model.text import tokenise
from tests.examples import share

WORDS = ("i", "tea", "rain", "sleep", "alone", "garden", "unknown")
IDF = np.array([1.0, 2.0])
texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


class Reference(NamedTuple):
    """What scikit-learn fitted."""

    vectoriser: Any
    scale: Any
    regression: Any

    def probability(self, text: str) -> float:
        """Return scikit-learn's own answer for one text."""
        counts = self.vectoriser.transform([text])
        return float(self.regression.predict_proba(self.scale.transform(counts))[0, 1])


@cache
def reference() -> Reference:
    """Fit scikit-learn to six texts."""
    corpus = [
        "i alone alone",
        "i sleep alone rain",
        "tea garden",
        "rain tea tea i",
        "garden sleep",
        "alone i i",
    ]
    vectoriser = CountVectorizer(tokenizer=tokenise, token_pattern=None, lowercase=False)
    counts = vectoriser.fit_transform(corpus)
    scale = TfidfTransformer().fit(counts)
    regression = LogisticRegression(C=8).fit(scale.transform(counts), [1, 1, 0, 0, 0, 1])
    return Reference(vectoriser, scale, regression)


def running(posts: list[Counts], idf: Floats, weights: Floats, bias: float) -> Floats:
    """Return one user's probability after each post, as the chain of nodes computes it."""
    entries = lay_out([post.ids for post in posts])
    counts = np.concatenate([post.counts for post in posts])
    where = touched(entries, np.zeros(len(posts), np.intp))
    before = add(unpack_segments([b""] * len(where.users)), where, counts)
    dot = picture.dot_change(entries, picture.tfidf_change(entries, counts, idf), weights)
    squared_norm = picture.squared_norm_change(entries, counts, before, idf)
    return picture.sigmoid(picture.score(np.cumsum(dot), np.cumsum(squared_norm), bias))


@pytest.mark.lengthy
@settings(max_examples=share(60))
@given(st.lists(texts, min_size=1, max_size=8), st.randoms(use_true_random=False), st.data())
def test_the_picture_is_what_scikit_learn_makes_of_the_text_that_is_left(
    written: list[str], order: Any, data: st.DataObject
) -> None:
    deleted = data.draw(st.lists(st.sampled_from(range(len(written))), unique=True))
    fitted = reference()
    index = fitted.vectoriser.vocabulary_
    events = [count_terms(text, index) for text in written]
    events += [Counts(events[number].ids, -events[number].counts) for number in deleted]
    order.shuffle(events)

    after = running(events, fitted.scale.idf_, fitted.regression.coef_[0], fitted.regression.intercept_[0])

    left = "\n".join(text for number, text in enumerate(written) if number not in deleted)
    assert after[-1] == pytest.approx(fitted.probability(left), abs=1e-9)


def test_every_post_on_the_way_is_exact_too() -> None:
    fitted = reference()
    written = ["tea tea", "", "i alone", "alone unknown rain"]
    posts = [count_terms(text, fitted.vectoriser.vocabulary_) for text in written]

    after = running(posts, fitted.scale.idf_, fitted.regression.coef_[0], fitted.regression.intercept_[0])

    expected = [fitted.probability("\n".join(written[: read + 1])) for read in range(len(written))]
    assert after == pytest.approx(expected, abs=1e-9)


def test_a_picture_of_three_and_four_has_length_five() -> None:
    entries = lay_out([np.array([0, 1], np.int32)])
    counts, before = np.array([3, 2], np.int32), np.zeros(2, np.int32)
    change = picture.tfidf_change(entries, counts, IDF)

    assert change.tolist() == [3.0, 4.0]
    assert picture.squared_norm_change(entries, counts, before, IDF).tolist() == [25.0]
    assert picture.own_tfidf(entries, change).tolist() == [0.6, 0.8]


def test_a_change_of_the_squared_norm_counts_what_was_there() -> None:
    entries = lay_out([np.array([1], np.int32)])
    change = picture.squared_norm_change(entries, np.array([-2], np.int32), np.array([3], np.int32), IDF)

    assert change.tolist() == [4.0 * (1 - 9)]


@pytest.mark.parametrize("squared_norm", [0.0, -1e-12, 1e-13])
def test_without_words_the_bias_alone_decides(squared_norm: float) -> None:
    found = picture.sigmoid(picture.score(np.array([1e-12]), np.array([squared_norm]), float(np.log(3))))

    assert found == pytest.approx([0.75])


def test_a_far_score_neither_overflows_nor_warns() -> None:
    assert picture.sigmoid(np.array([-1e6, 1e6])).tolist() == [0.0, 1.0]


def test_a_post_has_a_probability_of_its_own() -> None:
    entries = lay_out([np.array([0, 1], np.int32), np.array([], np.int32)])
    own = picture.own_probability(entries, np.array([0.6, 0.8]), np.array([5.0, -5.0]), 1.0)

    assert own == pytest.approx([0.5, 1 / (1 + np.exp(-1.0))])


def test_the_strongest_words_of_each_post_come_first() -> None:
    entries = lay_out([np.array([0, 1, 2], np.int32), np.array([], np.int32), np.array([2], np.int32)])
    words = picture.top_words(entries, np.array([0.1, -0.5, 0.0, 0.2]), ("tea", "rain", "i"), most=1)

    assert words == [[("rain", -0.5)], [], [("i", 0.2)]]
