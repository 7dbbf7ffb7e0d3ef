"""An origin is scheme, host and port, however it is written; an address is the client's."""

from dataclasses import replace

import pytest
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from catenae import ConfigError
from services.api.application import Application, application
from services.api.client_address import Header, client_address, trusted_networks
from services.api.collaborators import Collaborators
from services.api.origins import Origin
from services.api.server import origins


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("https://screening.example:443", "https://screening.example"),
        ("https://Screening.Example", "https://screening.example"),
        ("HTTPS://screening.example.", "https://screening.example"),
        ("https://b\xfccher.example", "https://xn--bcher-kva.example"),
        ("https://screening.example:8443", "https://screening.example:8443"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_taken_however_it_is_written(
    given: str, written: str, here: Collaborators, built: Application
) -> None:
    assert origins(given, 8080) == (written,)
    served = application(replace(here, site=replace(here.site, origins=(given,))))

    with TestClient(served, base_url=written, headers={"Origin": written}) as browser:
        assert browser.get("/api/v1/sign-in").status_code == 200
        assert browser.post("/api/v1/sign-in", json={"name": "a", "password": "b"}).status_code == 401
        host = {"Host": written.partition("//")[2].upper()}
        assert browser.get("/api/v1/sign-in", headers=host).status_code == 200
        for other in ("https://evil.example", "http://screening.example:1", "null"):
            assert browser.get("/api/v1/sign-in", headers={"Origin": other}).status_code == 403


@pytest.mark.parametrize(
    "given",
    ["https://", "ftp://a", "https://a/b", "https://a?", "https://u@a", "https://a:x", "https://a..b", "a"],
)
def test_what_is_no_origin_is_refused(given: str) -> None:
    assert Origin.of(given) is None
    with pytest.raises(ConfigError, match="write scheme, host and port alone"):
        origins(given, 8080)


def address(header: Header, *said: str, peer: str = "10.0.0.1") -> str:
    pairs = [(header.encode(), each.encode()) for each in said]
    connection = HTTPConnection({"type": "http", "headers": pairs, "client": (peer, 1)})
    return client_address(connection, trusted_networks("10.0.0.0/24, ::1", is_secure=True), header)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7, 10.0.0.2"], "192.0.2.7"),
        (["198.51.100.1, 192.0.2.7, 10.0.0.2"], "192.0.2.7"),
        (["198.51.100.1", "192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7:5050"], "192.0.2.7"),
        (["[2001:db8::1]:5050"], "2001:db8::/64"),
        (["2001:db8::ffff"], "2001:db8::/64"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        (["unknown"], "10.0.0.1"),
        (["192.0.2.7, what, 10.0.0.2"], "10.0.0.2"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
    ],
)
def test_a_trusted_proxy_says_whose_a_request_is(said: list[str], found: str) -> None:
    assert address("x-forwarded-for", *said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("for=192.0.2.7;proto=https;by=10.0.0.1", "192.0.2.7"),
        ('by=10.0.0.1;For="[2001:db8::1]:4711"', "2001:db8::/64"),
        ("for=198.51.100.1, for=192.0.2.7, for=10.0.0.9", "192.0.2.7"),
        ("for=_hidden", "10.0.0.1"),
        ("proto=https", "10.0.0.1"),
    ],
)
def test_the_standard_header_is_read_where_it_is_the_proxys(said: str, found: str) -> None:
    assert address("forwarded", said) == found


def test_what_a_stranger_says_of_itself_counts_for_nothing() -> None:
    assert address("x-forwarded-for", "192.0.2.7", peer="203.0.113.9") == "203.0.113.9"


def test_proxies_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="trusted_proxies"):
        trusted_networks("10.0.0.1,proxy.example", is_secure=True)


@pytest.mark.parametrize(
    ("named", "is_secure", "known_as"),
    [
        ("", True, "192.0.2.7"),
        ("", False, "127.0.0.1"),
        ("10.0.0.1", True, "127.0.0.1"),
    ],
)
def test_where_no_proxy_is_named_it_is_this_machines_before_https_alone(
    named: str, known_as: str, *, is_secure: bool
) -> None:
    headers = [(b"x-forwarded-for", b"192.0.2.7")]
    connection = HTTPConnection({"type": "http", "headers": headers, "client": ("127.0.0.1", 1)})

    proxies = trusted_networks(named, is_secure=is_secure)

    assert client_address(connection, proxies, "x-forwarded-for") == known_as
