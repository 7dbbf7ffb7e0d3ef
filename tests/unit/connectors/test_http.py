"""Pages of a server, each entry once; messages that a server is sent until it has taken them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from catenae.connectors.asking import ServerAway, ServerRefuses
from catenae.connectors.http import HttpPages, HttpPost
from catenae.errors import ConfigError
from catenae.secret import Secret
from catenae.testing import FakeClock, TestDriver, message
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node

PAGE_ITEMS = 3


class Server(ThreadingHTTPServer):
    """Gives a list in pages, takes what it is sent, and answers with other statuses first if it has any."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.items = [{"user": f"user {n % 2}", "n": n} for n in range(7)]
        self.taken: list[tuple[str | None, Any]] = []
        self.statuses: list[int] = []
        self.leads_to, self.asked = "", 0
        self.tokens: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/list"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        begin = int(parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0])
        page = self.server.items[begin : begin + PAGE_ITEMS]
        is_full = len(page) == PAGE_ITEMS
        self._answer({"items": page, "cursor": str(begin + PAGE_ITEMS) if is_full else None})

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.server.statuses:
            self.server.taken.append((self.headers["Idempotency-Key"], sent["value"]))
        self._answer({})

    def _answer(self, value: Any) -> None:
        self.server.tokens.add(self.headers["Authorization"])
        self.server.asked += 1
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        if self.server.leads_to:
            self.send_header("Location", self.server.leads_to)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield server
        server.shutdown()
        serving.join()


PAGES = Node("pages", "catenae.connectors.http:HttpPages", writes="items", batch_records=2)
POST = Node("post", "catenae.connectors.http:HttpPost", reads="items")
TOPOLOGY = Topology("web", (PAGES, POST), partitions=1)


def driven(server: Server) -> TestDriver:
    options: dict[str, dict[str, Any]] = {
        "pages": {"url": server.url, "key": "user", "every_s": 5.0},
        "post": {"url": server.url},
    }
    return TestDriver(TOPOLOGY, options)


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_each_entry_comes_once_whenever_the_source_is_killed(server: Server, point: Point) -> None:
    with driven(server) as web:
        web.kill("pages", point)
        web.advance(0)
        server.items += [{"user": "user 1", "n": n} for n in (7, 8, 9)]
        web.kill("pages", point)
        web.advance(11)

        assert [each.value["n"] for each in web.read("items")] == list(range(10))


def test_no_message_is_lost_and_one_that_is_sent_twice_has_one_id(server: Server) -> None:
    with driven(server) as web:
        web.kill("post", "before commit")
        server.statuses = [200, 503, 429]
        web.advance(10)

    by_id = dict(server.taken)
    assert [each["n"] for each in by_id.values()] == list(range(7))


def test_what_the_server_refuses_for_good_is_set_aside(server: Server) -> None:
    server.statuses = [422]

    with pytest.raises(ServerRefuses, match="answers with status 422"):
        HttpPost(server.url).consume(message(1, "ann"))


def test_a_server_that_is_away_is_tried_again(server: Server) -> None:
    server.statuses = [503]

    with pytest.raises(ServerAway, match="answers with status 503"):
        HttpPost(server.url).consume(message(1, "ann"))


def test_a_token_is_sent_and_seen_nowhere_else(server: Server) -> None:
    source = HttpPages(FakeClock(), server.url, every_s=0, token=Secret("s3cret"))

    assert len(list(source.generate(None))) == 7
    assert server.tokens == {"Bearer s3cret"}
    assert "s3cret" not in repr(vars(source))


def test_a_url_of_another_scheme_is_refused() -> None:
    with pytest.raises(ConfigError, match="give one of http or https"):
        HttpPost("file:///etc/passwd")


@pytest.mark.parametrize(
    "url", ["http://example.org/hook", "http://127.0.0.1.example.org", "http://10.0.0.1"]
)
def test_one_that_is_to_be_read_by_nobody_refuses_http_to_another_machine(url: str) -> None:
    with pytest.raises(ConfigError, match="give one of https"):
        HttpPost(url, allows_plain=False)


@pytest.mark.parametrize(
    "url", ["https://example.org", "http://localhost:1", "http://[::1]:1", "http://127.0.0.9"]
)
def test_it_takes_https_and_this_machine(url: str) -> None:
    HttpPost(url, allows_plain=False)


def test_the_value_alone_is_sent_where_the_key_is_not_wanted(server: Server) -> None:
    HttpPost(server.url, sends_key=False).consume(message({"value": "all of it"}, "ann"))

    assert [value for _, value in server.taken] == ["all of it"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_sent_to_where_a_server_leads(server: Server, status: int) -> None:
    server.statuses, server.leads_to = [status], f"{server.url}?elsewhere"

    with pytest.raises(ServerRefuses, match=f"answers with status {status}; name the address"):
        HttpPost(server.url, token=Secret("s3cret")).consume(message(1, "ann"))

    assert server.asked == 1
