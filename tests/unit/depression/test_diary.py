"""Evidence added up by days: by hand, in any order, with posts taken away, of however many days."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.depression.model.diary import (
    DAY_S,
    HALF_LIFE_DAYS,
    MOST_DAYS,
    Diary,
    decayed_sums,
    stretches,
    unpacked,
)

Posts = Sequence[tuple[int, float]]
POSTS = st.lists(st.tuples(st.integers(0, 9 * DAY_S), st.floats(-3, 3)), max_size=20)


def written(posts: Posts) -> Diary:
    diary = Diary({})
    for at_utc, evidence in posts:
        diary = diary.changed(at_utc, evidence)
    return diary


def test_the_best_stretch_ends_with_the_latest_day_and_says_where_it_begins() -> None:
    diary = written([(0, 1.0), (1 * DAY_S, -3.0), (2 * DAY_S, 2.0), (2 * DAY_S + 9, -0.5), (4 * DAY_S, 1.0)])

    assert diary.stretch(middle=0.0) == (2.5, 2)
    assert diary.stretch(middle=0.5).total == pytest.approx((1.5 - 1.0) + (1.0 - 0.5))
    assert diary.stretch(middle=9.0).total == 0.0


def test_what_is_a_half_life_old_counts_half() -> None:
    diary = written([(0, 2.0), (HALF_LIFE_DAYS * DAY_S, 1.0)])

    assert diary.decayed(middle=0.0) == pytest.approx(2.0)
    assert diary.decayed(middle=1.0) == pytest.approx(0.5)


@pytest.mark.lengthy
@given(POSTS, st.randoms(use_true_random=False))
def test_neither_order_nor_what_was_taken_away_again_leaves_a_trace(
    posts: Posts, chance: random.Random
) -> None:
    kept = [post for post in posts if chance.random() < 0.6]
    diary = written(chance.sample(posts, len(posts)))
    gone = list(posts)
    for post in kept:
        gone.remove(post)
    for at_utc, evidence in gone:
        diary = diary.changed(at_utc, -evidence, -1)

    assert diary == written(kept)
    assert diary.posts == len(kept)
    assert unpacked(diary.packed()) == diary


@given(POSTS, st.floats(-1, 1))
def test_an_evaluation_adds_up_what_a_diary_does(posts: Posts, middle: float) -> None:
    in_order = sorted(posts, key=lambda post: post[0])
    evidence = np.array([each for _, each in in_order]) - middle
    days = np.array([at_utc // DAY_S for at_utc, _ in in_order], np.intp)

    by_post = [written(in_order[: number + 1]) for number in range(len(in_order))]

    totals, sums = stretches(evidence, days), decayed_sums(evidence, days)
    assert totals == pytest.approx([each.stretch(middle).total for each in by_post], abs=1e-9)
    assert sums == pytest.approx([each.decayed(middle) for each in by_post], abs=1e-9)


def test_of_a_user_of_many_years_so_many_days_are_kept_and_every_post_counts() -> None:
    diary = written([(number * DAY_S, 1.0) for number in range(2 * MOST_DAYS)])
    without_the_oldest = diary.changed(0, -1.0, -1)

    assert (len(diary.days), diary.posts) == (MOST_DAYS, 2 * MOST_DAYS)
    assert diary.stretch(0.0).total == 2 * MOST_DAYS
    assert (without_the_oldest.stretch(0.0).total, len(without_the_oldest.days)) == (
        2 * MOST_DAYS - 1,
        MOST_DAYS,
    )
