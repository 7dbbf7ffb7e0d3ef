"""Images on the web: nobody is asked who may not be, and no answer costs more than it may."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509

from catenae import ConfigError
from services.images import request
from services.images.addresses import is_public
from services.images.images import MOST_BYTES, NoImage
from services.images.request import connected
from services.images.web import MOST_REDIRECTS, WebImages, place_of
from tests.certificates import write_certificate
from tests.services.images.files import image
from tests.services.images.hostile_server import HOST, HostileServer

pytestmark = pytest.mark.lengthy

PUBLIC = "93.184.216.34"
NOT_PUBLIC = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1"),
    *("::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1", "localhost", ""),
]
CONTENT = image("JPEG")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "images.pem"
    write_certificate(path, x509.DNSName(HOST))
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[HostileServer]:
    with closing(HostileServer(certificate, CONTENT)) as served:
        yield served


class Reader:
    """Reads from a server that is at PUBLIC, as far as anybody can tell.

    connected  the addresses used
    turns      of which hosts turns were taken
    """

    def __init__(self, server: HostileServer, certificate: Path, *addresses: str) -> None:
        self.connected: list[str] = []
        self.turns: list[str] = []
        self.lookups = 0
        self._server = server
        self._addresses = addresses or (PUBLIC,)
        tls = ssl.create_default_context(cafile=str(certificate))
        hosts = (HOST, "other.example.org", f"{HOST}:8443")
        self.images = WebImages(hosts, self.turns.append, tls, self._resolve, self._connect)

    def _resolve(self, host: str, port: int) -> list[str]:
        self.lookups += 1
        return list(self._addresses)

    def _connect(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self._server.port), timeout_s)

    def read(self, path: str) -> bytes:
        return self.images.read(f"https://{HOST}/{path}")

    def why_not(self, name: str) -> str:
        with pytest.raises(NoImage) as raised:
            self.images.read(name if "://" in name else f"https://{HOST}/{name}")
        return raised.value.reason


@pytest.fixture
def reader(server: HostileServer, certificate: Path) -> Iterator[Reader]:
    made = Reader(server, certificate)
    with closing(made.images):
        yield made


def test_an_image_is_read_from_the_address_that_was_checked(server: HostileServer, reader: Reader) -> None:
    assert reader.read("image.jpg") == CONTENT
    assert (reader.connected, server.asked) == ([PUBLIC], [(HOST, "/image.jpg")])
    assert reader.turns == [HOST]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"http://{HOST}/image.jpg", "not https"),
        (f"ftp://{HOST}/image.jpg", "not https"),
        ("file:///etc/passwd", "not https"),
        (f"HTTPS://{HOST}.evil.example/image.jpg", "host not allowed"),
        ("https://evil.example/image.jpg", "host not allowed"),
        (f"https://evil.example/{HOST}", "host not allowed"),
        (f"https://{HOST}@evil.example/", "bad address"),
        (f"https://evil.example\\@{HOST}/", "bad address"),
        (f"https://{HOST}:8080/image.jpg", "host not allowed"),
        (f"https://{HOST}:99999/image.jpg", "bad address"),
        (f"https://{HOST}./image.jpg", "bad address"),
        (f"https://{HOST}\r\nX: y/image.jpg", "bad address"),
        (f"https://{HOST}/a b", "bad address"),
        (f"https://{HOST}/\u202e", "bad address"),
        ("https://[::1]/image.jpg", "bad address"),
        ("https://[::1", "bad address"),
        ("https://127.0.0.1/image.jpg", "host not allowed"),
        ("https://2130706433/image.jpg", "host not allowed"),
        ("https:///image.jpg", "bad address"),
        (f"https://{HOST}/{'x' * 2000}", "bad address"),
        ("data://image/png;base64,aaaa", "not https"),
    ],
)
def test_nobody_is_asked_by_another_address_than_that_of_an_allowed_host(
    server: HostileServer, reader: Reader, name: str, reason: str
) -> None:
    assert reader.why_not(name) == reason
    assert (reader.lookups, reader.connected, reader.turns, server.connections) == (0, [], [], 0)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_allowed_host_that_is_at_no_public_address_is_not_asked(
    server: HostileServer, certificate: Path, address: str
) -> None:
    for addresses in ([address], [PUBLIC, address]):
        reader = Reader(server, certificate, *addresses)
        with closing(reader.images):
            assert reader.why_not("image.jpg") == "address not public"
        assert (reader.connected, server.connections) == ([], 0)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "2a00:1450::1"])
def test_addresses_of_the_public_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_the_machine_itself_is_not_asked_by_its_name(server: HostileServer) -> None:
    """With the lookups and connections of this machine, not with those of the tests."""
    place = f"localhost:{server.port}"
    with (
        closing(WebImages([place], lambda _host: None)) as images,
        pytest.raises(NoImage, match="not public"),
    ):
        images.read(f"https://{place}/image.jpg")
    assert server.connections == 0


def test_an_answer_that_changes_after_the_check_does_not_matter(
    server: HostileServer, certificate: Path
) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    reader = Reader(server, certificate)
    reader.images._resolve = lambda _host, _port: next(answers)
    with closing(reader.images):
        assert reader.read("image.jpg") == CONTENT
        assert reader.connected == [PUBLIC]
        assert reader.why_not("image.jpg") == "address not public"
    assert server.connections == 1


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://127.0.0.1/", "host not allowed"),
        ("https://[::1]/", "bad address"),
        ("https://169.254.169.254/latest/meta-data", "host not allowed"),
        ("//10.0.0.1/image.jpg", "host not allowed"),
        (f"http://{HOST}/image.jpg", "not https"),
        ("file:///etc/passwd", "not https"),
        ("data:image/png;base64,aaaa", "not https"),
        ("//evil.example/", "host not allowed"),
    ],
)
def test_a_redirect_is_checked_as_the_first_address_was(
    server: HostileServer, reader: Reader, address: str, reason: str
) -> None:
    assert reader.why_not(f"to/{quote(address, safe='')}") == reason
    assert (reader.connected, server.connections) == ([PUBLIC], 1)


def test_a_redirect_to_an_allowed_host_that_is_at_a_private_address_is_not_followed(
    server: HostileServer, certificate: Path
) -> None:
    reader = Reader(server, certificate)
    at = {HOST: [PUBLIC], "other.example.org": ["192.168.0.1"]}
    reader.images._resolve = lambda host, _port: at[host]
    with closing(reader.images):
        assert reader.why_not(f"to/{quote('//other.example.org/image.jpg', safe='')}") == "address not public"
    assert (reader.connected, reader.turns) == ([PUBLIC], [HOST, "other.example.org"])


def test_so_many_redirects_are_followed_and_no_more(server: HostileServer, reader: Reader) -> None:
    assert reader.read(f"count/{MOST_REDIRECTS}") == CONTENT
    assert reader.why_not(f"count/{MOST_REDIRECTS + 1}") == "too many redirects"
    assert server.connections == 2 * (MOST_REDIRECTS + 1)


def test_a_host_must_be_the_one_that_its_certificate_names(reader: Reader) -> None:
    assert reader.why_not("https://other.example.org/image.jpg") == "unreachable"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("one-more", "too large"),
        ("one-more-unsaid", "too large"),
        ("says-it-is-large", "too large"),
        ("endless", "too large"),
        ("endless-chunks", "too large"),
        ("endless-headers", "odd answer"),
        ("endless-waits", "too large"),
        ("long-header", "odd answer"),
        ("short", "cut short"),
        ("packed", "odd answer"),
        ("nowhere", "odd answer"),
        ("no-http", "odd answer"),
        ("status/404", "gone"),
        ("status/410", "gone"),
        ("status/403", "refused"),
        ("status/429", "refused"),
        ("status/500", "refused"),
        ("status/206", "refused"),
    ],
)
def test_an_answer_that_is_not_an_image_of_a_size_is_a_reason(reader: Reader, path: str, reason: str) -> None:
    assert reader.why_not(path) == reason


def test_an_answer_may_have_so_many_bytes(reader: Reader) -> None:
    assert len(reader.read("full")) == MOST_BYTES


@pytest.mark.parametrize("path", ["silent", "slow-headers", "slow-body"])
def test_an_answer_that_never_ends_ends(reader: Reader, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(request, "MOST_S", 0.5)
    began_s = time.monotonic()

    assert reader.why_not(path) == "took too long"
    # Bytes go on to come; whoever waited for each anew would wait for as long as they do.
    assert time.monotonic() - began_s < 5


def test_a_name_server_that_does_not_answer_is_not_waited_for(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "MOST_S", 0.2)
    reader.images._resolve = lambda _host, _port: time.sleep(0.6) or []  # type: ignore[func-returns-value]

    assert reader.why_not("image.jpg") == "took too long"
    assert reader.connected == []


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(), socket.gaierror(), UnicodeError(), OSError(113, "x")]
)
def test_a_host_that_is_not_there_is_a_reason(certificate: Path, error: Exception) -> None:
    def take(_host: str) -> None:
        """Whenever it is asked for."""

    for resolve, connect in ((failing(error), connected), (lambda *_: [PUBLIC], failing(error))):
        images = WebImages([HOST], take, resolve=resolve, connect=connect)
        with closing(images), pytest.raises(NoImage, match="unreachable"):
            images.read(f"https://{HOST}/image.jpg")


@pytest.mark.parametrize(
    "host", ["https://x.org", "x.org/", "*", "", "X.org", "x.org:", "x_y.org", "-x", "x.org:0"]
)
def test_what_is_no_host_cannot_be_allowed(host: str) -> None:
    with pytest.raises(ConfigError, match="give names of hosts"):
        WebImages([host], lambda _host: None)


def test_a_port_is_part_of_what_is_allowed() -> None:
    assert [place_of(f"https://{HOST}{port}/").name for port in ("", ":443", ":8443")] == [
        HOST,
        HOST,
        f"{HOST}:8443",
    ]
