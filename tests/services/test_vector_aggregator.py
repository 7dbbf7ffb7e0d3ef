"""The counts of all a user wrote."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from catenae import Message
from catenae.testing import MemoryState, message
from services.depression.model.counts import pack
from services.depression.vector_aggregator import VectorAggregator

BATCHES = ([0, 12], [0, 1, 12], [0, 5, 6, 12], list(range(13)))


def counted(user: str, ids: Sequence[int], counts: Sequence[int], model: str = "m") -> Message:
    terms = pack(dict(zip(ids, counts, strict=True)))
    return message({"user": user, "model": model, "terms": terms}, key=user)


def befores(aggregator: VectorAggregator, *messages: Message) -> list[list[int]]:
    return [
        np.frombuffer(changed.value["before"], "<i4").tolist()
        for changed in aggregator.transform_many(messages)
    ]


def test_a_post_finds_what_its_user_wrote_before_it() -> None:
    aggregator = VectorAggregator(MemoryState())

    assert befores(aggregator, counted("ann", [1, 700], [2, 1]), counted("ann", [1, 2], [1, 1])) == [
        [0, 0],
        [2, 0],
    ]
    assert befores(aggregator, counted("ann", [1, 2, 700], [1, 1, 1])) == [[3, 1, 1]]


def test_users_and_models_do_not_mix() -> None:
    aggregator = VectorAggregator(MemoryState())
    befores(aggregator, counted("ann", [1], [2]))

    assert befores(aggregator, counted("bob", [1], [1]), counted("ann", [1], [1], model="n")) == [[0], [0]]


def test_the_value_goes_on_with_the_counts_before() -> None:
    (changed,) = VectorAggregator(MemoryState()).transform_many([counted("ann", [1], [1])])

    assert (changed.key, set(changed.value)) == ("ann", {"user", "model", "terms", "before"})


def test_a_post_touches_only_the_segments_of_its_terms() -> None:
    state: MemoryState[bytes] = MemoryState()
    befores(VectorAggregator(state), counted("ann", [1, 2, 700], [1, 1, 1]))

    assert set(state.values) == {"0:m:ann", "2:m:ann"}


def test_what_is_taken_away_leaves_nothing() -> None:
    state: MemoryState[bytes] = MemoryState()
    befores(VectorAggregator(state), counted("ann", [1], [300]), counted("ann", [1], [-300]))

    assert state.values == {"0:m:ann": b""}


@pytest.mark.parametrize("cuts", BATCHES)
def test_batches_may_be_cut_anywhere(cuts: Sequence[int]) -> None:
    posts = [counted(f"user {n % 3}", [n % 4, 300 + n % 2], [1, n + 1]) for n in range(12)]
    one_by_one, in_batches = VectorAggregator(MemoryState()), VectorAggregator(MemoryState())

    expected = [before for post in posts for before in befores(one_by_one, post)]

    assert [
        before for start, end in pairwise(cuts) for before in befores(in_batches, *posts[start:end])
    ] == expected
