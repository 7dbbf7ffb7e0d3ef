"""What is new on Bluesky, as it happens."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from catenae import ConfigError, Message, Source
from services.bluesky.events import COLLECTION, value_of
from services.bluesky.feed import Event, Feed, Place
from services.reddit.records import OddRow

SERVER = "wss://jetstream2.us-east.bsky.network/subscribe"
_WAIT_S = 0.5


class Jetstream(Source):
    """Watch a Jetstream. Writes, keyed by author, text records and what was deleted, as `events.value_of`.

    server     address of its `/subscribe` endpoint
    languages  of the posts wanted; all if there is none

    The position is the place behind an event, by the server's own number for it: it goes on exactly there, as
    long as the server reaches back so far (36 hours at Bluesky's; what is older is missed). A server that is
    away is tried again, less and less often. An event that cannot be read becomes a dead letter.
    """

    def __init__(self, server: str = SERVER, languages: Sequence[str] = ("en",)) -> None:
        if urlsplit(server).scheme not in ("ws", "wss"):
            raise ConfigError(
                f"option 'server' of Jetstream is {server!r}; give a websocket's address, such as {SERVER}"
            )
        self._server = server
        self._languages = frozenset(language.lower() for language in languages)

    def generate(self, position: Any) -> Iterator[Message | None]:
        place = None if position is None else Place(*position)
        with Feed(self._server, (COLLECTION,), place) as feed:
            while True:
                event = feed.take(_WAIT_S)
                message = None if event is None else self._message(event)
                if message is not None or event is None:
                    yield message

    def _message(self, event: Event) -> Message | None:
        position = list(event.place)
        try:
            value = value_of(event.value, self._languages)
        except OddRow as odd:
            return Message(event.data, position=position, rejected=odd.reason)
        return None if value is None else Message(value, value["author"], position=position)
