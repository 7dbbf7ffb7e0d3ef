"""Images on the web: by https, from hosts that are allowed, at addresses of the public internet."""

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from catenae import ConfigError
from services.images.addresses import public_address
from services.images.images import NoImage
from services.images.request import Asked, Connect, Deadline, connected, get

MOST_REDIRECTS = 3
_LONGEST_ADDRESS = 2000
_HOST = re.compile(r"(?=.{1,253}(:|$))[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?")
# Nothing that one reader of an address takes for another part of it than the next does.
_PLAIN = re.compile(r"[!-\[\]-~]+")

Resolve = Callable[[str, int], Sequence[str]]


class Place(NamedTuple):
    """An https address in its parts."""

    host: str
    port: int
    target: str

    @property
    def name(self) -> str:
        """How it is called where hosts are allowed."""
        return self.host if self.port == 443 else f"{self.host}:{self.port}"


class WebImages:
    """Asks the hosts that are allowed, and no other, wherever one of them sends it.

    hosts    "images.example.org", or "images.example.org:8443" for another port than that of https
    take     waits for a host's turn, and raises TransientError where there is none
    resolve  returns the addresses of a host; they are looked up once, and what is connected to is what was
             checked
    """

    def __init__(
        self,
        hosts: Sequence[str],
        take: Callable[[str], None],
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        connect: Connect = connected,
    ) -> None:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ConfigError(
                    f"option 'hosts' of ImageFetcher names {host!r}; give names of hosts in lower case, as "
                    f"images.example.org, or with a port"
                )
        self._hosts = frozenset(host.removesuffix(":443") for host in hosts)
        self._take = take
        self._tls = tls or ssl.create_default_context()
        self._resolve = resolve or resolved
        self._connect = connect
        # Looking a name up knows no time-out; whoever waits does.
        self._lookups = ThreadPoolExecutor(max_workers=8, thread_name_prefix="lookup")

    def close(self) -> None:
        # One that does not end is left to itself.
        self._lookups.shutdown(wait=False, cancel_futures=True)

    def read(self, name: str) -> bytes:
        place = self._allowed(name)
        self._take(place.name)
        deadline = Deadline()
        for left in reversed(range(MOST_REDIRECTS + 1)):
            answer = get(self._checked(place, deadline), self._tls, deadline, self._connect)
            if not answer.location:
                return answer.body
            if not left:
                break
            name = urljoin(name, answer.location)
            place = self._allowed(name)
            self._take(place.name)
        raise NoImage("too many redirects")

    def _allowed(self, name: str) -> Place:
        place = place_of(name)
        if place.name not in self._hosts:
            raise NoImage("host not allowed")
        return place

    def _checked(self, place: Place, deadline: Deadline) -> Asked:
        try:
            looked_up = self._lookups.submit(self._resolve, place.host, place.port)
            addresses = looked_up.result(deadline.left_s())
        except TimeoutError:
            raise NoImage("took too long") from None
        except (OSError, UnicodeError):
            raise NoImage("unreachable") from None
        return Asked(place.host, place.port, public_address(addresses), place.target)


def place_of(name: str) -> Place:
    """Return the parts of an https address; raise NoImage for any other, and for one that is unclear."""
    if len(name) > _LONGEST_ADDRESS or not _PLAIN.fullmatch(name):
        raise NoImage("bad address")
    try:
        parts = urlsplit(name)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise NoImage("bad address") from None
    if parts.scheme != "https":
        raise NoImage("not https")
    if "@" in parts.netloc or not _HOST.fullmatch(host):
        raise NoImage("bad address")
    return Place(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as this machine finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))
