"""Servers on this machine that take what is posted and mailed, and keep every byte of it."""

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

_Server = TypeVar("_Server", bound=socketserver.BaseServer)


@contextmanager
def listening(server: _Server) -> Iterator[_Server]:
    """Have a server serve while the block runs."""
    with server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()


class Webhook(ThreadingHTTPServer):
    """Takes what is posted; answers with other statuses first if it has any.

    came   all bytes of each request
    taken  what the body of each that was taken says, by its Idempotency-Key
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.came: list[bytes] = []
        self.taken: dict[str, Any] = {}
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Posted(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append(self.requestline.encode() + bytes(self.headers) + body)
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        if status < 300:
            self.server.taken[self.headers["Idempotency-Key"]] = json.loads(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Mailbox(socketserver.ThreadingTCPServer):
    """Takes mail by SMTP; answers the commands that begin so with other lines first if it has any.

    certificate  file with a key and the certificate that it shows; without, it speaks no TLS
    is_tls       from the start, in place of STARTTLS

    came   all lines that clients sent, as they are within TLS
    taken  each mail that was taken
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *extensions: str, certificate: Path | None = None, is_tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.extensions, self.is_tls = extensions, is_tls
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            self._context.load_cert_chain(certificate)
        self.came: list[bytes] = []
        self.taken: list[str] = []
        self.refusals: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"{'smtps' if self.is_tls else 'smtp'}://127.0.0.1:{self.server_address[1]}"

    def encrypted(self, plain: socket.socket) -> ssl.SSLSocket:
        """Return a connection by TLS; raise OSError if the client does not trust it."""
        return self._context.wrap_socket(plain, server_side=True)

    def answer(self, command: str) -> str:
        """Return what a command is answered."""
        if self.refusals and command.upper().startswith(self.refusals[0][0]):
            return self.refusals.pop(0)[1]
        if command.upper().startswith("EHLO"):
            *others, last = ["here", *self.extensions]
            return "".join(f"250-{each}\r\n" for each in others) + f"250 {last}"
        return _ANSWERS.get(command[:4].upper(), "250 fine")


_ANSWERS = {"STAR": "220 go on", "DATA": "354 go on", "AUTH": "235 known", "QUIT": "221 bye"}


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        try:
            self._talk()
        except OSError:
            return  # the client has gone, as who does not trust it does
        finally:
            self.connection.close()

    def _talk(self) -> None:
        if self.server.is_tls:
            self._encrypt()
        self._say("220 here")
        while line := self._line():
            answer = self.server.answer(line)
            self._say(answer)
            if answer.startswith("354"):
                self._take()
            elif line.upper() == "STARTTLS":
                self._encrypt()
            elif answer.startswith(("221", "421")):
                return

    def _encrypt(self) -> None:
        self.finish()
        self.connection = self.request = self.server.encrypted(self.connection)
        self.setup()

    def _take(self) -> None:
        lines = list(iter(self._line, "."))
        answer = self.server.answer("the mail itself")
        if answer.startswith("250"):
            self.server.taken.append("\n".join(lines))
        self._say(answer)

    def _line(self) -> str:
        line = self.rfile.readline()
        self.server.came.append(line)
        return line.decode().rstrip("\r\n")

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())
