"""Time, budget, faults and the ledger of the local Reddit."""

import pytest

from services.reddit.demo.budget import Budget
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Gone, Item, Standing
from services.reddit.demo.faults import Fault, Faults, Trouble
from services.reddit.demo.ledger import Ledger, Request
from services.reddit.demo.reddit import LocalReddit
from services.reddit.demo.things import thing
from services.reddit.records import OddRow, text_record


def test_the_community_has_its_own_time() -> None:
    here_s = [100.0]
    calendar = Calendar(opens_utc=1000, speed=60, clock_s=lambda: here_s[0])

    here_s[0] += 2
    assert calendar.now_utc() == 1120
    calendar.run_at(0)
    here_s[0] += 100
    calendar.advance(5)
    assert calendar.now_utc() == 1125


def test_a_budget_is_spent_and_full_again_in_the_next_window() -> None:
    now_s = [0.0]
    budget = Budget(requests=2, window_s=10, clock_s=lambda: now_s[0])
    now_s[0] = 3.5
    first, second, third = (budget.spend("ann") for _ in range(3))

    assert (first.headers()["x-ratelimit-remaining"], first.headers()["x-ratelimit-reset"]) == ("1.0", "7")
    assert [each.is_exceeded for each in (first, second, third)] == [False, False, True]
    assert third.headers()["retry-after"] == "7"
    assert not budget.spend("bob").is_exceeded
    now_s[0] = 10.0
    assert budget.spend("ann").used == 1


def test_a_fault_befalls_the_requests_it_names_as_often_as_it_says() -> None:
    faults = Faults()
    faults.add(Fault(Trouble.STATUS, path="/user/", times=2))

    found = [faults.of(path) is not None for path in ("/r/all/new", "/user/a", "/user/b", "/user/c")]

    assert found == [False, True, True, False]


def test_a_fault_befalls_the_share_of_requests_that_it_says() -> None:
    faults = Faults()
    faults.add(Fault(Trouble.HANG, share=0.25))

    assert 200 < sum(faults.of("/") is not None for _ in range(1000)) < 300


def test_the_ledger_finds_the_busiest_window_wherever_it_begins() -> None:
    ledger = Ledger()
    for at_s in (0.0, 0.9, 1.5, 1.8, 2.0, 2.6):
        ledger.add(Request(at_s, "ann", "/", 200))

    assert [ledger.busiest(window_s) for window_s in (0.5, 1.0, 10.0)] == [2, 3, 6]


def first(reddit: LocalReddit, kind: str) -> Item:
    return next(item for item in reddit.community.items if item.kind == kind)


@pytest.mark.parametrize("kind", ["submission", "comment"])
def test_a_row_of_the_api_is_a_text_record_of_the_authors_own_words(reddit: LocalReddit, kind: str) -> None:
    item = first(reddit, kind)

    record = text_record(thing(item)["data"])

    assert (record["id"], record["author"], record["kind"]) == (item.name, item.author.name, kind)
    assert (record["title"], record["body"]) == (item.title, item.text)


@pytest.mark.parametrize("gone", [Gone.BY_AUTHOR, Gone.BY_MODERATOR])
def test_what_is_gone_says_nothing_any_more(reddit: LocalReddit, gone: Gone) -> None:
    item = first(reddit, "comment")
    item.gone = gone

    with pytest.raises(OddRow, match="deleted author"):
        text_record(thing(item)["data"])
    assert item.text not in str(thing(item))


def test_of_a_deleted_account_the_words_remain_without_its_name(reddit: LocalReddit) -> None:
    item = first(reddit, "comment")
    item.author.standing = Standing.DELETED

    assert (thing(item)["data"]["author"], thing(item)["data"]["body"]) == ("[deleted]", item.text)
    assert reddit.account(item.author.name) is None
