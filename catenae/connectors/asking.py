"""A server that is asked by HTTP, by Python's own client: what is away is told from what refuses."""

import base64
import http.client
import ipaddress
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

from catenae.errors import CatenaeError, ConfigError, TransientError
from catenae.secret import Secret

# What a server says that may go by itself.
PASSING = frozenset((408, 425, 429, *range(500, 600)))


class ServerAway(TransientError):
    """The server has not answered, or asks to come again."""


class ServerRefuses(CatenaeError):
    """The server will not take what was sent, now or later."""


def bearer(token: Secret | None) -> Secret | None:
    """Return the header by which a token is shown; None without one."""
    return None if token is None else Secret(f"Bearer {token.reveal()}")


def basic(user: str, password: Secret | None) -> Secret | None:
    """Return the header by which a user is known; None without a password."""
    if password is None:
        return None
    return Secret(f"Basic {base64.b64encode(f'{user}:{password.reveal()}'.encode()).decode()}")


def is_this_machine(host: str) -> bool:
    """Say whether what is sent there leaves this machine for no network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _NoDetour(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: what was sent would be left out, and a token shown to another server."""

    def redirect_request(self, *_: object) -> None:
        return None


class HttpServer:
    """Answers, one request after the other. Thread-safe.

    url            of http or https, in front of every path; who knows the user is not part of it. Whoever
                   leads elsewhere refuses: nothing is sent to another address
    authorization  the header of that name, whole
    """

    def __init__(self, url: str, timeout_s: float, authorization: Secret | None) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https"):
            raise ConfigError(f"option 'url' is {url!r}; give one of http or https")
        if "@" in parts.netloc:
            raise ConfigError("option 'url' has a user or password in it, which others could read; remove it")
        self._url, self._timeout_s, self._authorization = url, timeout_s, authorization
        self._opener = urllib.request.build_opener(_NoDetour)

    def ask(
        self, path: str = "", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Return what is said to a GET, or to a POST of a body. Raises ServerAway or ServerRefuses."""
        request = urllib.request.Request(self._url + path, body, dict(headers or {}))  # noqa: S310  checked
        if self._authorization is not None:
            request.add_header("Authorization", self._authorization.reveal())
        host = urllib.parse.urlsplit(self._url).netloc
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                data: bytes = answer.read()
                return data
        except urllib.error.HTTPError as error:
            kind = ServerAway if error.code in PASSING else ServerRefuses
            detour = "; name the address that it leads to" if 300 <= error.code < 400 else ""
            raise kind(f"{host} answers with status {error.code}{detour}") from error
        except (OSError, http.client.HTTPException) as error:
            raise ServerAway(f"{host} does not answer: {type(error).__name__}") from error
