"""A user's picture is that of the posts that are there, whatever came, went, or came twice on the way."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae import ConfigError, Message
from catenae.testing import MemoryState, message
from services.classifiers.evidence_aggregator import EvidenceAggregator
from services.classifiers.values import PostEvidence

FIRST, SECOND = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


def evidence(
    post: int, probability: float = 0.0, *, removed: bool = False, model: str = FIRST
) -> PostEvidence:
    return PostEvidence(
        user="ann",
        post_id=f"t1_{post}",
        kind="comment",
        created_utc=60 * post,
        removed=removed,
        model=model,
        probability=probability,
        threshold=0.5,
        min_posts=3,
        words=[],
        modality="text",
    )


def aggregator(**options: Any) -> EvidenceAggregator:
    return EvidenceAggregator(MemoryState(), MemoryState(), **options)


def aggregate(node: EvidenceAggregator, *values: PostEvidence) -> list[Message]:
    return list(node.transform_many([message(value, key=value["user"]) for value in values]))


def port(messages: Sequence[Message], name: str) -> list[dict[str, Any]]:
    return [each.value for each in messages if each.port == name]


def last_of(node: EvidenceAggregator, *values: PostEvidence) -> dict[str, Any]:
    return port(aggregate(node, *values), "users")[-1]


def test_a_user_is_the_mean_of_the_five_likeliest_posts() -> None:
    user = last_of(aggregator(), *(evidence(post, post / 10) for post in range(1, 8)))

    assert user["probability"] == pytest.approx((0.7 + 0.6 + 0.5 + 0.4 + 0.3) / 5)
    assert (user["posts"], user["first_utc"], user["last_utc"], user["last_id"]) == (7, 60, 420, "t1_7")
    assert (user["threshold"], user["min_posts"], user["model"]) == (0.5, 3, FIRST)


def test_few_posts_count_as_if_others_said_nothing() -> None:
    assert last_of(aggregator(), evidence(1, 0.9))["probability"] == pytest.approx(0.18)


def test_by_the_mean_every_post_counts() -> None:
    user = last_of(aggregator(rule="mean"), evidence(1, 0.9), evidence(2, 0.3))

    assert user["probability"] == pytest.approx(0.6)


def test_a_post_is_told_with_what_its_user_is_after_it() -> None:
    first, second = port(aggregate(aggregator(), evidence(1, 0.5), evidence(2, 1.0)), "texts")

    assert (first["user_probability"], first["post_probability"]) == (pytest.approx(0.1), 0.5)
    assert (second["user_probability"], second["post_probability"]) == (pytest.approx(0.3), 1.0)


def test_a_post_that_is_taken_away_makes_room_for_the_next_strongest() -> None:
    node = aggregator()
    aggregate(node, *(evidence(post, post / 10) for post in range(1, 8)))

    user = last_of(node, evidence(7, removed=True))

    assert user["probability"] == pytest.approx((0.6 + 0.5 + 0.4 + 0.3 + 0.2) / 5)
    assert (user["posts"], user["last_id"]) == (6, "t1_6")


def test_a_post_that_comes_twice_counts_once() -> None:
    assert last_of(aggregator(), evidence(1, 0.9), evidence(1, 0.9))["posts"] == 1


def test_a_post_that_is_taken_away_before_it_comes_is_never_counted() -> None:
    user = last_of(aggregator(), evidence(1, removed=True), evidence(2, 0.5), evidence(1, 0.9))

    assert (user["posts"], user["probability"]) == (1, pytest.approx(0.1))


def test_a_post_that_was_not_counted_is_not_counted_when_others_are_counted_again() -> None:
    node = aggregator()
    aggregate(node, evidence(1, removed=True), evidence(1, 0.9), evidence(2, 0.5), evidence(3, 0.5))

    user = last_of(node, evidence(3, removed=True))

    assert (user["posts"], user["probability"]) == (1, pytest.approx(0.1))


def test_a_post_that_comes_back_is_counted_again() -> None:
    user = last_of(aggregator(), evidence(1, 0.9), evidence(1, removed=True), evidence(1, 0.9))

    assert (user["posts"], user["probability"]) == (1, pytest.approx(0.18))


def test_a_post_judged_by_another_version_moves_to_the_picture_of_that() -> None:
    node = aggregator()
    aggregate(node, evidence(1, 0.9), evidence(2, 0.5))

    user = last_of(node, evidence(1, 0.7, model=SECOND))
    found = aggregate(node, evidence(2, removed=True, model=SECOND))

    assert (user["posts"], user["probability"], user["model"]) == (1, pytest.approx(0.14), SECOND)
    assert [each["model"] for each in port(found, "texts")] == [FIRST]
    assert port(found, "users") == []


PROBABILITIES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9])
STEPS = st.lists(
    st.tuples(st.integers(1, 8), PROBABILITIES, st.sampled_from([FIRST, SECOND]), st.booleans()),
    min_size=1,
    max_size=25,
)


@given(steps=STEPS, cuts=st.lists(st.integers(1, 6), min_size=25, max_size=25))
def test_a_picture_is_that_of_the_posts_that_are_there(
    steps: list[tuple[int, float, str, bool]], cuts: list[int]
) -> None:
    node, users = aggregator(), list[dict[str, Any]]()
    values = [evidence(post, p, removed=removed, model=model) for post, p, model, removed in steps]
    for cut in cuts:
        users += port(aggregate(node, *values[:cut]), "users")
        values = values[cut:]

    last = users[-1]
    expected = [p for model, p in posts_there(steps).values() if model == last["model"]]
    assert last["posts"] == len(expected)
    assert last["probability"] == pytest.approx(sum(sorted(expected, reverse=True)[:5]) / 5)


def posts_there(steps: list[tuple[int, float, str, bool]]) -> dict[int, tuple[str, float]]:
    """Return which posts are there after all, by which version, and how likely."""
    there, taken_away_early = dict[int, tuple[str, float]](), set[int]()
    for post, probability, model, removed in steps:
        if removed and there.pop(post, None) is None:
            taken_away_early.add(post)
        elif not removed and post not in taken_away_early:
            there[post] = (model, probability)
        elif not removed:
            taken_away_early.remove(post)
    return there


@pytest.mark.parametrize(
    ("options", "found"), [({"rule": "loudest"}, "rule"), ({"threshold": 2.0}, "threshold")]
)
def test_an_option_that_says_nothing_is_refused(options: dict[str, Any], found: str) -> None:
    with pytest.raises(ConfigError, match=f"option '{found}' of EvidenceAggregator is"):
        aggregator(**options)
