"""`/live`, `/ready` and `/metrics` over HTTP, for the container platform and for Prometheus."""

import errno
import json
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from types import TracebackType
from typing import Any, NamedTuple, Self

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from catenae.errors import ConfigError
from catenae.observability.health import Probes, Verdict

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
_REQUEST_TIMEOUT_S = 5.0
_CLOSE_WITHIN_S = 0.1


class MonitoringServer:
    """Serves the probes and metrics of a process from a thread, until closed."""

    def __init__(self, probes: Probes, metrics: Collector, port: int, host: str = LOOPBACK) -> None:
        """Listen on `host` and `port`, 0 for any free port. Raises ConfigError where that is impossible."""
        with _explaining(host, port):
            self._server = _Server(_endpoint(host, port), probes, metrics)
        self._thread = Thread(
            target=self._server.serve_forever, args=(_CLOSE_WITHIN_S,), name="monitoring", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening; the port is free afterwards. Closing again does nothing."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def is_taken(host: str, port: int) -> bool:
    """Say whether somebody listens there now. Where nobody could, nobody does."""
    try:
        _bind(host, port)
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    except (OverflowError, ValueError):
        return False
    return False


def free_port(host: str) -> int:
    """Return a port that nobody listens on at the moment; raise ConfigError for a host that is not here."""
    with _explaining(host, 0):
        return _bind(host, 0)


def host_in_url(host: str) -> str:
    """Return a host as it stands in a URL, an address of IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _bind(host: str, port: int) -> int:
    endpoint = _endpoint(host, port)
    with socket.socket(endpoint.family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(endpoint.address)
        return int(probe.getsockname()[1])


@contextmanager
def _explaining(host: str, port: int) -> Iterator[None]:
    """Raise whatever keeps a server from listening there as ConfigError."""
    try:
        yield
    except (OSError, OverflowError, ValueError) as error:
        raise ConfigError(
            f"monitoring cannot listen on {host_in_url(host)}:{port}: "
            f"{getattr(error, 'strerror', None) or error}. Choose a --http-host of this machine and another "
            f"port, or have nothing served with --http-port 0"
        ) from error


class _Endpoint(NamedTuple):
    """Where to listen: the family of addresses, and the address as that family has it."""

    family: socket.AddressFamily
    address: Any


def _endpoint(host: str, port: int) -> _Endpoint:
    """Look up a name or an address of IPv4 or IPv6; raise OSError or ValueError if there is none.

    Of a name that has both, such as localhost, the one of IPv4 counts, which is where it is looked for.
    """
    found = socket.getaddrinfo(host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # Not by the look-up, which takes port 70000 for 4464.
    endpoints = [_Endpoint(family, (address[0], port, *address[2:])) for family, _, _, _, address in found]
    return next((each for each in endpoints if each.family == socket.AF_INET), endpoints[0])


class _Server(ThreadingMixIn, TCPServer):
    """One thread per request. Not an HTTPServer, which asks the DNS for the host's name."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, endpoint: _Endpoint, probes: Probes, metrics: Collector) -> None:
        self.address_family = endpoint.family
        self.probes = probes
        self.metrics = metrics
        super().__init__(endpoint.address, _Handler)

    def handle_error(self, *_client: Any) -> None:
        """Log what went wrong, unless it is that the client went away."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            logger.warning("monitoring request failed", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: _Server
    timeout = _REQUEST_TIMEOUT_S
    server_version = "catenae"
    sys_version = ""

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/live":
                self._answer_verdict(self.server.probes.live)
            case "/ready":
                self._answer_verdict(self.server.probes.ready)
            case "/metrics":
                self._answer(200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self.server.metrics))
            case _:
                self._answer(404, "text/plain", b"there are /live, /ready and /metrics\n")

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for

    def _refuse(self) -> None:
        self._answer(405, "text/plain", b"only GET and HEAD\n", {"Allow": "GET, HEAD"})

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815 - as above

    def _answer_verdict(self, verdict: Verdict) -> None:
        body = json.dumps({"ok": verdict.is_ok, "reason": verdict.reason}) + "\n"
        self._answer(200 if verdict.is_ok else 503, "application/json", body.encode())

    def _answer(
        self, status: int, content_type: str, body: bytes, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        fields = {"Content-Type": content_type, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        for name, value in (fields | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log no request: a probe every second would bury everything else."""
