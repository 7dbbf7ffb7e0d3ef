"""Pages of JSON from a server into a topology, and messages to a server, by Python's own client."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from catenae.clock import Clock
from catenae.errors import CatenaeError, ConfigError, TransientError
from catenae.message import Message
from catenae.microservice import Leaf, Source
from catenae.secret import Secret

# What a server says that may go by itself.
_PASSING = frozenset((408, 425, 429, *range(500, 600)))


class ServerAway(TransientError):
    """The server has not answered, or asks to come again."""


class ServerRefuses(CatenaeError):
    """The server will not take what was sent, now or later."""


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
        self._url, self._cursor, self._items, self._key = _checked(url), cursor, items, key
        self._every_s, self._timeout_s, self._token = every_s, timeout_s, token

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
        asked = {} if page is None else {self._cursor: page}
        joint = "&" if urllib.parse.urlsplit(self._url).query else "?"
        url = f"{self._url}{joint}{urllib.parse.urlencode(asked)}" if asked else self._url
        return json.loads(_answer(urllib.request.Request(url), self._timeout_s, self._token))  # noqa: S310


class HttpPost(Leaf):
    """Send each message to a server as JSON, one request each.

    url    http or https
    token  sent as a bearer token, if given

    A message is sent until the server has taken it, so none is lost; after a kill those of the last batch are
    sent again. Each has the header `Idempotency-Key`, the message's id, by which a server tells that it has
    had it. One that does not answer or asks to come again is tried again, as `Node(retry=)` says;
    what it refuses for good is a dead letter.
    """

    def __init__(self, url: str, timeout_s: float = 10.0, token: Secret | None = None) -> None:
        self._url, self._timeout_s, self._token = _checked(url), timeout_s, token

    def consume(self, message: Message) -> None:
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
        body = json.dumps({"key": message.key, "value": message.value}).encode()
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310  checked
        _answer(request, self._timeout_s, self._token)


def _checked(url: str) -> str:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"option 'url' is {url!r}; give one of http or https")
    return url


def _answer(request: urllib.request.Request, timeout_s: float, token: Secret | None) -> bytes:
    if token is not None:
        request.add_header("Authorization", f"Bearer {token.reveal()}")
    host = urllib.parse.urlsplit(request.full_url).netloc
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310  checked
            data: bytes = answer.read()
            return data
    except urllib.error.HTTPError as error:
        kind = ServerAway if error.code in _PASSING else ServerRefuses
        raise kind(f"{host} answers with status {error.code}") from error
    except OSError as error:
        raise ServerAway(f"{host} does not answer: {type(error).__name__}") from error
