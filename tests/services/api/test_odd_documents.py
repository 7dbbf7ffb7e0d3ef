"""One odd document or letter costs others nothing: it is left out, counted, and told of without a word."""

from collections.abc import Callable

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from catenae import Operations
from catenae.broker import Broker
from catenae.codec.packing import pack
from catenae.message import Record
from catenae.observability.metrics import NodeMetrics
from catenae.testing import FakeClock
from services.api.collaborators import Collaborators, put_together
from services.api.live import MOST_FAILURES
from services.api.server import ApiServer
from tests.services.api.people import alert, post, probability, user_document
from topologies.depression import topology

API = "/api/v1"
ODD_ALERT = alert("odd", opened_utc="her words", changed_ms=2)
LISTS = {
    "alerts": ("alerts", alert("ann"), ODD_ALERT, "/alerts?sort=recent"),
    "alerts by probability": ("alerts", alert("ann"), ODD_ALERT, "/alerts?sort=probability"),
    "alerts still above": ("alerts", alert("ann"), alert("odd", probability="high"), "/alerts?is_above=true"),
    "one's own alerts": (
        "alerts",
        alert("ann", leased_by="the_administrator"),
        alert("odd", leased_by="the_administrator", band=["high"], probability=None),
        "/alerts?whose=mine",
    ),
    "users": ("users", user_document("ann"), user_document("anodd", posts="nine"), "/users?prefix=an"),
    "posts": ("posts", post("ann", 1), post("ann", 2, title=5, body=["x"]), "/users/ann/posts?sort=recent"),
    "posts by probability": (
        "probabilities",
        probability("ann", 1),
        probability("ann", 2, words=[["a"]]),
        "/users/ann/posts",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_it_is_left_out_and_counted(
    administrator: TestClient, here: Collaborators, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    collection, good, odd, address = LISTS[name]
    here.documents.upsert(collection, [good, odd])

    answer = administrator.get(API + address)

    assert (answer.status_code, answer.json()["left_out"], len(answer.json()["items"])) == (200, 1, 1)
    assert "her words" not in str([vars(each) for each in caplog.records])


@pytest.mark.parametrize("fields", [{"band": ["raised"]}, {"probability": "high"}, {"opened_utc": "then"}])
@pytest.mark.parametrize("wanted", [{}, {"bands": ["raised"]}, {"is_above": True}], ids=str)
def test_the_queue_gives_the_others(
    administrator: TestClient, here: Collaborators, fields: dict[str, object], wanted: dict[str, object]
) -> None:
    odd = alert("odd", raised_ms=9, **fields)
    here.documents.upsert("alerts", [odd, alert("ann", raised_ms=5)])

    given = administrator.post(f"{API}/queue/next", json=wanted).json()

    assert given["alert"]["user"] == "ann"


@pytest.mark.lengthy
def test_what_is_left_out_is_a_figure_of_the_node(here: Collaborators, broker: Broker) -> None:
    registry = CollectorRegistry()
    operations = Operations(topology, broker, NodeMetrics("depression", "api", registry).left_out)
    api = put_together(here.site, here.documents, operations, lambda: 0.0)
    here.documents.upsert("alerts", [ODD_ALERT])

    api.alerts.get("odd", "one")
    api.alerts.labels(["odd"])

    of_api = {"topology": "depression", "node": "api"}
    assert registry.get_sample_value("catenae_left_out_total", of_api) == 2


@pytest.mark.parametrize("address", ["/alerts/odd", "/users/anodd", "/users/ann/posts/t1_ann2"])
def test_alone_it_is_not_there(administrator: TestClient, here: Collaborators, address: str) -> None:
    for collection, good, odd, _ in LISTS.values():
        here.documents.upsert(collection, [good, odd])

    assert administrator.get(API + address).status_code == 404


def test_a_point_that_is_none_is_left_out_of_a_course(administrator: TestClient, here: Collaborators) -> None:
    here.documents.upsert("users", [user_document("ann")])
    here.documents.upsert(
        "probabilities", [probability("ann", 1), probability("ann", 2, user_probability="x")]
    )
    here.documents.upsert("probabilities", [{"id": "t1_bare", "user": "ann"}])

    assert administrator.get(f"{API}/users/ann/probabilities").json()["total"] == 1


def test_live_updates_go_on(here: Collaborators, clock: FakeClock) -> None:
    here.documents.upsert("alerts", [ODD_ALERT])

    for _ in range(3):
        clock.advance(3.0)
        here.watch.look(clock.now_s())

    assert here.watch.obstacle() == ""


@pytest.mark.parametrize(("failures", "obstacle"), [(1, ""), (MOST_FAILURES, "live updates fail")])
def test_a_look_that_fails_is_not_the_last_and_many_are_an_obstacle(
    here: Collaborators,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failures: int,
    obstacle: str,
) -> None:
    looks: list[float] = []

    def look(now_s: float) -> None:
        looks.append(now_s)
        if len(looks) == failures:
            here.watch.stop()
        raise ValueError("her words")

    monkeypatch.setattr("services.api.live.LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(here.watch, "look", look)

    here.watch.run(lambda: 0.0)

    assert (len(looks), here.watch.obstacle()) == (failures, obstacle)
    assert "her words" not in str([vars(each) for each in caplog.records])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "array": lambda: pack({"a": np.zeros(3)}),
    "tuple key": lambda: pack({("a", 1): 1}),
    "deep": lambda: b"\x91" * 900 + b"\xc0",
    "not a number": lambda: pack([float("nan"), float("inf"), 2**200]),
    "set": lambda: pack({1, 2}),
    "half a letter": lambda: b'"\\ud800"',
    "nothing that can be read": lambda: b"\xc1\xff",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_dead_letter_of_any_bytes_is_shown(
    administrator: TestClient, here: Collaborators, value: Callable[[], bytes]
) -> None:
    broker: Broker = here.operations._broker
    headers = {"dead-topic": b"user_probabilities", "content-type": b"application/msgpack"}
    good = Record("user_probabilities.dead", b"ann", b'"fine"', {"dead-topic": b"user_probabilities"})
    broker.append([Record(good.topic, b"\xff", value(), headers), good])

    answer = administrator.get(f"{API}/dead-letters/user_probabilities?content=true&limit=200")

    assert answer.status_code == 200
    assert "fine" in [each["value"] for each in answer.json()["items"]]


@pytest.mark.lengthy
def test_a_thread_that_ends_takes_readiness_along(here: Collaborators, broker: Broker) -> None:
    server = ApiServer(here.documents, Operations(topology, broker), port=0)
    server.setup()
    try:
        assert server.obstacle() == ""
        server._collaborators.watch.stop()
        server._threads[1].join()
        assert server.obstacle() == "thread 'watch' has ended"
    finally:
        server.teardown()
