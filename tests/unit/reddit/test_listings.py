"""Which items a page shows."""

from collections.abc import Callable, Iterator
from functools import partial

from services.reddit.demo.community import Gone, Item, Plan, Standing, generate
from services.reddit.demo.listings import Listings, Page, Paging
from services.reddit.demo.reddit import LocalReddit

NEWEST = Paging(100)


def comments(reddit: LocalReddit, paging: Paging) -> Page:
    page = reddit.listings.of_subreddits(["all"], "comment", paging)
    assert page is not None
    return page


def older(page: Callable[[Paging], Page], limit: int) -> Iterator[Item]:
    """Yield the items of a page and all behind it."""
    found = page(Paging(limit))
    yield from found.items
    while found.after:
        found = page(Paging(limit, after=found.after))
        yield from found.items


def written(reddit: LocalReddit) -> list[Item]:
    """Return the comments that there are, newest first."""
    return [
        item
        for item in reversed(reddit.community.items)
        if item.kind == "comment" and reddit.listings.is_visible(item)
    ]


def test_pages_behind_one_another_show_everything_once_newest_first(reddit: LocalReddit) -> None:
    assert list(older(partial(comments, reddit), 37)) == written(reddit)


def test_before_an_item_are_those_next_to_it(reddit: LocalReddit) -> None:
    everything = written(reddit)

    page = comments(reddit, Paging(10, before=everything[50].name))

    assert page.items == everything[40:50]
    assert page.before == everything[40].name


def test_what_is_to_come_appears_when_it_is_written(reddit: LocalReddit) -> None:
    before = len(written(reddit))
    reddit.calendar.advance(50)

    new = comments(reddit, NEWEST).items[: len(written(reddit)) - before]

    assert 0 < len(new) <= 50
    assert all(item.created_utc > reddit.community.plan.opens_utc for item in new)


def test_a_listing_reaches_a_thousand_items() -> None:
    community = generate(Plan(users=2, items=1600, prolific=1, live=0))
    listings = Listings(community, lambda: community.plan.opens_utc + 1)
    busy = community.accounts["demo_user_0000"]

    reached = list(older(partial(listings.of_author, busy, "comment"), 100))

    everything = [item for item in community.items if item.author is busy and item.kind == "comment"]
    assert reached == everything[:-1001:-1]


def test_what_is_gone_vanishes_and_before_it_is_nothing(reddit: LocalReddit) -> None:
    gone, *_ = taken = written(reddit)[20:22]
    reddit.take_away([item.name for item in taken], Gone.BY_AUTHOR)

    assert not {item.name for item in older(partial(comments, reddit), 100)} & {item.name for item in taken}
    assert comments(reddit, Paging(10, before=gone.name)) == Page(())
    assert comments(reddit, Paging(10, after=gone.name)).items


def test_several_subreddits_are_one_listing(reddit: LocalReddit) -> None:
    page = reddit.listings.of_subreddits(["cooking", "films"], "comment", Paging(100))

    assert page is not None
    assert {item.subreddit for item in page.items} == {"cooking", "films"}
    assert [item.place for item in page.items] == sorted((item.place for item in page.items), reverse=True)


def test_reachable_is_what_active_accounts_show(reddit: LocalReddit) -> None:
    before = reddit.listings.reachable()
    suspended = before[0].author
    suspended.standing = Standing.SUSPENDED

    after = reddit.listings.reachable()

    assert {item.author.name for item in before} - {item.author.name for item in after} == {suspended.name}
    assert all(item.author is not suspended for item in after)
