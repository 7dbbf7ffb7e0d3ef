"""Why no cluster is found, told by what answers at the port."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from catenae.stores.aerospike_address import AerospikeAddress
from catenae.stores.aerospike_probe import INFO, VERSION, probe


def says(answer: bytes) -> Callable[[socket.socket], None]:
    def answered(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(answer)

    return answered


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Answer one connection; give the address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


PLAIN = bytes([VERSION, INFO]) + (18).to_bytes(6) + b"cluster-name\tblue\n"
TLS_REFUSES = bytes([0x15, 3, 3, 0, 2, 2, 40])


@pytest.mark.parametrize(
    ("answer", "options", "found"),
    [
        (PLAIN, "?tls=true", "speaks without TLS: leave tls=true out"),
        (TLS_REFUSES, "", "speaks TLS: add tls=true"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "", "speaks another protocol than Aerospike's"),
        (PLAIN, "?cluster_name=red", "is of the cluster 'blue', the URL asks for 'red'"),
    ],
)
def test_what_no_waiting_mends_is_named(answer: bytes, options: str, found: str) -> None:
    with server(says(answer)) as address:
        cause = probe(AerospikeAddress.parse(f"//{address}/test{options}"))

    assert found in cause.text
    assert address in cause.text
    assert not cause.may_pass


@pytest.mark.parametrize(
    ("answer", "found"), [(b"", "closes connections"), (PLAIN, "answers and lets no client in")]
)
def test_what_starting_looks_like_may_pass(answer: bytes, found: str) -> None:
    with server(says(answer)) as address:
        cause = probe(AerospikeAddress.parse(f"//{address}/test"))

    assert found in cause.text
    assert cause.may_pass


def test_a_port_without_a_server_and_an_unknown_name_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    assert "has nothing that listens" in probe(AerospikeAddress.parse(f"//127.0.0.1:{port}/test")).text
    assert "name that is not known" in probe(AerospikeAddress.parse("//no.such.host.invalid/test")).text


def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        cause = probe(AerospikeAddress.parse(f"//127.0.0.1:{port}/test?timeout_s=0.05"))

    assert "says nothing within 0.05 s" in cause.text


def test_of_several_hosts_the_one_that_must_be_corrected_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        closed = listening.getsockname()[1]
    with server(says(TLS_REFUSES)) as address:
        cause = probe(AerospikeAddress.parse(f"//127.0.0.1:{closed},{address}/test"))

    assert "speaks TLS" in cause.text
