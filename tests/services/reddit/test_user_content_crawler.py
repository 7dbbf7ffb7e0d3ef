"""Visits: all that a user wrote, then what is new, and what is gone."""

from catenae.testing import FakeClock, message
from services.reddit.errors import RedditUnavailable
from services.reddit.queue_rule import DELAYS_S
from services.reddit.rate_budget import OutOfBudget
from services.reddit.records import GROUP
from services.reddit.user_content_crawler import MOST_FAILURES
from tests.services.reddit.fake_reddit import DAY_S, FakeReddit, Visits, ids, texts


def test_a_first_visit_passes_on_everything(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 8))
    reddit.write("ann", 1, 2, kind="submission")
    reddit.write("bob", 100)

    out = visits.visit()

    assert sorted(ids(out)) == [*(f"t1_{number}" for number in range(1, 8)), "t3_1", "t3_2"]
    assert texts(out)[0] == {
        "id": "t3_1",
        "author": "ann",
        "kind": "submission",
        "subreddit": "",
        "created_utc": 1_700_000_000,
        "title": "tea",
        "body": "so sad",
        "link_id": "",
        "parent_id": "",
        "permalink": "",
    }


def test_a_visit_says_what_it_came_to(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2)

    (visit,) = [each.value for each in visits.visit() if each.port == "visits"]

    assert visit == {
        "user": "ann",
        "visits": 1,
        "visited_utc": 1_700_000_000,
        "status": "active",
        "queue": 6,
        "new": 2,
        "gone": 0,
        "items": 2,
    }


def test_what_one_visit_brought_is_known_to_have_come_together(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2)
    reddit.write("ann", 1, kind="submission")
    first = visits.visit()
    reddit.write("ann", 8)
    second = visits.visit(ticket=1)

    groups = [[each.headers.get(GROUP) for each in out if each.port == "texts"] for out in (first, second)]
    assert groups == [[b"visit 0"] * 3, [b"visit 1"]]


def test_a_second_visit_passes_on_only_what_is_new(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 8))
    visits.visit()
    reddit.write("ann", 8, 35, 36)

    assert ids(visits.visit(ticket=1)) == ["t1_8", "t1_z", "t1_10"]


def test_a_second_visit_stops_at_what_is_known(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2, 3)
    visits.visit()
    reddit.requests = []

    visits.visit(ticket=1)

    assert reddit.requests == ["ann submission", "ann comment"]


def test_what_was_newest_may_be_deleted_between_visits(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 11))
    visits.visit()
    reddit.delete(8, 9, 10)
    reddit.write("ann", 11, 12)

    assert [each["id"] for each in texts(visits.visit(ticket=1)) if not each.get("removed")] == [
        "t1_b",
        "t1_c",
    ]


def test_a_page_whose_last_item_is_deleted_before_the_next_is_asked_for(
    reddit: FakeReddit, visits: Visits, clock: FakeClock
) -> None:
    reddit.write("ann", *range(1, 8))
    reddit.request_s = 2.0
    out = visits.handle({"user": "ann", "ticket": 0}) + visits.handle({"user": "ann", "ticket": 0})
    reddit.delete(5)

    out += visits.visit()

    assert sorted(ids(out)) == [f"t1_{number}" for number in range(1, 8)]


def test_what_is_gone_is_removed_with_its_former_text(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 8))
    stored = {each["id"]: each for each in texts(visits.visit())}
    reddit.delete(2, 7)

    out = texts(visits.visit(ticket=1))

    assert sorted(out, key=lambda each: each["id"]) == [
        {**stored["t1_2"], "removed": True},
        {**stored["t1_7"], "removed": True},
    ]
    assert texts(visits.visit(ticket=2)) == []


def test_what_moves_into_reach_when_something_is_gone_is_passed_on(
    reddit: FakeReddit, visits: Visits
) -> None:
    reddit.reach_items = 6
    reddit.write("ann", *range(1, 9))
    assert len(ids(visits.visit())) == 6
    reddit.delete(8)
    visits.visit(ticket=1)

    assert ids(visits.visit(ticket=2)) == ["t1_2"]
    assert ids(visits.visit(ticket=3)) == []


def test_a_listing_is_gone_through_again_only_once(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 9))
    visits.visit()
    reddit.delete(8)
    visits.visit(ticket=1)
    visits.visit(ticket=2)
    reddit.requests = []

    visits.visit(ticket=3)

    assert [each.split()[:2] for each in reddit.requests] == [
        ["ann", "submission"],
        ["ann", "comment"],
        ["look", "up"],
    ]


def test_what_a_moderator_removed_is_gone(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2)
    visits.visit()
    reddit.rows["t1_1"]["body"] = "[removed]"

    assert [(each["id"], each["removed"]) for each in texts(visits.visit(ticket=1))] == [("t1_1", True)]


def test_what_is_back_is_passed_on_again(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2)
    visits.visit()
    removed = reddit.rows.pop("t1_2")
    visits.visit(ticket=1)
    reddit.rows["t1_2"] = removed

    assert ids(visits.visit(ticket=2)) == ["t1_2"]


def test_a_hidden_profile_is_no_deletion(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2)
    visits.visit()
    reddit.statuses["ann"] = "suspended"

    out = visits.visit(ticket=1)

    assert texts(out) == []
    assert [(each.value["status"], each.value["queue"]) for each in out if each.port == "visits"] == [
        ("suspended", 6)
    ]


def test_of_a_deleted_account_everything_is_removed(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2)
    visits.visit()
    reddit.statuses["ann"] = "gone"
    for row in reddit.rows.values():
        row["author"] = "[deleted]"

    assert sorted(ids(visits.visit(ticket=1))) == ["t1_1", "t1_2"]


def test_what_is_not_stored_yet_is_looked_at_again(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1, 2)
    stored = texts(visits.visit())
    visits.documents.delete("posts", ["t1_1"])
    reddit.delete(1)
    assert texts(visits.visit(ticket=1)) == []
    visits.documents.upsert("posts", stored)

    assert ids(visits.visit(ticket=2)) == ["t1_1"]


def test_a_long_visit_goes_on_in_another_message(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 8))
    reddit.request_s = 0.6

    out = visits.handle({"user": "ann", "ticket": 0})

    assert [each.port for each in out] == ["texts", "texts", "texts", "continued"]
    assert out[-1].value == {"user": "ann", "ticket": 0}
    assert len(ids(out + visits.visit())) == 7


def test_without_a_turn_the_visit_waits(reddit: FakeReddit, visits: Visits) -> None:
    reddit.errors = [OutOfBudget("no turn")] * 2 * MOST_FAILURES

    assert [each.port for each in visits.handle({"user": "ann", "ticket": 0})] == ["continued"]


def test_a_failure_loses_nothing_that_came_before_it(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 8))
    reddit.write("ann", 1, kind="submission")
    out = visits.handle({"user": "ann", "ticket": 0})
    assert visits.waits_s() == DELAYS_S[5]
    reddit.write("ann", *range(8, 12))
    reddit.errors = [RedditUnavailable("status 500")]

    out = visits.visit(ticket=1)

    assert ids(out) == ["t1_9", "t1_a", "t1_b", "t1_8"]


def test_who_cannot_be_reached_is_visited_again_soon_and_then_later(
    reddit: FakeReddit, visits: Visits
) -> None:
    reddit.errors = [RedditUnavailable("status 500")] * 2 * MOST_FAILURES

    waits_s = []
    for ticket in (0, 1):
        visits.visit(ticket=ticket)
        waits_s.append(visits.waits_s())

    assert waits_s == [DELAYS_S[0], DELAYS_S[1]]


def test_the_queue_goes_by_recency_and_risk(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 11), age_s=10 * DAY_S)
    visits.visit()
    assert visits.waits_s() == DELAYS_S[3]

    visits.handle({"user": "ann", "probability": 0.3})

    assert visits.waits_s() == DELAYS_S[2]


def test_who_is_found_to_be_at_risk_while_waiting_is_visited_sooner(
    reddit: FakeReddit, visits: Visits
) -> None:
    reddit.write("ann", *range(1, 11), age_s=10 * DAY_S)
    visits.visit()
    assert visits.waits_s() == DELAYS_S[3]

    visits.handle({"user": "ann", "probability": 0.9})

    assert visits.waits_s() == DELAYS_S[0]
    assert [each.port for each in visits.wake()] == ["visits"]


def test_who_would_come_sooner_anyway_is_not_put_off_by_a_risk(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", *range(1, 11), age_s=10 * DAY_S)
    visits.visit()
    visits.timers.clock.advance(DELAYS_S[3] - 60)

    visits.handle({"user": "ann", "probability": 0.9})

    assert visits.waits_s() == 60


def test_who_waited_as_a_message_of_the_release_before_waits_on_from_then(
    reddit: FakeReddit, visits: Visits
) -> None:
    reddit.write("ann", *range(1, 11), age_s=10 * DAY_S)
    visits.visit()
    visits.timers.cancel("ann")
    since_ms = int((visits.timers.clock.now_s() - DAY_S) * 1000)

    carried = message({"user": "ann", "ticket": 1}, "ann").at(since_ms)

    assert list(visits.crawler.transform(carried)) == []
    assert visits.waits_s() == DELAYS_S[3] - DAY_S


def test_a_message_that_comes_again_after_its_visit_does_nothing(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1)
    visits.visit()

    assert visits.handle({"user": "ann", "ticket": 0}) == []


def test_who_was_forgotten_is_not_visited_again(reddit: FakeReddit, visits: Visits) -> None:
    reddit.write("ann", 1)
    visits.visit()
    visits.users.forget("ann")

    assert visits.handle({"user": "ann", "ticket": 2}) == []
    assert visits.handle({"user": "ann", "probability": 0.9}) == []
    assert visits.risks.values == {}


def test_an_empty_profile_costs_two_requests(reddit: FakeReddit, visits: Visits) -> None:
    visits.visit()

    assert reddit.requests == ["ann submission", "ann comment"]
