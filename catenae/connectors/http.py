"""Pages of JSON from a server into a topology, and messages to a server, by Python's own client."""

import json
import urllib.parse
from collections.abc import Iterator
from typing import Any

from catenae.clock import Clock
from catenae.connectors.asking import HttpServer, bearer, is_this_machine
from catenae.errors import ConfigError
from catenae.message import Message
from catenae.microservice import Leaf, Source
from catenae.secret import Secret


class HttpPages(Source):
    """Read a list that a server gives in pages, to its end; then look again for more.

    url      of the list, http or https
    cursor   the parameter by which the next page is asked for, and the field of an answer that has its value
    items    the field of an answer that has the entries; each becomes a message
    key      the field of an entry that is its message's key; none if empty
    every_s  how often it looks for more at the end; 0 to be exhausted there
    token    sent as a bearer token, if given

    The position is the page, and how many entries of it were passed on. From a server whose pages only grow,
    at their end, each entry becomes one message, exactly once, also under `kill -9`.
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        clock: Clock,
        url: str,
        cursor: str = "cursor",
        items: str = "items",
        key: str = "",
        *,
        every_s: float = 60.0,
        timeout_s: float = 10.0,
        token: Secret | None = None,
    ) -> None:
        self._clock = clock
        self._server = HttpServer(url, timeout_s, bearer(token))
        self._joint = "&" if urllib.parse.urlsplit(url).query else "?"
        self._cursor, self._items, self._key, self._every_s = cursor, items, key, every_s

    def generate(self, position: Any) -> Iterator[Message | None]:
        page, done = position or (None, 0)
        while True:
            answer = self._page(page)
            entries = answer[self._items]
            for number, entry in enumerate(entries[done:], done + 1):
                key = str(entry[self._key]) if self._key else None
                yield Message(entry, key, position=[page, number])
            done = max(done, len(entries))
            if answer.get(self._cursor) not in (None, "", page):
                page, done = answer[self._cursor], 0
            elif not self._every_s:
                return
            else:
                due_s = self._clock.monotonic_s() + self._every_s
                while self._clock.monotonic_s() < due_s:
                    yield None

    def _page(self, page: str | None) -> Any:
        asked = "" if page is None else self._joint + urllib.parse.urlencode({self._cursor: page})
        return json.loads(self._server.ask(asked))


class HttpPost(Leaf):
    """Send each message to a server as JSON, one request each.

    url           http or https
    token         sent as a bearer token, if given
    sends_key     the body is {"key", "value"}; else it is the value alone
    allows_plain  http to another machine will do, which others on the way can read

    A message is sent until the server has taken it, so none is lost; after a kill those of the last batch are
    sent again. Each has the header `Idempotency-Key`, the message's id, by which a server tells that it has
    had it. One that does not answer or asks to come again is tried again, as `Node(retry=)` says;
    what it refuses for good is a dead letter.
    """

    def __init__(
        self,
        url: str,
        timeout_s: float = 10.0,
        token: Secret | None = None,
        *,
        sends_key: bool = True,
        allows_plain: bool = True,
    ) -> None:
        self._server = HttpServer(url, timeout_s, bearer(token))
        parts = urllib.parse.urlsplit(url)
        if not allows_plain and parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
            raise ConfigError(
                "option 'url' is http to another machine, which others can read; give one of https"
            )
        self._sends_key = sends_key

    def consume(self, message: Message) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
        said = {"key": message.key, "value": message.value} if self._sends_key else message.value
        self._server.ask(body=json.dumps(said).encode(), headers=headers)
