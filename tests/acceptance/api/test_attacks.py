"""The server under attack by who has no account: others are answered, and logs and memory stay bounded."""

import logging
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles

import pytest

from services.api.connections import HEAD_BYTES
from tests.acceptance.command import ROOT
from tests.patience import PATIENCE_S, until
from tests.servers.ports import free_ports

pytestmark = pytest.mark.acceptance

logger = logging.getLogger(__name__)

FILES, ATTACKERS, HONEST = 1024, 1300, 200
MOST_S, MOST_LOG_BYTES, MOST_BYTES = 0.2, 200_000, 200 * 2**20


class Api:
    """A server as `catenae work` runs it, that may have as many files open as is usual."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.log = folder / "log"
        command = [sys.executable, "-m", "catenae", "work", "topologies/depression.py", "api"]
        command += ["--data", str(folder / "data"), "--http-port", "0", "--option", f"port={self.port}"]
        limited = ["sh", "-c", f'ulimit -n {FILES}; exec "$@"', "sh", *command]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(limited, cwd=ROOT, stdout=log, stderr=log)
        until(self.answers)

    def answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        try:
            return self.asked_s() > 0
        except OSError:
            return False

    def asked_s(self) -> float:
        """Return how long somebody waits who asks as a browser does for the first time."""
        started_s = time.monotonic()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as asking:
            asking.request("GET", "/api/v1/sign-in")
            assert asking.getresponse().status == 200
        return time.monotonic() - started_s

    @property
    def memory_bytes(self) -> int:
        """What it has had in memory at most."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    @contextmanager
    def sent(self, number: int, content: bytes) -> Iterator[None]:
        """Keep so many connections on which only this is sent."""
        with ExitStack() as stack:
            for _ in range(number):
                made = stack.enter_context(socket.create_connection(("127.0.0.1", self.port), PATIENCE_S))
                made.sendall(content.replace(b"PORT", b"%d" % self.port))
            yield


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    made = Api(tmp_path_factory.mktemp("attacked"))
    yield made
    made.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


SLOW = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: x\r\n",
    "a large half": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (HEAD_BYTES - 100),
    "no HTTP at all": b"x\r\n\r\n",
    "a WebSocket of nobody": b"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "half a body": b"POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{",
}

# One that ends before the request is known, and one after.
SHORT = ("half a head", "half a body")


@pytest.mark.parametrize(
    "sent",
    [each if each in SHORT else pytest.param(each, marks=pytest.mark.long) for each in SLOW],
)
def test_half_sent_requests_leave_honest_ones_answered(api: Api, sent: str) -> None:
    usual_s = quantiles([api.asked_s() for _ in range(HONEST)], n=20)[-1]
    with api.sent(ATTACKERS, SLOW[sent]):
        waited_s = quantiles([api.asked_s() for _ in range(HONEST)], n=20)[-1]
    # What the machine is busy with besides may have come meanwhile.
    usual_s = max(usual_s, quantiles([api.asked_s() for _ in range(HONEST)], n=20)[-1])

    logger.info("p95 %.1f ms alone, %.1f ms with %d times %s", usual_s * 1e3, waited_s * 1e3, ATTACKERS, sent)
    assert waited_s < max(MOST_S, 3 * usual_s)
    assert api.log.stat().st_size < MOST_LOG_BYTES
    assert api.memory_bytes < MOST_BYTES
