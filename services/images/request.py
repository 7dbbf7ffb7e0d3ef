"""One https request: to the very address that was checked, for one host, with an end whatever comes back.

The name of the host is in the certificate that is asked for and in the header; it is not looked up again.
What the environment says of proxies is not looked at.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, NamedTuple

from services.images.images import MOST_BYTES, NoImage

MOST_S = 5.0
# Of headers, and of what chunks add.
_BESIDE_BYTES = 256 * 1024
_AGENT = "catenae-image-fetcher"
_GONE = frozenset((HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))

Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment, MOST_S seconds from now, by which all has to be over."""

    clock: Callable[[], float] = time.monotonic
    at_s: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_s", self.clock() + MOST_S)

    def left_s(self) -> float:
        """Return the seconds that are left; raise TimeoutError where there are none."""
        left_s = self.at_s - self.clock()
        if left_s <= 0:
            raise TimeoutError
        return left_s


class Answer(NamedTuple):
    """What a server sent: a body, or where to ask in place of this."""

    body: bytes
    location: str = ""


class Asked(NamedTuple):
    """What is asked for: the path and query `target` of a host, at its port, connected to by its address."""

    host: str
    port: int
    address: str
    target: str


def connected(address: str, port: int, timeout_s: float) -> socket.socket:
    """Return a connection to an address, which is no name."""
    return socket.create_connection((address, port), timeout_s)


def get(asked: Asked, tls: ssl.SSLContext, deadline: Deadline, connect: Connect = connected) -> Answer:
    """Ask, and return what comes back; raise NoImage for anything but a whole answer in time, of a size."""
    try:
        with connect(asked.address, asked.port, deadline.left_s()) as plain:
            plain.settimeout(deadline.left_s())
            with tls.wrap_socket(plain, server_hostname=asked.host) as line:
                return _answer(asked, _Line(line, deadline))
    except TimeoutError:
        raise NoImage("took too long") from None
    except (OSError, ValueError):
        raise NoImage("unreachable") from None
    except HTTPException:
        raise NoImage("odd answer") from None


def _answer(asked: Asked, line: "_Line") -> Answer:
    connection = HTTPConnection(asked.host)
    # It has one, and is never to open another by itself.
    connection.auto_open = 0
    connection.sock = line
    host = asked.host if asked.port == 443 else f"{asked.host}:{asked.port}"
    headers = {"Host": host, "User-Agent": _AGENT, "Accept-Encoding": "identity", "Connection": "close"}
    connection.request("GET", asked.target, headers=headers)
    with connection.getresponse() as response:
        if response.status in _REDIRECTS:
            return Answer(b"", _location(response))
        if response.status != HTTPStatus.OK:
            raise NoImage("gone" if response.status in _GONE else "refused")
        return Answer(_body(response))


def _location(response: HTTPResponse) -> str:
    found = response.getheader("location")
    if not found:
        raise NoImage("odd answer")
    return found


def _body(response: HTTPResponse) -> bytes:
    if response.getheader("content-encoding", "identity").lower() != "identity":
        raise NoImage("odd answer")
    if (response.length or 0) > MOST_BYTES:
        raise NoImage("too large")
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise NoImage("too large")
    if response.length:
        raise NoImage("cut short")
    return body


class _Line:
    """What HTTPConnection needs of a socket; each wait on it is for no longer than is left in all."""

    def __init__(self, line: ssl.SSLSocket, deadline: Deadline) -> None:
        self._line, self._deadline = line, deadline

    def sendall(self, content: Any) -> None:
        self._line.settimeout(self._deadline.left_s())
        self._line.sendall(content)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Received(self._line, self._deadline))

    def close(self) -> None:
        """Leave it to whoever opened it."""


class _Received(io.RawIOBase):
    def __init__(self, line: ssl.SSLSocket, deadline: Deadline) -> None:
        super().__init__()
        self._line, self._deadline = line, deadline
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._line.settimeout(self._deadline.left_s())
        count = self._line.recv_into(buffer)
        self._bytes += count
        if self._bytes > MOST_BYTES + _BESIDE_BYTES:
            raise NoImage("too large")
        return count
