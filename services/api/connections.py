"""Connections to the server: bounded in what they send before they are understood, in time, and in number.

size    a request's line and head, together HEAD_BYTES: 414 or 431
time    from the first moment to a whole head, from there to a whole body, and as long as an answer is not
        taken: 408, or the end
number  as many as there are files to have; where there are that many, the one that has kept the server
        waiting for longest makes room for the next, so that whoever sends whole requests is answered
"""

import asyncio
import logging
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.api.problems import problem_response

logger = logging.getLogger(__name__)

HEAD_BYTES = 32 * 1024
# So many are accepted before the first of them is looked at.
ACCEPTED_AT_ONCE = 64
# Files that the process has open beside its connections: documents, logs, the broker's.
OTHER_FILES = 192
MOST, LEAST = 4000, 16
# In the state of a WebSocket: what to call once somebody is known to be there.
KEEP_OPEN = "keep_open"

_REASONS = {
    400: "The request is not HTTP as it must be.",
    408: "The request did not come to its end in time.",
    414: f"The address and the head may have {HEAD_BYTES:,} bytes.",
    431: f"The head may have {HEAD_BYTES:,} bytes.",
}


def most_connections() -> int:
    """Return how many connections this process may have at once, by its limit of open files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        MOST
        if files == resource.RLIM_INFINITY
        else min(MOST, max(LEAST, files - OTHER_FILES - ACCEPTED_AT_ONCE))
    )


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a head, a body, and the taking of an answer may take."""

    head_s: float = 10.0
    body_s: float = 20.0
    answer_s: float = 30.0


class Held(Protocol):
    """A connection that can be ended."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or is about to."""

    def drop(self) -> None:
        """End it at once."""


class Crowd:
    """All connections of a server. Belongs to the thread of the event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        # In the order in which the server began to wait for them.
        self._waiting: dict[Held, None] = {}
        self._answered: set[Held] = set()
        # Of both, those that tell nobody when they end.
        self._sockets: set[Held] = set()

    def enter(self, connection: Held) -> bool:
        """Take a connection in, for which another may have to go; say whether there is room."""
        if self._is_full():
            for each in [each for each in self._sockets if each.is_over]:
                self.leave(each)
        if self._is_full():
            longest = next(iter(self._waiting), None)
            if longest is None:
                return False
            self.leave(longest)
            longest.drop()
        self.waits(connection)
        return True

    def waits(self, connection: Held) -> None:
        """Note that the server waits for a connection, from now on."""
        self._answered.discard(connection)
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def stays(self, connection: Held) -> None:
        """Note that a connection waits for the server, or is somebody's who is signed in."""
        self._waiting.pop(connection, None)
        self._answered.add(connection)

    def becomes_socket(self, connection: Held) -> None:
        """Note that a connection is a WebSocket's from now on, perhaps of nobody."""
        self.waits(connection)
        self._sockets.add(connection)

    def leave(self, connection: Held) -> None:
        """Forget a connection."""
        self._waiting.pop(connection, None)
        self._answered.discard(connection)
        self._sockets.discard(connection)

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._waiting) + len(self._answered)

    def _is_full(self) -> bool:
        return self.connections >= self._most


class BoundedConnection(HttpToolsProtocol):
    """One connection. `headers` are on every refusal."""

    def __init__(
        self, *, crowd: Crowd, headers: Mapping[str, str], patience: Patience, **of_uvicorn: Any
    ) -> None:
        super().__init__(**of_uvicorn)
        self._crowd = crowd
        self._patience = patience
        self._headers = headers
        self._head_bytes = 0
        self._has_address = False
        self._is_in_head = True
        self._is_in_body = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it in, or end it where there is no room."""
        super().connection_made(transport)
        if self._crowd.enter(self):
            self._within(self._patience.head_s)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let it go."""
        self._crowd.leave(self)
        self._within(None)
        super().connection_lost(exc)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or is about to."""
        return self.transport.is_closing()

    def drop(self) -> None:
        """End it at once: others want its place."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on, no further than a head may go."""
        while data and self._is_in_head and self._is_open():
            part, data = data[: HEAD_BYTES - self._head_bytes], data[HEAD_BYTES - self._head_bytes :]
            self._head_bytes += len(part)
            self._has_address |= b"\n" in part
            super().data_received(part)
            if self._is_in_head and self._head_bytes >= HEAD_BYTES:
                self._refuse(431 if self._has_address else 414)
                return
        if data and self._is_open():
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin with a head."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self._is_in_head, self._is_in_body = False, True
        self._head_bytes, self._has_address = 0, False
        self._within(self._patience.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Have what was asked for answered."""
        super().on_message_complete()
        self._is_in_head, self._is_in_body = True, False
        self._within(None)
        self._crowd.stays(self)

    def on_response_complete(self) -> None:
        """Wait for the next request, if there is none yet."""
        super().on_response_complete()
        if not self.pipeline and not self._is_in_body:
            self._crowd.waits(self)
            self._within(self._patience.head_s)

    def pause_writing(self) -> None:
        """Wait for whoever does not read the answer."""
        super().pause_writing()
        self._crowd.waits(self)
        self._within(self._patience.answer_s)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        self._crowd.stays(self)
        self._within(None)

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the WebSocket."""
        self._within(None)
        self._crowd.becomes_socket(self)
        self.app_state = {**self.app_state, KEEP_OPEN: partial(self._crowd.stays, self)}
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  it is uvicorn's
        """Refuse what is not HTTP."""
        self._refuse(400)

    def _is_open(self) -> bool:
        return not self.is_over and self.transport.get_protocol() is self

    def _within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        is_asked = self._head_bytes > 0 or (self._is_in_body and not self.cycle.response_complete)
        if is_asked and not self.flow.write_paused:
            self._refuse(408)
        else:
            self.transport.abort()

    def _refuse(self, status: int) -> None:
        """Answer with a problem, unless another answer has begun, and end the connection."""
        logger.warning("request refused", extra={"status": status})
        if self.cycle is not None and not self.cycle.response_complete:
            if self.cycle.response_started:
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(refusal(status, self._headers))
        self.transport.close()


def refusal(status: int, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of an answer that refuses a request."""
    answer = problem_response(status, _REASONS[status], {**headers, "Connection": "close"})
    head = b"".join(b"%s: %s\r\n" % pair for pair in answer.raw_headers)
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode() + head + b"\r\n" + bytes(answer.body)


def bounded(crowd: Crowd, headers: Mapping[str, str], patience: Patience | None = None) -> Any:
    """Return what makes the connections of a server, in place of uvicorn's own."""
    return partial(BoundedConnection, crowd=crowd, headers=headers, patience=patience or Patience())
