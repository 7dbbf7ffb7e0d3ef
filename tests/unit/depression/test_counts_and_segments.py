"""Term counts of posts, and the segments that hold a user's."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.depression.model.counts import Counts, count_terms, lay_out, pack, unpack
from services.depression.model.segments import (
    SEGMENT_TERMS,
    add,
    pack_segments,
    touched,
    unpack_segments,
)
from tests.examples import share

TERMS = 3 * SEGMENT_TERMS
post = st.dictionaries(st.integers(0, TERMS - 1), st.integers(-200, 40_000).filter(bool), max_size=5)


def counts_of(found: dict[int, int]) -> Counts:
    """Return counts by term id."""
    ids = sorted(found)
    return Counts(np.array(ids, np.int32), np.array([found[term] for term in ids], np.int32))


def test_known_words_are_counted_by_ascending_term_id() -> None:
    ids, counts = count_terms("tea and tea, i said; I did", {"i": 0, "coffee": 1, "tea": 2})

    assert (ids.tolist(), counts.tolist()) == ([0, 2], [2, 2])


def test_a_text_without_known_words_has_no_entries() -> None:
    assert [len(part) for part in count_terms("nothing known", {"tea": 0})] == [0, 0]


def test_packed_counts_are_little_endian_and_come_back() -> None:
    packed = pack({258: -1, 1: 2})

    assert packed.hex() == "010000000201000002000000ffffffff"
    assert [part.tolist() for part in unpack(packed)] == [[1, 258], [2, -1]]


def test_the_counts_of_a_text_and_of_its_removal_add_up_to_nothing() -> None:
    (ids, counts), (same, removed) = (unpack(pack({258: 3, 1: 2}, removed=each)) for each in (False, True))

    assert ids.tolist() == same.tolist()
    assert (counts + removed).tolist() == [0, 0]


def test_packed_counts_of_an_odd_length_are_refused() -> None:
    with pytest.raises(ValueError, match="reshape"):
        unpack(b"\0" * 12)


def test_entries_are_totalled_by_post_also_without_any() -> None:
    entries = lay_out([np.array([4, 7], np.int32), np.array([], np.int32), np.array([4], np.int32)])

    assert entries.total(np.array([1.0, 2.0, 4.0])).tolist() == [3.0, 0.0, 4.0]
    assert lay_out([]).total(np.array([])).tolist() == []


def test_two_posts_of_a_user_and_one_of_another_find_what_came_before() -> None:
    batch = [counts_of({1: 2, 300: 1}), counts_of({1: 5}), counts_of({1: -2})]
    where = touched(lay_out([post.ids for post in batch]), np.array([0, 1, 0]))
    segments = unpack_segments([b""] * len(where.users))

    before = add(segments, where, np.concatenate([post.counts for post in batch]))

    assert before.tolist() == [0, 0, 0, 2]
    assert list(zip(where.users.tolist(), where.numbers.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0)]
    assert [segments[0, 1], segments[1, 300 - SEGMENT_TERMS], segments[2, 1]] == [0, 1, 5]


@settings(max_examples=share(40))
@given(st.lists(st.tuples(st.integers(0, 2), post), min_size=1, max_size=6))
def test_segments_hold_what_a_counter_would(posts: list[tuple[int, dict[int, int]]]) -> None:
    batch = [counts_of(found) for _, found in posts]
    where = touched(lay_out([post.ids for post in batch]), np.array([user for user, _ in posts]))
    expected: Counter[tuple[int, int]] = Counter()
    found_before = []
    for user, found in posts:
        for term in sorted(found):
            found_before.append(expected[user, term])
            expected[user, term] += found[term]

    segments = unpack_segments([b""] * len(where.users))
    before = add(segments, where, np.concatenate([post.counts for post in batch]))

    owners = zip(where.users.tolist(), where.numbers.tolist(), segments, strict=True)
    kept = {
        (user, number * SEGMENT_TERMS + column): int(row[column])
        for user, number, row in owners
        for column in np.flatnonzero(row).tolist()
    }
    assert before.tolist() == found_before
    assert kept == {cell: count for cell, count in expected.items() if count}
    assert np.array_equal(unpack_segments(pack_segments(segments)), segments)


@pytest.mark.parametrize(("count", "size_bytes"), [(0, 0), (-127, 256), (128, 512), (40_000, 1024)])
def test_a_segment_takes_the_smallest_integers_that_hold_it(count: int, size_bytes: int) -> None:
    segments = np.zeros((1, SEGMENT_TERMS), np.int32)
    segments[0, 9] = count

    assert [len(packed) for packed in pack_segments(segments)] == [size_bytes]


def test_a_segment_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        unpack_segments([b"abc"])
