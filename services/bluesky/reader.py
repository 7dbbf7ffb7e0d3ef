"""A connection to a Jetstream that mends itself, and says of each event where to go on behind it."""

import json
import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidProxy, InvalidURI, WebSocketException
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from catenae import ConfigError, Feed
from services.reddit.records import OddRow

logger = logging.getLogger(__name__)

# Several times what a record can be. A server that knows how leaves a larger event out, once it is asked to.
LARGEST_EVENT_BYTES = 16 * 1024 * 1024
# Short, so that the end does not wait for long.
_RECEIVE_S = 0.05
_CLOSE_S = 0.5
_CONNECT_S = 10.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 60.0
_LARGEST_NUMBER = 2**63
# How far a server's clock may be ahead: to go on behind a later time would leave out all until then.
_AHEAD_US = 24 * 3600 * 1_000_000


class Place(NamedTuple):
    """Behind an event. `cursor` is the server's own number for it where it gives one, else its time."""

    server: str
    cursor: int
    time_us: int


class Event(NamedTuple):
    """An event, and the place behind it."""

    place: Place
    value: Any


class Reader:
    """Reads the events behind a place, and tells those that are new, however often the connection breaks.

    server       address of the endpoint, "wss://…/subscribe"
    collections  of the commits wanted
    place        where to go on; from now on if None. On another server, whose numbers are others, it is found
                 again by its time.
    clock        seconds since 1970
    """

    def __init__(
        self,
        server: str,
        collections: Sequence[str],
        place: Place | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._server = server
        self._collections = collections
        self._place = place
        self._clock = clock
        self._leaves_out_large = False

    def read(self, feed: Feed[bytes]) -> None:
        """Put events as they come, those on both sides of a break twice; for the thread of the feed.

        Raises ConfigError for what no time will mend: the address, or a proxy of the environment.
        """
        pause_s = _FIRST_PAUSE_S
        while not feed.is_closing:
            before = self._place
            try:
                self._read(feed)
            except (OSError, WebSocketException) as error:
                feed.obstacle = self._lost(error)
                logger.warning("connection lost", extra={"error": type(error).__name__})
            if self._place != before:
                pause_s = _FIRST_PAUSE_S
            feed.pause(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def new_event(self, data: bytes) -> Event | None:
        """Return an event; None of one that was here before, as the last one is after a reconnection.

        Raises OddRow for what is none, which leaves the place where it was.
        """
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            raise OddRow("not an event") from None
        if not isinstance(value, dict):
            raise OddRow("not an event")
        time_us = _number(value.get("time_us"))
        cursor = time_us if value.get("cursor") is None else _number(value["cursor"])
        if time_us > self._clock() * 1_000_000 + _AHEAD_US:
            raise OddRow("an event of the future")
        former, place = self._place, Place(self._server, cursor, time_us)
        if former is not None:
            is_new = cursor > former.cursor if former.server == self._server else time_us > former.time_us
            if not is_new:
                return None
        self._place = place
        return Event(place, value)

    def _read(self, feed: Feed[bytes]) -> None:
        """Read until the connection ends, which raises, or is no longer wanted."""
        with self._connected() as connection:
            feed.obstacle = ""
            while not feed.is_closing:
                try:
                    data = connection.recv(timeout=_RECEIVE_S, decode=False)
                except TimeoutError:
                    continue
                feed.put(data)

    def _connected(self) -> ClientConnection:
        try:
            return connect(
                self._address(),
                open_timeout=_CONNECT_S,
                close_timeout=_CLOSE_S,
                max_size=LARGEST_EVENT_BYTES,
            )
        except (InvalidProxy, ImportError):
            # The error names the proxy, with its password.
            raise ConfigError(
                "Jetstream cannot go through the proxy that the environment names. Name an http:// one, list "
                "the server in no_proxy, or install python-socks for a socks5h:// one"
            ) from None
        except (InvalidURI, ValueError) as error:
            raise ConfigError(
                f"Jetstream cannot connect to its server: {type(error).__name__}. Correct the option 'server'"
            ) from None

    def _lost(self, error: Exception) -> str:
        """Return what stands in the way now; ask for no event that is too large any more if it was one."""
        said = error.sent if isinstance(error, ConnectionClosed) else None
        if said is None or said.code != CloseCode.MESSAGE_TOO_BIG:
            return "connection lost"
        self._leaves_out_large = True
        return "an event is too large"

    def _address(self) -> str:
        asked: list[tuple[str, str | int]] = [("wantedCollections", each) for each in self._collections]
        place = self._place
        if place is not None:
            is_same = place.server == self._server
            asked.append(("cursor", place.cursor if is_same else place.time_us))
        if self._leaves_out_large:
            asked.append(("maxMessageSizeBytes", LARGEST_EVENT_BYTES))
        return f"{self._server}{'&' if '?' in self._server else '?'}{urlencode(asked)}"


def _number(found: object) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < _LARGEST_NUMBER:
        raise OddRow("not an event")
    return found
