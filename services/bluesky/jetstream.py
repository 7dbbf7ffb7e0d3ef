"""What is new on Bluesky, as it happens."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import InvalidURI
from websockets.uri import parse_uri

from catenae import ConfigError, Feed, Message, Source
from services.bluesky.events import COLLECTION, value_of
from services.bluesky.reader import Place, Reader
from services.reddit.records import OddRow

SERVER = "wss://jetstream2.us-east.bsky.network/subscribe"


class Jetstream(Source):
    """Watch a Jetstream. Writes, keyed by author, text records and what was deleted, as `events.value_of`.

    server     address of its `/subscribe` endpoint
    languages  of the posts wanted; all if there is none

    The position is the place behind an event, by the server's own number for it: it goes on exactly there, as
    long as the server reaches back so far (36 hours at Bluesky's; what is older is missed). A server that is
    away is tried again, less and less often, and the instance is not ready meanwhile. An event that cannot be
    read, whatever it is, becomes a dead letter.
    """

    def __init__(self, server: str = SERVER, languages: Sequence[str] = ("en",)) -> None:
        self._server = _checked(server)
        self._languages = frozenset(language.lower() for language in languages)
        self._feed: Feed[bytes] | None = None

    def generate(self, position: Any) -> Iterator[Message | None]:
        reader = Reader(self._server, (COLLECTION,), None if position is None else Place(*position))
        with Feed(reader.read) as self._feed:
            yield from self._feed.messages(lambda data: self._message(reader, data))

    def obstacle(self) -> str:
        return "" if self._feed is None else self._feed.obstacle

    def _message(self, reader: Reader, data: bytes) -> Message | None:
        position = None
        try:
            event = reader.new_event(data)
            if event is None:
                return None
            position = list(event.place)
            value = value_of(event.value, self._languages)
        except OddRow as odd:
            return Message(data, position=position, rejected=odd.reason)
        return None if value is None else Message(value, value["author"], position=position)


def _checked(server: str) -> str:
    """Return an address that can be connected to, as far as it can be told without doing so."""
    try:
        host = parse_uri(server).host
        if ":" not in host:
            host.encode("idna")
    except (InvalidURI, ValueError):
        address = urlsplit(server)._replace(netloc="…").geturl() if "@" in server else server
        raise ConfigError(
            f"option 'server' of Jetstream is {address!r}; give a websocket's address, such as {SERVER}"
        ) from None
    return server
