"""What posts come to, and which words tell one class from the other."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.topics.tally import (
    LABELS,
    PRIOR_WORDS,
    Facts,
    add,
    bucket,
    dimension_of,
    tally,
    telling,
)

POSTS = st.lists(
    st.builds(
        Facts,
        st.sampled_from(LABELS),
        st.integers(0, 200_000),
        st.sampled_from(["", "ES", "ES/Madrid"]),
        st.sampled_from(["", "en"]),
        st.sampled_from(["held", "reddit"]),
        st.lists(st.sampled_from(["sleep", "tea", "cup"]), unique=True),
        st.lists(st.sampled_from(["sleep", "tea"]), unique=True),
    ),
    max_size=20,
)


@pytest.mark.lengthy
@given(posts=POSTS)
def test_a_tally_counts_each_post_once_under_each_of_its_values(posts: list[Facts]) -> None:
    found = tally(posts)

    classes = Counter(each.label for each in posts)
    assert found["all"].get("", [0, 0, 0]) == [classes[label] for label in LABELS]
    words = Counter((word, each.label) for each in posts for word in each.words)
    assert {word: sum(counts) for word, counts in found["word"].items()} == Counter(
        word for word, _ in words.elements()
    )
    assert sum(sum(counts) for counts in found["hour"].values()) == len(posts)
    assert all(int(hour) % 3600 == 0 for hour in found["hour"])


@given(posts=POSTS, gone=st.data())
def test_what_is_taken_away_leaves_no_trace(posts: list[Facts], gone: st.DataObject) -> None:
    left = gone.draw(st.lists(st.sampled_from(posts), unique_by=id)) if posts else []
    found = tally(posts)
    for each in posts:
        if not any(each is other for other in left):
            for dimension, value in each.values():
                add(found[dimension], value, each.label, -1)

    assert found == tally(left)


def test_a_value_is_in_one_part_of_its_dimension() -> None:
    parts = {bucket("word", f"word{number}") for number in range(1000)}

    assert len(parts) == 64
    assert {dimension_of(part) for part in parts} == {"word"}
    assert bucket("place", "ES") == "place"


def test_telling_words_are_those_of_the_published_formula() -> None:
    words = {"sleep": [30, 10, 2], "the": [90, 100, 10], "tea": [2, 40, 1], "rare": [1, 0, 0]}

    signs, no_signs = telling(words, 10)

    y = np.array([counts[:2] for counts in words.values()], float)
    prior = PRIOR_WORDS * np.array([sum(counts) for counts in words.values()]) / 286
    n = y.sum(axis=0)
    odds = [(y[:, k] + prior) / (n[k] + PRIOR_WORDS - y[:, k] - prior) for k in (0, 1)]
    z = (np.log(odds[0]) - np.log(odds[1])) / np.sqrt(1 / (y[:, 0] + prior) + 1 / (y[:, 1] + prior))
    found = {each.word: each.z for each in (*signs, *no_signs)}
    assert found == pytest.approx(dict(zip(words, z, strict=True)))
    assert signs[0].word == "sleep"
    assert no_signs[0].word == "tea"


def test_neither_a_frequent_word_nor_a_rare_one_wins_by_being_that() -> None:
    words = {"the": [1000, 1000, 0], "sleep": [60, 10, 0], "once": [1, 0, 0]}

    signs, _ = telling(words, 10)

    assert signs[0].word == "sleep"


def test_of_no_word_nothing_is_told() -> None:
    assert telling({}, 5) == ([], [])
    assert telling({"only": [3, 0, 0]}, 5) == ([], [])


def test_a_word_of_neither_class_tells_nothing() -> None:
    words = {"sleep": [30, 10, 0], "tea": [2, 40, 0], "again": [0, 0, 20]}

    found = telling(words, 10)

    assert [[each.word for each in one] for one in found] == [["sleep"], ["tea"]]
