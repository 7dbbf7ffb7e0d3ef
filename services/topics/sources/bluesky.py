"""The stream of Bluesky: back as far as its Jetstream reaches, and from there on as it happens."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, cast

from catenae import Feed, Message
from services.bluesky.events import COLLECTION, value_of
from services.bluesky.reader import Place, Reader
from services.reddit.records import OddRow, TextRecord
from services.topics.sources.source import Gone, NotNow, Step
from services.topics.wanted import FoundPost, Matcher, Topic

AT_ONCE = 2000
# Behind everything that there is: a server begins with the oldest that it has.
_BEGINNING_US = 1_000_000_000_000_000
# An event so young is of now; and where nothing comes for so long, there is nothing more.
_NOW_WITHIN_S = 5.0
_SILENCE_S = 2.0


class BlueskyStream:
    """Reads what a Jetstream has kept, 36 hours at Bluesky's, and goes on with what comes.

    People say nowhere in a post where they are. What they delete is told on the same stream, so a search
    listens on when all that it looks for is found.

    server  address of the `/subscribe` endpoint
    clock   seconds since 1970
    """

    listens = True

    def __init__(self, server: str, clock: Callable[[], float] = time.time) -> None:
        self._server = server
        self._clock = clock

    def open(self, topic: Topic, place: Any) -> "_Reading":
        return _Reading(self._server, topic, place, self._clock)

    def gone(self, ids: Sequence[str]) -> Sequence[str]:  # noqa: ARG002  the stream tells
        return []


class _Reading:
    def __init__(self, server: str, topic: Topic, place: Any, clock: Callable[[], float]) -> None:
        self._matcher = Matcher(topic)
        self._clock = clock
        begins_us = (
            _BEGINNING_US if topic.from_utc is None else max(topic.from_utc * 1_000_000, _BEGINNING_US)
        )
        # Of no server, so that it is found by its time.
        self._place = Place("", 1, begins_us) if place is None else Place(*place)
        reader = Reader(server, (COLLECTION,), self._place, clock)
        self._opened = ExitStack()
        self._feed = self._opened.enter_context(Feed[bytes](reader.read))
        self._posts: list[FoundPost] = []
        self._gone: list[Gone] = []
        self._events: Iterator[Message | None] = self._feed.messages(lambda data: self._take(reader, data))
        self._heard_s = clock()
        self._is_of_now = False

    def step(self) -> Step:
        """Take what has come, until there is nothing for a moment."""
        self._posts, self._gone = [], []
        until_s = self._clock() + 1.0
        for event in self._events:
            if event is None:
                break
            if len(self._posts) >= AT_ONCE or self._clock() > until_s:
                break
        if self._feed.obstacle and not self._posts and not self._gone:
            raise NotNow(self._feed.obstacle)
        is_silent = self._clock() - self._heard_s > _SILENCE_S
        return Step(self._posts, list(self._place), is_done=self._is_of_now or is_silent, gone=self._gone)

    def close(self) -> None:
        self._opened.close()

    def _take(self, reader: Reader, data: bytes) -> Message:
        """Note what an event says; return a message, of which nothing is needed but that it came."""
        self._heard_s = self._clock()
        try:
            event = reader.new_event(data)
            if event is not None:
                self._place = event.place
                self._is_of_now = event.place.time_us / 1_000_000 > self._heard_s - _NOW_WITHIN_S
                self._note(event.value)
        except OddRow:
            pass
        return Message(None)

    def _note(self, event: Any) -> None:
        value = value_of(event)
        if value is None:
            return
        if value.get("deleted") is True:
            self._gone.append(Gone(value["author"], value.get("id", "")))
        elif self._matcher.finds(value):
            stated = event["commit"]["record"].get("langs")
            language = stated[0] if isinstance(stated, list) and stated and isinstance(stated[0], str) else ""
            post = self._matcher.found(
                cast("TextRecord", value), "bluesky", language=language, stated="", place=""
            )
            if post is not None:
                self._posts.append(post)
