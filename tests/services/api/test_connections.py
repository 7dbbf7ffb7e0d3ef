"""Connections: what is too large, too slow, too much or no HTTP is refused, and all others are answered."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.sync.client import connect

from services.api.connections import HEAD_BYTES, Crowd, Held, Patience, bounded
from services.api.headers import strict_headers
from tests.patience import PATIENCE_S, until

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
LARGE = b"x" * 30_000_000
SHORT = Patience(0.5, 0.5, 0.5)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was sent."""
    if scope["type"] == "http":
        body = b"ok" if scope["method"] == "GET" else await _body(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    body = b""
    while (part := await receive())["type"] == "http.request":
        body += part["body"]
        if not part["more_body"]:
            break
    return body


@contextmanager
def served(
    crowd: Crowd | None = None, patience: Patience | None = None, app: ASGIApp = echo
) -> Iterator[tuple[str, int]]:
    """Serve on loopback; give the address."""
    made = bounded(crowd or Crowd(50), strict_headers(is_secure=False), patience)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", http=made))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        until(lambda: server.started)
        yield listening.getsockname()
        server.should_exit = True
        server.force_exit = True
        thread.join()


@contextmanager
def connected(address: tuple[str, int], *sent: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(address, PATIENCE_S) as made:
        for part in sent:
            made.sendall(part)
        yield made


def answered(connection: socket.socket) -> bytes:
    """Return all that is said until the end; what is cut off says nothing."""
    said = b""
    try:
        while part := connection.recv(65536):
            said += part
    except ConnectionResetError:
        return said
    return said


def one(connection: socket.socket) -> bytes:
    """Return one answer in chunks."""
    said = b""
    while not said.endswith(b"0\r\n\r\n"):
        said += connection.recv(1000)
    return said


def asked(address: tuple[str, int], *sent: bytes) -> bytes:
    with connected(address, *sent) as connection:
        return answered(connection)


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with served(patience=SHORT) as found:
        yield found


@pytest.fixture(scope="module")
def patient() -> Iterator[tuple[str, int]]:
    with served() as found:
        yield found


HEADS = {
    "one header": (431, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * HEAD_BYTES),
    "many headers": (431, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * HEAD_BYTES),
    "the address": (414, b"GET /" + b"x" * HEAD_BYTES),
    "a whole head": (431, b"GET / HTTP/1.1\r\nX: " + b"x" * HEAD_BYTES + b"\r\n\r\n"),
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_that_is_too_large_is_refused(patient: tuple[str, int], what: str) -> None:
    status, sent = HEADS[what]
    with connected(patient) as connection:
        connection.sendall(sent[:HEAD_BYTES])
        said = answered(connection)

    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["status"] == status
    assert b"cache-control: no-store" in head.lower()
    assert b"x-content-type-options: nosniff" in head.lower()


ODD = {
    "no http": b"hello\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length and chunks": POST.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a signed length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n",
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_http_is_refused_as_everything_is(patient: tuple[str, int], what: str) -> None:
    said = asked(patient, ODD[what])

    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"content-security-policy: default-src 'none'" in said.lower()


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("sent", "status"),
    [((b"GET / HTTP/1.1\r\nHost: ",), b"408"), ((POST, b"abc"), b"408"), ((), b""), ((REQUEST,), b"200")],
)
def test_what_does_not_come_to_its_end_is_ended(
    address: tuple[str, int], sent: tuple[bytes, ...], status: bytes
) -> None:
    said = asked(address, *sent)

    assert said.split(b" ", 2)[1:2] == ([status] if status else [])


@pytest.mark.lengthy
@pytest.mark.parametrize("parts", [1, 5])
def test_an_answer_that_nobody_takes_is_ended(parts: int) -> None:
    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in range(parts):
            await send({"type": "http.response.body", "body": LARGE, "more_body": part + 1 < parts})

    crowd = Crowd(50)
    with served(crowd, SHORT, large) as address, connected(address, REQUEST) as connection:
        connection.recv(1)
        until(lambda: not crowd.connections)


@pytest.mark.lengthy
def test_a_second_request_that_does_not_come_to_its_end_is_ended(address: tuple[str, int]) -> None:
    with connected(address, REQUEST) as connection:
        one(connection)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")

        assert answered(connection).startswith(b"HTTP/1.1 408 ")


def longer_than_patience(address: tuple[str, int]) -> None:
    """Return once somebody who has come just now was waited for in vain."""
    assert asked(address, b"GET / HTTP/1.1\r\nHost: ").startswith(b"HTTP/1.1 408 ")


@pytest.mark.lengthy
@pytest.mark.parametrize("before", [b"", LARGE], ids=["nothing yet", "a part"])
def test_the_server_may_take_its_time_to_answer(before: bytes) -> None:
    released = threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": before, "more_body": True})
        await asyncio.to_thread(released.wait)
        await send({"type": "http.response.body", "body": b"the end"})

    # Whoever reads the answer may be held up for a moment, where others keep the machine busy.
    patience = replace(SHORT, answer_s=1.0)
    with served(patience=patience, app=slow) as address, connected(address, REQUEST) as honest:
        read = 0
        while read < len(before):
            part = honest.recv(1 << 20)
            assert part
            read += len(part)
        for _ in range(3):
            longer_than_patience(address)
        released.set()
        assert one(honest).endswith(b"the end\r\n0\r\n\r\n")


@pytest.mark.lengthy
def test_a_socket_stays_open_however_long_nothing_is_said() -> None:
    async def parrot(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": (await receive())["text"]})

    with (
        served(patience=SHORT, app=parrot) as (host, port),
        connect(f"ws://{host}:{port}/", proxy=None) as page,
    ):
        longer_than_patience((host, port))
        page.send("still here")
        assert page.recv() == "still here"


@pytest.mark.lengthy
def test_whole_requests_are_answered_one_after_the_other(patient: tuple[str, int]) -> None:
    with connected(patient, REQUEST) as connection:
        for _ in range(3):
            assert one(connection).endswith(b"ok\r\n0\r\n\r\n")
            connection.sendall(REQUEST)
        one(connection)
        connection.sendall(POST + b"0123456789")
        assert b"0123456789" in one(connection)


@pytest.mark.lengthy
def test_who_asks_is_answered_whoever_keeps_the_server_waiting() -> None:
    with served(Crowd(10)) as address, ExitStack() as stack:
        waiting = [stack.enter_context(connected(address, b"GET / HTTP/1.1\r\n")) for _ in range(30)]

        for _ in range(5):
            with connected(address, REQUEST) as honest:
                assert honest.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert answered(waiting[0]) == b""


class One:
    """A connection of which only matters whether it was ended."""

    def __init__(self) -> None:
        self.is_dropped = self.is_over = False

    def drop(self) -> None:
        self.is_dropped = True


def test_the_one_that_was_waited_for_longest_makes_room() -> None:
    crowd, first, second = Crowd(2), One(), One()
    connections: list[Held] = [first, second]
    assert all(crowd.enter(each) for each in connections)
    crowd.waits(first)

    assert crowd.enter(One())
    assert (first.is_dropped, second.is_dropped) == (False, True)


def test_nobody_is_sent_away_while_being_answered() -> None:
    crowd, first = Crowd(1), One()
    crowd.enter(first)
    crowd.stays(first)

    assert not crowd.enter(One())
    assert not first.is_dropped
    crowd.leave(first)
    assert crowd.enter(One())


def test_a_socket_of_nobody_makes_room_and_one_of_somebody_stays() -> None:
    crowd, nobody, somebody = Crowd(2), One(), One()
    for each in (somebody, nobody):
        crowd.enter(each)
        crowd.becomes_socket(each)
    crowd.stays(somebody)

    assert crowd.enter(One())
    assert (nobody.is_dropped, somebody.is_dropped) == (True, False)


@pytest.mark.lengthy
def test_a_socket_that_has_ended_takes_no_room() -> None:
    crowd, somebody = Crowd(1), One()
    crowd.enter(somebody)
    crowd.becomes_socket(somebody)
    crowd.stays(somebody)
    assert not crowd.enter(One())

    somebody.is_over = True
    assert crowd.enter(One())
