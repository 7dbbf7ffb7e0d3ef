"""The generated community as events of a Jetstream: posts in several languages, deletions, other noise."""

import base64
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from services.bluesky.events import COLLECTION
from services.reddit.demo.community import Account, Community, Item

Event = dict[str, Any]

_MICROSECONDS = 1_000_000
# A cursor below this is the number of an event, one above it a time.
_LEAST_TIME_US = 10**15
# Of the posts by place, one in so many is German, says no language, or is a picture without a word.
_GERMAN, _UNKNOWN, _PICTURE = 10, 17, 23
# After one in so many posts comes a like, and the news of somebody's handle.
_LIKE, _IDENTITY = 5, 50


class Timeline:
    """All events by time. What lies ahead of `now_utc` has not happened yet. Any thread may read it
    while one changes it.

    numbered  whether events carry numbers, as those of newer servers do
    """

    def __init__(self, community: Community, now_utc: Callable[[], float], *, numbered: bool = True) -> None:
        self._now_utc = now_utc
        self._numbered = numbered
        self._events: list[Event] = []
        for item in community.items:
            for event in _events_of(item):
                self._insert(event, item.created_utc * _MICROSECONDS)

    def delete(self, item: Item) -> None:
        """Let an item be deleted now."""
        commit = {"operation": "delete", "collection": COLLECTION, "rkey": key_of(item), "rev": "demo"}
        self._happen({"did": did_of(item.author), "kind": "commit", "commit": commit})

    def end_account(self, account: Account, status: str = "deleted") -> None:
        """Let an account be deleted, suspended or otherwise inactive from now on."""
        told = {"active": False, "did": did_of(account), "status": status}
        self._happen({"did": did_of(account), "kind": "account", "account": told})

    def first(self, cursor: int | None) -> int:
        """Return the place of the first event for a cursor: what is asked for included, now without one."""
        if cursor is None:
            return self._happened()
        if cursor < _LEAST_TIME_US:
            return max(0, cursor - 1)
        return bisect_left(self._events, cursor, key=_time_us)

    def since(self, place: int, most: int) -> list[Event]:
        """Return events from a place on that have happened, at most so many."""
        found = self._events[place : min(self._happened(), place + most)]
        if not self._numbered:
            return found
        return [{**event, "cursor": number} for number, event in enumerate(found, start=place + 1)]

    def _happened(self) -> int:
        return bisect_right(self._events, self._now_utc() * _MICROSECONDS, key=_time_us)

    def _happen(self, event: Event) -> None:
        self._insert(event, int(self._now_utc() * _MICROSECONDS))

    def _insert(self, event: Event, at_us: int) -> None:
        """Put an event behind all until that time; no two have the same."""
        place = bisect_right(self._events, at_us, key=_time_us)
        if place and self._events[place - 1]["time_us"] >= at_us:
            at_us = self._events[place - 1]["time_us"] + 1
        while place < len(self._events) and self._events[place]["time_us"] <= at_us:
            at_us = self._events[place]["time_us"] + 1
            place += 1
        self._events.insert(place, {**event, "time_us": at_us})


def did_of(account: Account) -> str:
    """Return the identifier of an account, as Bluesky writes it."""
    digest = hashlib.sha256(account.name.encode()).digest()
    return f"did:plc:{base64.b32encode(digest).decode().lower()[:24]}"


def key_of(item: Item) -> str:
    """Return the key of a post in its author's collection."""
    return f"3k{item.place:011}"


def address_of(item: Item) -> str:
    """Return the address of a post."""
    return f"at://{did_of(item.author)}/{COLLECTION}/{key_of(item)}"


def has_text(item: Item) -> bool:
    """Say whether a post says something."""
    return item.place % _PICTURE != 0


def is_english(item: Item) -> bool:
    """Say whether a post says something, and that it is in English."""
    return has_text(item) and all(item.place % every for every in (_GERMAN, _UNKNOWN))


def _events_of(item: Item) -> Iterator[Event]:
    yield _commit(item, COLLECTION, _record(item))
    if item.place % _LIKE == 0:
        yield _commit(item, "app.bsky.feed.like", {"$type": "app.bsky.feed.like"})
    if item.place % _IDENTITY == 0:
        yield {"did": did_of(item.author), "kind": "identity", "identity": {"did": did_of(item.author)}}


def _commit(item: Item, collection: str, record: Event) -> Event:
    commit = {"operation": "create", "collection": collection, "rkey": key_of(item), "rev": "demo"}
    return {"did": did_of(item.author), "kind": "commit", "commit": {**commit, "record": record}}


def _record(item: Item) -> Event:
    written = datetime.fromtimestamp(item.created_utc, UTC).isoformat(timespec="milliseconds")
    record: Event = {
        "$type": COLLECTION,
        "createdAt": written.replace("+00:00", "Z"),
        "text": " ".join(filter(None, (item.title, item.text))) if has_text(item) else "",
        "generated": True,
    }
    if item.place % _UNKNOWN:
        record["langs"] = ["de"] if item.place % _GERMAN == 0 else ["en"]
    if item.thread is not None and item.thread is not item:
        thread = {"uri": address_of(item.thread), "cid": "demo"}
        record["reply"] = {"root": thread, "parent": thread}
    return record


def _time_us(event: Event) -> int:
    found: int = event["time_us"]
    return found
