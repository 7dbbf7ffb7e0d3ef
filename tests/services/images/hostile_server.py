"""A server of images that does by https whatever a server can do, and counts who connects to it."""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from services.images.images import MOST_BYTES

HOST = "images.example.org"
OK = b"HTTP/1.1 200 OK\r\n"
# Fast enough for a time-out of each wait, and far too slow for one of all.
DRIP_S = 0.02


@dataclass(frozen=True, slots=True)
class Endless:
    """A beginning, and then a part over and over, with a pause before each or as fast as it goes."""

    beginning: bytes
    part: bytes
    pause_s: float = 0.0

    def __iter__(self) -> Iterator[bytes]:
        yield self.beginning
        # With a pause it ends after some seconds, so that whoever has no end of waiting is found out.
        for _ in range(250) if self.pause_s else iter(int, 1):
            time.sleep(self.pause_s)
            yield self.part


def sized(size: int, content: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % size + content


def redirect(address: str) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: " + address.encode() + b"\r\nContent-Length: 0\r\n\r\n"


ANSWERS: Mapping[str, Iterable[bytes]] = {
    "full": [sized(MOST_BYTES, b"x" * MOST_BYTES)],
    "one-more": [sized(MOST_BYTES + 1, b"x" * (MOST_BYTES + 1))],
    "one-more-unsaid": [OK + b"\r\n" + b"x" * (MOST_BYTES + 1)],
    "says-it-is-large": Endless(sized(2**40, b""), b"", DRIP_S),
    "endless": Endless(OK + b"\r\n", b"x" * 65536),
    "endless-chunks": Endless(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", (b"3e8\r\n" + b"x" * 1000 + b"\r\n") * 60
    ),
    "endless-headers": Endless(OK, b"X: y\r\n" * 10_000),
    "endless-waits": Endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "long-header": [OK + b"X: " + b"y" * 100_000 + b"\r\n\r\n"],
    "silent": Endless(b"", b"", DRIP_S),
    "slow-headers": Endless(OK, b"X", DRIP_S),
    "slow-body": Endless(sized(10_000, b""), b"x", DRIP_S),
    "packed": [OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b"],
    "nowhere": [b"HTTP/1.1 302 Found\r\n\r\n"],
    "no-http": [b"220 mail.example.org ESMTP\r\n"],
}


def answer(path: str, content: bytes) -> Iterator[bytes]:
    """Yield what is sent for a path, part by part."""
    kind, _, rest = path.strip("/").partition("/")
    if kind == "status":
        yield f"HTTP/1.1 {rest} Something\r\nContent-Length: 0\r\n\r\n".encode()
    elif kind == "to":
        yield redirect(unquote(rest))
    elif kind == "count":
        yield redirect(f"/count/{int(rest) - 1}") if rest != "0" else sized(len(content), content)
    elif kind == "image.jpg":
        yield sized(len(content), content)
    elif kind == "short":
        yield sized(len(content) + 1, content)
    else:
        yield from ANSWERS[kind]


class HostileServer:
    """Serves on the loopback interface. `content` is its one image.

    connections  how many it has had
    asked        the line `Host` and the path of each request
    """

    def __init__(self, certificate: Path, content: bytes) -> None:
        self.connections = 0
        self.asked: list[tuple[str, str]] = []
        self._content = content
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._closed = False
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._closed = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            plain, _ = self._listener.accept()
            if self._closed:
                plain.close()
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(plain,)))
            self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            plain.settimeout(5.0)
            with plain, self._tls.wrap_socket(plain, server_side=True) as line:
                request = b""
                while b"\r\n\r\n" not in request:
                    part = line.recv(65536)
                    if not part:
                        return
                    request += part
                lines = request.decode().split("\r\n")
                path = lines[0].split(" ")[1]
                host = next(each[6:] for each in lines if each.startswith("Host: "))
                self.asked.append((host, path))
                for sent in answer(path, self._content):
                    if self._closed:
                        return
                    line.sendall(sent)
        except OSError:
            # Whoever asked has heard enough.
            return
