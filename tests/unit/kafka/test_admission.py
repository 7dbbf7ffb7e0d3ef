"""Who is not let in by Kafka is told why, before any client tries."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catenae.brokers.kafka.admission import Admission, NotAdmitted
from catenae.brokers.kafka.entry import Entry
from catenae.errors import BrokerUnavailable, ConfigError

NO_SASL, UNKNOWN_MECHANISM, FINE, WRONG = 34, 33, 0, 58
PASSWORD = {"sasl.mechanism": "PLAIN", "sasl.username": "ann", "sasl.password": "secret"}

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve answers, in order, on a port; each connection gets what is left of them."""
    listening: list[socket.socket] = []

    def serve(*answers: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)
        threading.Thread(target=_answer, args=(server, list(answers)), daemon=True).start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield serve
    for each in listening:
        each.close()


def _answer(server: socket.socket, answers: list[bytes]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            while answers and connection.recv(4096):
                body = bytes(4) + answers.pop(0)
                connection.sendall(len(body).to_bytes(4) + body)


def mechanisms(error: int, *names: str) -> bytes:
    listed = b"".join(len(name).to_bytes(2) + name.encode() for name in names)
    return error.to_bytes(2) + len(names).to_bytes(4) + listed


def authenticated(error: int) -> bytes:
    return error.to_bytes(2) + (0xFFFF).to_bytes(2) + bytes(4)


def admit(server: str, **properties: str) -> None:
    dotted = {name.replace("_", "."): value for name, value in properties.items()}
    Admission([server], Entry.of(dotted), timeout_s=2.0).require()


def test_a_plain_port_lets_in_who_comes_in_plain(serve: Serve) -> None:
    admit(serve(mechanisms(NO_SASL)))


def test_the_right_password_is_let_in(serve: Serve) -> None:
    server = serve(mechanisms(FINE, "PLAIN"), authenticated(FINE))

    admit(server, security_protocol="SASL_PLAINTEXT", **PASSWORD)


@pytest.mark.parametrize(
    ("answers", "protocol", "found"),
    [
        ([mechanisms(FINE, "PLAIN")], "PLAINTEXT", "it wants SASL, and security.protocol is PLAINTEXT"),
        ([mechanisms(NO_SASL)], "SASL_PLAINTEXT", "it has no SASL, and security.protocol is SASL_PLAINTEXT"),
        ([mechanisms(UNKNOWN_MECHANISM, "GSSAPI")], "SASL_PLAINTEXT", "of SASL are GSSAPI, .* is PLAIN"),
        (
            [mechanisms(FINE), authenticated(WRONG)],
            "SASL_PLAINTEXT",
            "sasl.username or sasl.password is wrong",
        ),
    ],
)
def test_who_is_not_let_in_is_told_why(serve: Serve, answers: list[bytes], protocol: str, found: str) -> None:
    with pytest.raises(NotAdmitted, match=f"127.0.0.1:.* refuses the connection: .*{found}") as refused:
        admit(serve(*answers), security_protocol=protocol, **PASSWORD)
    assert "secret" not in str(refused.value)


def test_one_server_that_lets_in_is_enough(serve: Serve) -> None:
    closed, plain = "127.0.0.1:1", serve(mechanisms(NO_SASL))

    Admission([closed, plain], Entry.of({})).require()


def test_servers_that_are_away_are_waited_for(serve: Serve) -> None:
    with pytest.raises(BrokerUnavailable, match=r"connecting to 127\.0\.0\.1:1: .*refused"):
        admit("127.0.0.1:1")


@pytest.mark.parametrize("name", ["ssl.ca.location", "ssl_cafile", "ssl.key.location"])
def test_a_file_that_is_missing_is_named(name: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "ca.pem")

    with pytest.raises(ConfigError, match=f"names '{missing}', where no file is"):
        Entry.of({"security.protocol": "SSL", name: missing})


def test_a_file_without_a_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")

    with pytest.raises(ConfigError, match=r"that the Kafka properties ssl\.… name cannot be used"):
        Entry.of({"security.protocol": "SSL", "ssl.ca.location": str(tmp_path / "ca.pem")})


def test_credentials_are_in_no_repr() -> None:
    assert "secret" not in repr(Entry.of({"security.protocol": "SASL_PLAINTEXT", **PASSWORD}))
