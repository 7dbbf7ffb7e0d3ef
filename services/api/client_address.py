"""Whose address a request has: that of the connection, or what a trusted proxy in between says it is."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

from starlette.requests import HTTPConnection

from catenae import ConfigError

Header = Literal["x-forwarded-for", "forwarded"]
Network = IPv4Network | IPv6Network

THIS_MACHINE: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1"))

_FOR = re.compile(r"(?:^|;)\s*for=(?P<node>\"[^\"]*\"|[^;,\s\"]+)", re.IGNORECASE)
_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(:\d+)?")
# Who has one address of a network of this size at home has all of them.
_HOME_BITS = 64


def trusted_networks(text: str, *, is_secure: bool) -> tuple[Network, ...]:
    """Return the proxies named in an option: addresses and networks, parted by commas. Raises ConfigError.

    Where none is named and browsers come by https, what comes from this machine comes from the proxy that has
    the certificate.
    """
    if not text.strip() and is_secure:
        return THIS_MACHINE
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ConfigError(
            f"option 'trusted_proxies' of ApiServer is {text!r}; write addresses or networks, parted by "
            f"commas: 10.0.0.5,10.1.0.0/16"
        ) from error


def client_address(connection: HTTPConnection, proxies: Sequence[Network], header: Header) -> str:
    """Return by which address a client is known: its own, or the network of a home.

    What a proxy says is taken from the end, where the nearest one has written; a client may have put anything
    before that. It ends at the first address that is not a trusted proxy's.
    """
    peer = connection.client.host if connection.client is not None else ""
    said = ",".join(connection.headers.getlist(header)).split(",")
    found = peer
    while _is_trusted(found, proxies) and said:
        before = _node(said.pop(), header)
        if before is None:
            break
        found = before
    return _known_as(found)


def _node(text: str, header: Header) -> str | None:
    """Return the address in an element of the header, None where there is none."""
    if header == "forwarded":
        named = _FOR.search(text)
        text = named["node"].strip('"') if named else ""
    bare = text.strip()
    if bare.count(":") < 2 or bare.startswith("["):
        with_port = _PORT.fullmatch(bare)
        bare = with_port["host"].strip("[]") if with_port else ""
    try:
        return str(ip_address(bare))
    except ValueError:
        return None


def _is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in proxies)


def _known_as(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _HOME_BITS), strict=False))
