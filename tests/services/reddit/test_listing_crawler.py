"""Who has just written something."""

from collections.abc import Iterator
from itertools import takewhile

from catenae import Message, Store
from catenae.testing import FakeClock
from services.reddit.comment_crawler import CommentCrawler
from services.reddit.errors import RedditUnavailable
from services.reddit.rate_budget import OutOfBudget
from services.reddit.submission_crawler import SubmissionCrawler
from tests.services.reddit.fake_reddit import FakeReddit


def next_look(generated: Iterator[Message | None]) -> list[Message]:
    """Return what comes until the source has nothing more."""
    return [each for each in takewhile(lambda each: each is not None, generated) if each is not None]


def authors(generated: Iterator[Message | None], clock: FakeClock) -> list[str]:
    clock.advance(10.0)
    return [each.value["user"] for each in next_look(generated)]


def crawler(reddit: FakeReddit, store: Store, clock: FakeClock) -> CommentCrawler:
    return CommentCrawler(store, client=reddit, clock=clock.now_s)


def test_authors_come_in_order_and_once(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.write("ann", 1, 3)
    reddit.write("bob", 2)
    generated = crawler(reddit, store, clock).generate(None)

    first = next_look(generated)
    reddit.write("cid", 4)
    reddit.write("ann", 5)

    assert [(each.key, each.value) for each in first] == [("ann", {"user": "ann"}), ("bob", {"user": "bob"})]
    assert authors(generated, clock) == ["cid"]


def test_bots_and_deleted_accounts_are_left_out(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.write("AutoModerator", 1)
    reddit.write("[deleted]", 2)
    reddit.write("ann", 3)

    assert authors(crawler(reddit, store, clock).generate(None), clock) == ["ann"]


def test_submissions_are_another_listing(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.write("ann", 1)
    reddit.write("bob", 1, kind="submission")

    generated = SubmissionCrawler(store, client=reddit, clock=clock.now_s).generate(None)

    assert authors(generated, clock) == ["bob"]


def test_it_goes_on_where_it_stopped(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.write("ann", 1)
    reddit.write("bob", 2)
    reddit.write("cid", 3)
    first, *_ = next_look(crawler(reddit, store, clock).generate(None))

    assert authors(crawler(reddit, store, clock).generate(first.position), clock) == ["bob", "cid"]


def test_it_goes_back_over_pages_to_where_it_stopped(
    reddit: FakeReddit, store: Store, clock: FakeClock
) -> None:
    reddit.write("ann", 1)
    generated = crawler(reddit, store, clock).generate(None)
    next_look(generated)
    for number in range(2, 12):
        reddit.write(f"user {number}", number)

    assert authors(generated, clock) == [f"user {number}" for number in range(2, 12)]


def test_where_it_stopped_may_be_deleted(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.write("ann", 1, 2, 3)
    (first,) = next_look(crawler(reddit, store, clock).generate(None))
    reddit.delete(1, 2, 3)
    reddit.write("bob", 4)

    assert authors(crawler(reddit, store, clock).generate(first.position), clock) == ["bob"]


def test_what_appears_late_is_not_missed(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.write("ann", 1)
    reddit.write("bob", 5)
    generated = crawler(reddit, store, clock).generate(None)
    next_look(generated)
    reddit.write("cid", 4)

    assert authors(generated, clock) == ["cid"]


def test_while_reddit_is_away_it_waits(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.write("ann", 1)
    reddit.errors = [RedditUnavailable("status 503")]
    generated = crawler(reddit, store, clock).generate(None)

    assert next_look(generated) == []
    assert authors(generated, clock) == ["ann"]


def test_what_reddit_does_not_answer_is_an_obstacle_until_it_does(
    reddit: FakeReddit, store: Store, clock: FakeClock
) -> None:
    reddit.errors = [RedditUnavailable("status 503"), OutOfBudget("no turn")]
    watching = crawler(reddit, store, clock)
    generated = watching.generate(None)

    found = [watching.obstacle()]
    found += [watching.obstacle() for _ in range(3) if next(generated) is None]
    assert found == ["", "status 503", "status 503", ""]


def test_to_wait_for_a_turn_is_no_obstacle(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit.errors = [OutOfBudget("no turn")]
    watching = crawler(reddit, store, clock)
    next(watching.generate(None))

    assert watching.obstacle() == ""


def test_between_two_looks_nothing_is_asked(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    generated = crawler(reddit, store, clock).generate(None)
    next_look(generated)
    next_look(generated)

    assert reddit.requests == ["new comment"]


def test_a_position_fits_into_what_a_broker_keeps(reddit: FakeReddit, store: Store, clock: FakeClock) -> None:
    reddit = FakeReddit(clock, page_items=100)
    generated = crawler(reddit, store, clock).generate(None)
    latest = []
    for turn in range(3):
        reddit.write(f"user {turn}", *range(2**45 + 100 * turn, 2**45 + 100 * turn + 100))
        clock.advance(10.0)
        latest += next_look(generated)

    assert len(latest[-1].position) == 200
    assert 9 * len(latest[-1].position) < 4096
