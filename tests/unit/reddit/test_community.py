"""The generated community."""

from collections import Counter
from itertools import pairwise

import pytest

from services.reddit.demo.community import BOTS, Community, Plan, generate


def test_the_same_plan_makes_the_same_community(small: Community) -> None:
    again = generate(small.plan)

    assert [(item.name, item.text) for item in again.items] == [
        (item.name, item.text) for item in small.items
    ]


def test_ids_grow_with_time_as_numbers_and_not_as_texts(small: Community) -> None:
    ids = [item.id for item in small.items if item.kind == "comment"]

    assert all(int(before, 36) + 1 == int(after, 36) for before, after in pairwise(ids))
    assert ids != sorted(ids)


def test_time_passes_evenly_behind_the_opening_and_never_back(small: Community) -> None:
    times = [item.created_utc for item in small.items]
    live = [at_utc - small.plan.opens_utc for at_utc in times if at_utc > small.plan.opens_utc]

    assert live == list(range(1, 101))
    assert times == sorted(times)
    assert small.plan.opens_utc - times[-101] < 86_400


def test_all_that_is_live_is_written_after_the_opening_however_fast() -> None:
    plan = Plan(users=10, items=300, prolific=0, live=200, live_per_s=100)
    times = [item.created_utc - plan.opens_utc for item in generate(plan).items]

    assert sum(at_s > 0 for at_s in times) == 200
    assert max(times) == 2


def test_a_comment_is_in_a_thread_of_its_subreddit_and_answers_something_there(small: Community) -> None:
    for item in small.items:
        assert item.thread is not None
        assert item.thread.subreddit == item.subreddit
        assert item.parent in ("", item.thread.name) or small.by_name[item.parent].thread is item.thread


def test_the_truth_is_known_of_people_and_bots_are_none(small: Community) -> None:
    truth = small.truth()

    assert (len(truth), sum(truth.values())) == (20, 2)
    assert not truth.keys() & set(BOTS)


@pytest.mark.lengthy
def test_prolific_people_write_more_than_a_listing_reaches() -> None:
    community = generate(Plan(users=10, items=3200, prolific=2, live=0))
    comments = Counter(item.author.name for item in community.items if item.kind == "comment")

    assert [count > 1200 for _, count in comments.most_common(3)] == [True, True, False]
