"""A user's strongest posts: those of what is there, in whatever order it comes and goes."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.depression.model.evidence import STRONGEST
from services.depression.model.strongest import KEPT, Strongest, strongest_of

POSTS = {f"t1_{number}": number / 10 for number in range(-20, 60)}
Changes = list[tuple[str, int]]


def after(changes: Changes) -> Strongest:
    found = Strongest()
    for post_id, more in changes:
        found = strongest_of(found.changed(post_id, POSTS[post_id], more).packed())
    return found


def reference(posts: Mapping[str, float]) -> list[str]:
    return sorted((each for each in posts if posts[each] > 0), key=lambda each: -posts[each])[:STRONGEST]


@st.composite
def comings_and_goings(draw: st.DrawFn, most_gone: int) -> tuple[Changes, set[str]]:
    """Draw posts that come and some of them that are taken away, in any order, before they come too."""
    gone = draw(st.sets(st.sampled_from(sorted(POSTS)), max_size=most_gone))
    changes = [(each, 1) for each in POSTS] + [(each, -1) for each in gone]
    return draw(st.permutations(changes)), gone


@given(comings_and_goings(KEPT - STRONGEST))
def test_they_are_those_of_what_is_there_in_any_order(drawn: tuple[Changes, set[str]]) -> None:
    changes, gone = drawn
    left = {each: height for each, height in POSTS.items() if each not in gone}

    found = after(changes)

    assert [post_id for post_id, _ in found.first()] == reference(left)
    assert len(found.posts) <= KEPT


@given(comings_and_goings(len(POSTS)))
def test_they_are_never_stronger_than_what_is_there(drawn: tuple[Changes, set[str]]) -> None:
    changes, gone = drawn
    left = {each: height for each, height in POSTS.items() if each not in gone}

    assert after(changes).mean <= sum(left[each] for each in reference(left)) / STRONGEST + 1e-12


def test_after_too_many_are_taken_away_the_others_say_nothing_until_stronger_ones_come() -> None:
    strongest_first = sorted(POSTS, key=lambda each: -POSTS[each])
    emptied = after([*((each, 1) for each in POSTS), *((each, -1) for each in strongest_first[:KEPT])])

    assert emptied.first() == []
    assert emptied.changed("t1_new", 9.0).first() == [("t1_new", 9.0)]


def test_fewer_than_five_count_as_if_the_others_said_nothing() -> None:
    assert after([("t1_30", 1), ("t1_20", 1), ("t1_-5", 1)]).mean == pytest.approx(1.0)


def test_what_was_taken_away_before_it_came_never_counts_however_long_ago() -> None:
    strong = sorted(POSTS, key=lambda each: -POSTS[each])[:KEPT]
    gone = after([("t1_1", -1), *((each, 1) for each in strong), *((each, -1) for each in strong)])

    assert after([("t1_1", -1)]).first() == []
    assert gone.changed("t1_1", POSTS["t1_1"]).first() == []
