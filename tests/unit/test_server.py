"""Probes and metrics over HTTP."""

import logging
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest
from prometheus_client import CollectorRegistry, Counter

from catenae.clock import SystemClock
from catenae.errors import ConfigError
from catenae.observability.health import Health, Verdict
from catenae.observability.server import LOOPBACK, MonitoringServer, free_port, is_taken
from tests.patience import PATIENCE_S


class Answers:
    """Probes that say what they are told to."""

    live = Verdict(is_ok=True, reason="running")
    ready = Verdict(is_ok=False, reason="the broker does not answer")


class Broken:
    def collect(self) -> list[object]:
        raise ValueError


def request(port: int, method: str, path: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(LOOPBACK, port, timeout=PATIENCE_S)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    registry = CollectorRegistry()
    Counter("catenae_batches", "Batches", registry=registry).inc(3)
    with MonitoringServer(Answers(), registry, port=0) as server:
        yield server.port


def test_what_is_well_answers_200(port: int) -> None:
    response, body = request(port, "GET", "/live")

    assert (response.status, body) == (200, b'{"ok": true, "reason": "running"}\n')


def test_what_is_not_answers_503_with_the_reason(port: int) -> None:
    response, body = request(port, "GET", "/ready?verbose=1")

    assert (response.status, body) == (503, b'{"ok": false, "reason": "the broker does not answer"}\n')


def test_metrics_are_in_the_format_of_prometheus(port: int) -> None:
    response, body = request(port, "GET", "/metrics")

    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"catenae_batches_total 3.0\n" in body


def test_head_answers_without_a_body(port: int) -> None:
    with (
        socket.create_connection((LOOPBACK, port), timeout=PATIENCE_S) as connection,
        connection.makefile("rb") as stream,
    ):
        connection.sendall(b"HEAD /live HTTP/1.0\r\n\r\n")
        answer = stream.read()

    assert answer.startswith(b"HTTP/1.0 200 ")
    assert b"Content-Length: 34\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("POST", "/live", 405), ("DELETE", "/", 405)]
)
def test_anything_else_is_refused(port: int, method: str, path: str, status: int) -> None:
    assert request(port, method, path)[0].status == status


def test_a_busy_port_says_what_to_do(port: int) -> None:
    with pytest.raises(ConfigError, match=f"{port}.*another port"):
        MonitoringServer(Answers(), CollectorRegistry(), port)


def test_an_impossible_port_is_refused() -> None:
    with pytest.raises(ConfigError, match="another port"):
        MonitoringServer(Answers(), CollectorRegistry(), port=70_000)


@pytest.mark.lengthy
def test_a_closed_server_frees_its_port_and_a_failed_request_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = MonitoringServer(Answers(), Broken(), port=0)  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING), pytest.raises(ConnectionError):
        request(server.port, "GET", "/metrics")
    server.close()
    server.close()

    MonitoringServer(Answers(), CollectorRegistry(), server.port).close()

    assert caplog.messages == ["monitoring request failed"]


@pytest.mark.lengthy
def test_a_port_that_is_listened_on_is_not_free() -> None:
    with MonitoringServer(Health(SystemClock(), 30.0), CollectorRegistry(), 0) as server:
        assert is_taken("127.0.0.1", server.port)
        assert not is_taken("127.0.0.1", free_port("127.0.0.1"))


@pytest.mark.lengthy
@pytest.mark.parametrize("host", ["::1", "::"])
def test_probes_are_served_over_ipv6(host: str) -> None:
    with MonitoringServer(Answers(), CollectorRegistry(), 0, host) as server:
        assert is_taken(host, server.port)
        connection = HTTPConnection("::1", server.port, timeout=PATIENCE_S)
        connection.request("GET", "/live")
        assert connection.getresponse().status == 200
        connection.close()


@pytest.mark.parametrize("host", ["nosuchhost.invalid", "192.0.2.1", "a" * 70, "host\0name", "1:2:3"])
def test_a_host_that_is_not_here_is_one_line(host: str) -> None:
    assert not is_taken(host, 9464)
    with pytest.raises(ConfigError, match="--http-host of this machine"):
        free_port(host)
    with pytest.raises(ConfigError, match="--http-host of this machine"):
        MonitoringServer(Answers(), CollectorRegistry(), 9464, host)
