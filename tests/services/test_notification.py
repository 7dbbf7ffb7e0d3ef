"""Notices of rises into a band: each alert once, many in one notice, and nothing of whom."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catenae import ConfigError, Message
from catenae.testing import MemoryState, MemoryTimers, TestDriver, message
from services.depression.values import WITHDRAWN
from services.notification.band_rises import BandRises
from services.notification.notices import Notices
from tests.listeners import Mailbox, Webhook, listening
from topologies.notified import by_both

SENDER, STAFF = "screening@example.org", ("one@example.org",)
FOUND = replace(
    by_both,
    nodes=tuple(by_both.node(name) for name in ("band_rises", "notices", "webhook", "mail")),
    external=("alerts",),
    exported=(),
)


def alert(user: str, band: str, headers: dict[str, bytes] | None = None) -> Message:
    value = {
        "id": user,
        "user": user,
        "opened_utc": 1,
        "opened_by": f"t1_{user}",
        "opened_after": 1,
        "threshold": 0.5,
        "updated_utc": 2,
        "probability": 0.9,
        "peak_probability": 0.9,
        "posts_since": 0,
        "band": band,
        "model": "3f1c2b9a7d04",
    }
    return message(value, key=user)._replace(headers=headers or {})


def told(rises: BandRises, *alerts: Message) -> list[Any]:
    return [each.key for one in alerts for each in rises.transform(one)]


def test_an_alert_is_told_of_once_for_each_band_that_it_rises_into() -> None:
    rises = BandRises(MemoryState())
    bands = ("raised", "high", "raised", "high", "very high", "low", "very high")

    assert told(rises, *(alert("ann", band) for band in bands)) == ["high", "very high"]
    assert told(rises, alert("bob", "very high"), alert("bob", "high")) == ["very high"]


def test_only_the_bands_that_are_chosen_are_told_of() -> None:
    rises = BandRises(MemoryState(), bands=("raised",))

    assert told(rises, alert("ann", "raised"), alert("ann", "high"), alert("bob", "high")) == ["raised"]


def test_one_that_was_withdrawn_begins_anew_and_leaves_nothing_behind() -> None:
    reached: MemoryState[str] = MemoryState()
    rises = BandRises(reached)
    withdrawn = message({"id": "ann", "user": "ann"}, key="ann")._replace(headers={WITHDRAWN: b""})

    assert told(rises, alert("ann", "high"), withdrawn) == ["high"]
    assert reached.values == {}
    assert told(rises, withdrawn, alert("ann", "high")) == ["high"]


def test_what_is_told_has_no_header_of_the_alert() -> None:
    (rise,) = BandRises(MemoryState()).transform(alert("ann", "high", {"group": b"visit of ann"}))

    assert (rise.key, rise.value, dict(rise.headers)) == ("high", {"model": "3f1c2b9a7d04"}, {})


@pytest.mark.parametrize(("option", "value"), [("page", "screening.example.org"), ("every_s", 0.0)])
def test_an_option_that_cannot_be_is_refused(option: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=f"option '{option}' of Notices"):
        Notices(MemoryState(), MemoryTimers(), **{option: value})


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening(Webhook()) as webhook:
        yield webhook


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with listening(Mailbox()) as mailbox:
        yield mailbox


@pytest.fixture
def driver(webhook: Webhook, mailbox: Mailbox) -> Iterator[TestDriver]:
    options: dict[str, dict[str, Any]] = {
        "webhook": {"url": webhook.url},
        "mail": {"server": mailbox.url, "sender": SENDER, "to": STAFF},
        "notices": {"page": "https://screening.example.org/"},
    }
    with TestDriver(FOUND, options) as driver:
        yield driver


def rise(driver: TestDriver, *users: str, band: str = "very high") -> None:
    for user in users:
        driver.send("alerts", alert(user, band))


def counts(webhook: Webhook) -> list[tuple[str, int]]:
    return [(each["band"], each["alerts"]) for each in webhook.taken.values()]


@pytest.mark.lengthy
def test_the_first_is_told_at_once_and_all_that_follow_in_one(driver: TestDriver, webhook: Webhook) -> None:
    rise(driver, "ann", "bob", "eve", "joe")
    assert counts(webhook) == [("very high", 1)]

    driver.advance(899)
    assert counts(webhook) == [("very high", 1)]
    driver.advance(1)
    assert counts(webhook) == [("very high", 1), ("very high", 3)]

    rise(driver, "kim")
    driver.advance(900)
    assert counts(webhook)[2:] == [("very high", 1)]
    driver.advance(900)
    rise(driver, "lee")
    assert counts(webhook)[3:] == [("very high", 1)]


@pytest.mark.lengthy
def test_bands_do_not_wait_for_each_other(driver: TestDriver, webhook: Webhook) -> None:
    rise(driver, "ann", "bob")
    rise(driver, "eve", "joe", band="high")
    driver.advance(900)

    assert sorted(counts(webhook)) == [("high", 1), ("high", 1), ("very high", 1), ("very high", 1)]


@pytest.mark.lengthy
def test_a_notice_says_where_to_look_in_json_and_in_a_mail(
    driver: TestDriver, webhook: Webhook, mailbox: Mailbox
) -> None:
    rise(driver, "ann")

    (notice,) = webhook.taken.values()
    assert notice == {
        "topology": "depression",
        "band": "very high",
        "alerts": 1,
        "model": "3f1c2b9a7d04",
        "at_ms": notice["at_ms"],
        "page": "https://screening.example.org/#/alerts?band=very+high",
        "subject": "depression: 1 alert has risen to very high",
        "text": notice["text"],
    }
    (mail,) = mailbox.taken
    assert f"Subject: {notice['subject']}\n" in mail
    assert mail.endswith("https://screening.example.org/#/alerts?band=very+high")
    assert mail.endswith(notice["text"])


@pytest.mark.lengthy
@pytest.mark.parametrize("node", ["band_rises", "notices", "webhook", "mail"])
def test_none_is_lost_or_counted_twice_whatever_is_killed(
    driver: TestDriver, webhook: Webhook, mailbox: Mailbox, node: str
) -> None:
    webhook.statuses = [503]
    mailbox.refusals = [("MAIL", "451 later")]
    driver.kill(node, "before commit")
    rise(driver, "ann", "bob")
    driver.kill(node, "after commit")
    rise(driver, "eve")
    driver.advance(2000)

    assert counts(webhook) == [("very high", 1), ("very high", 2)]
    ids = {line for mail in mailbox.taken for line in mail.splitlines() if line.startswith("Message-ID")}
    assert len(ids) == 2


@pytest.mark.lengthy
def test_who_is_forgotten_is_forgotten_here_and_nothing_of_it_goes_on(
    driver: TestDriver, webhook: Webhook
) -> None:
    rise(driver, "ann", "bob")

    driver.forget("ann")
    driver.advance(900)

    assert driver.state("band_rises", "reached") == {"bob": "very high"}
    assert counts(webhook) == [("very high", 1), ("very high", 1)]
    assert {each.key for each in driver.read("band_rises")} == {"very high"}
    assert b"ann" not in b"".join(webhook.came)
