"""All stages in a row: what any of them sets aside can be replayed later, and the sums are exact again."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from catenae import Message
from catenae.testing import message

Posts = Sequence[dict[str, Any]]


def last_user(messages: Iterable[Message]) -> dict[str, Any]:
    users: list[dict[str, Any]] = [each.value for each in messages if each.port == "users"]
    return users[-1]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_post_set_aside_at_any_stage_and_replayed_last_makes_the_same_picture(
    stages: Any, others: Any, posts: Posts, place: int
) -> None:
    expected = last_user(others.probabilities(*posts))
    batch, aside = [message(post) for post in posts], []
    for number, stage in enumerate(stages.chain):
        if number == place:
            aside = [batch.pop(0)]
        batch = list(stage.transform_many(batch))
    for stage in stages.chain[place:]:
        aside = list(stage.transform_many(aside))

    found = last_user(aside)

    assert found["probability"] == pytest.approx(expected["probability"], abs=1e-12)
    assert (found["posts"], found["first_utc"], found["last_utc"]) == (3, 60, 180)


def test_a_batch_makes_the_same_picture_as_one_post_after_the_other(
    stages: Any, others: Any, posts: Posts
) -> None:
    one_by_one = [each.value for post in posts for each in others.probabilities(post)]

    assert [each.value for each in stages.probabilities(*posts)] == one_by_one
