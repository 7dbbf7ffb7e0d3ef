"""The port of the API: replicas share it, and nobody else gets any of their requests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from catenae import ConfigError
from services.api.listening import alive, listen

ANYWHERE = ("127.0.0.1", 0)


@contextmanager
def answering(listening: socket.socket, answer: bytes) -> Iterator[tuple[str, int]]:
    """Have a socket answer whoever asks, once; give its address."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    with listening:
        thread.start()
        yield listening.getsockname()
        thread.join(5)


def said(mark: str) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + alive(mark).encode()


def test_a_replica_shares_the_port() -> None:
    with answering(listen(ANYWHERE, "mine"), said("mine")) as address, listen(address, "mine") as second:
        assert second.getsockname() == address


@pytest.mark.parametrize("answer", [said("another"), b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 404 No\r\n\r\n"])
def test_a_port_that_something_else_has_is_refused(answer: bytes) -> None:
    with (
        answering(listen(ANYWHERE, "another"), answer) as address,
        pytest.raises(ConfigError, match="something else listens there"),
    ):
        listen(address, "mine")


def test_a_port_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="the API cannot listen on"):
        listen(("127.0.0.1", 99999), "mine")
