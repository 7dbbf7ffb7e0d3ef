"""A connection to a Jetstream that mends itself, and says of each event where to go on behind it."""

import json
import logging
import queue
import random
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

logger = logging.getLogger(__name__)

_WAITING_EVENTS = 1000
_STEP_S = 0.5
# Short, so that the end does not wait for long.
_RECEIVE_S = 0.05
_CONNECT_S = 10.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 60.0


class Place(NamedTuple):
    """Behind an event. `cursor` is the server's own number for it where it gives one, else its time."""

    server: str
    cursor: int
    time_us: int


class Event(NamedTuple):
    """An event as it came, and the place behind it; `value` is None for what could not be read."""

    place: Place
    value: Any
    data: str | bytes


class Feed:
    """The events behind a place, in order, each once, however often the connection breaks.

    server       address of the endpoint, "wss://…/subscribe"
    collections  of the commits wanted
    place        where to go on; from now on if None. On another server, whose numbers are others, it is found
                 again by its time.

    Reads in a thread of its own, at most _WAITING_EVENTS ahead: a reader that is slow slows the server. Not
    for more than one reading thread.
    """

    def __init__(self, server: str, collections: Sequence[str], place: Place | None) -> None:
        self._server = server
        self._collections = collections
        self._place = place
        self._events: queue.Queue[Event] = queue.Queue(_WAITING_EVENTS)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jetstream", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the connection; does not wait for a server that does not answer."""
        self._closing.set()
        self._thread.join(2 * _STEP_S)

    def take(self, timeout_s: float) -> Event | None:
        """Return the next event, None if there is none within `timeout_s` seconds."""
        try:
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._closing.is_set():
            before = self._place
            try:
                self._read()
            except (OSError, WebSocketException) as error:
                logger.warning("connection lost", extra={"error": type(error).__name__})
            if self._place != before:
                pause_s = _FIRST_PAUSE_S
            self._closing.wait(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _read(self) -> None:
        """Read until the connection ends, which raises, or is no longer wanted."""
        with connect(self._address(), open_timeout=_CONNECT_S, close_timeout=_STEP_S) as connection:
            while not self._closing.is_set():
                try:
                    data = connection.recv(timeout=_RECEIVE_S)
                except TimeoutError:
                    continue
                event = self._event(data)
                if event is not None:
                    self._put(event)

    def _address(self) -> str:
        asked: list[tuple[str, str | int]] = [("wantedCollections", each) for each in self._collections]
        if self._place is not None:
            is_same = self._place.server == self._server
            asked.append(("cursor", self._place.cursor if is_same else self._place.time_us))
        return f"{self._server}?{urlencode(asked)}"

    def _event(self, data: str | bytes) -> Event | None:
        """Return a new event; None for one that was here before, as the last one is after a reconnection."""
        try:
            value = json.loads(data)
            time_us, cursor = value["time_us"], value.get("cursor", value["time_us"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return Event(self._place or Place(self._server, 0, 0), None, data)
        place = Place(self._server, cursor, time_us)
        former = self._place
        if former is not None:
            is_new = cursor > former.cursor if former.server == self._server else time_us > former.time_us
            if not is_new:
                return None
        return Event(place, value, data)

    def _put(self, event: Event) -> None:
        while not self._closing.is_set():
            try:
                self._events.put(event, timeout=_STEP_S)
            except queue.Full:
                continue
            if event.value is not None:
                self._place = event.place
            return
