"""Statistics, topology and dead letters, as the API shows them."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from catenae import Input, TransientError
from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.deployment.control_acts import Request
from catenae.deployment.control_log import ControlLog
from catenae.message import Record
from catenae.running.listener import Listener, Said
from catenae.runtime.dead_letters import from_failure
from catenae.testing import FakeClock
from services.api.collaborators import Collaborators
from services.api.statistics import STEP_S
from topologies.depression import topology

LETTERS = "/api/v1/dead-letters"
NODES = "/api/v1/topology/nodes"


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[Broker]:
    with closing(open_broker("embedded:", clock)) as opened:
        opened.create_topics(topology.topic_specs())
        yield opened


@pytest.fixture
def letters(broker: Broker) -> None:
    for number in range(3):
        record = Record("texts", b"ann", b"her words", {}, partition=0, offset=number)
        broker.append([from_failure(record, "depression.text_vectoriser", ValueError("her words"), 5)])


def test_statistics_say_how_much_comes_and_what_waits(
    reviewer: TestClient, here: Collaborators, broker: Broker, clock: FakeClock
) -> None:
    here.watch.look(clock.now_s())
    broker.append([Record("texts", b"ann", b"words", {}) for _ in range(10)])
    clock.advance(STEP_S)
    here.watch.look(clock.now_s())

    nodes = {each["name"]: each for each in reviewer.get("/api/v1/statistics").json()["nodes"]}
    assert (nodes["replay"]["out_per_s"], nodes["text_vectoriser"]["lag"]) == (5.0, 10)
    history = reviewer.get("/api/v1/statistics/history").json()
    assert len(history["at_ms"]) == len(history["posts_per_s"]) == 2
    assert [each["lag"] for each in history["nodes"] if each["name"] == "text_vectoriser"] == [[0, 10]]


def test_an_instance_that_is_started_anew_is_seen(
    reviewer: TestClient, here: Collaborators, broker: Broker, clock: FakeClock
) -> None:
    for _ in range(3):
        # Killed: nobody closes its session, and its lease runs on.
        broker.join("depression.user_storer", "user_storer-0", [Input("user_probabilities")])
        here.watch.look(clock.now_s())
        clock.advance(STEP_S)

    nodes = {each["name"]: each for each in reviewer.get("/api/v1/topology").json()["nodes"]}
    last_ms = int((clock.now_s() - STEP_S) * 1000)
    storer, other = nodes["user_storer"], nodes["alert_storer"]
    assert [storer["running"], storer["restarts"], storer["restarted_ms"]] == [1, 2, last_ms]
    assert [other["restarts"], other["restarted_ms"]] == [0, None]


def test_the_topology_is_the_declaration_with_how_it_stands(
    reviewer: TestClient, here: Collaborators, letters: None, clock: FakeClock
) -> None:
    here.watch.look(clock.now_s())

    found = reviewer.get("/api/v1/topology").json()
    nodes = {each["name"]: each for each in found["nodes"]}
    assert list(nodes) == [node.name for node in topology.nodes]
    assert nodes["logistic_predictor"]["writes"] == [
        {"port": "texts", "topic": "text_probabilities"},
        {"port": "users", "topic": "user_probabilities"},
    ]
    assert (nodes["api"]["kind"], nodes["text_vectoriser"]["replicas"]) == ("server", 1)
    vectoriser = nodes["text_vectoriser"]
    assert (vectoriser["dead_letters"], vectoriser["last_error"]) == (3, "ValueError")
    assert {"name": "texts", "records": 0, "is_external": True} in found["topics"]


def test_dead_letters_are_counted(administrator: TestClient, letters: None) -> None:
    assert administrator.get(LETTERS).json()["items"] == [
        {"topic": "texts", "reason": "ValueError", "node": "text_vectoriser", "letters": 3}
    ]


@pytest.mark.parametrize(
    ("asked", "key", "value"),
    [({}, None, None), ({"content": False}, None, None), ({"content": True}, "ann", "her words")],
)
def test_a_persons_words_are_shown_only_when_asked_for(
    administrator: TestClient, letters: None, asked: dict[str, bool], key: str | None, value: str | None
) -> None:
    answer = administrator.get(f"{LETTERS}/texts", params={**asked, "limit": 1})

    content = asked.get("content", False)
    (letter,) = answer.json()["items"]
    assert (letter["reason"], letter["key"], letter["value"]) == ("ValueError", key, value)
    assert letter["at_ms"] == 5
    assert ("her words" in answer.text) is content
    (event,) = administrator.get("/api/v1/audit", params={"action": "dead letters seen"}).json()["items"]
    assert event["detail"] == {"topic": "texts", "content": content}


@pytest.mark.lengthy
def test_dead_letters_go_back_once(administrator: TestClient, letters: None, broker: Broker) -> None:
    replay = f"{LETTERS}/texts/replay"

    assert [administrator.post(replay).json() for _ in range(2)] == [{"replayed": 3}, {"replayed": 0}]
    assert sum(span.end for span in broker.spans("texts")) == 3
    assert administrator.get(LETTERS).json()["items"] == []


def test_a_topic_without_dead_letters_is_not_found(administrator: TestClient) -> None:
    assert administrator.get(f"{LETTERS}/nothing").status_code == 404
    assert administrator.post(f"{LETTERS}/nothing/replay").status_code == 404


def test_while_the_broker_is_away_it_is_said_when_to_try_again(
    administrator: TestClient,
    here: Collaborators,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away() -> None:
        raise TransientError("ann cannot be read")

    monkeypatch.setattr(here.operations, "records", away)

    answer = administrator.get("/api/v1/topology")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "ann" not in answer.text + str([vars(record) for record in caplog.records])


class Storer:
    """Whoever is asked of the node `user_storer`: says yes."""

    node, member = "user_storer", "user_storer-0"

    def is_meant(self, request: Request) -> bool:
        return request.node == self.node

    def carry_out(self, request: Request, *, is_past: bool) -> Said:
        return Said(is_done=True, effect="paused until noon")

    def refused(self, reason: str) -> None: ...

    def look(self) -> None: ...


def paused(client: TestClient) -> dict[str, int]:
    nodes = client.get("/api/v1/topology").json()["nodes"]
    return {each["name"]: each["paused_until_ms"] for each in nodes if each["paused_until_ms"]}


def test_a_node_is_paused_and_goes_on_for_a_reason_that_is_noted(
    administrator: TestClient, broker: Broker, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.join("depression.user_storer", "user_storer-0", [Input("user_probabilities")])
    listener = Listener(ControlLog(broker, "depression", clock), Storer(), clock)
    listener.begin()
    # Whoever is asked answers while the one who asks waits.
    monkeypatch.setattr(clock, "sleep", lambda _seconds: listener.look())
    wish = {"for_s": 600, "reason": "a new index"}
    answer = administrator.post(f"{NODES}/user_storer/pause", json=wish).json()
    until_ms = paused(administrator)
    administrator.post(f"{NODES}/user_storer/resume", json={"reason": "done"})

    said = {"instance": "user_storer-0", "is_done": True, "effect": "paused until noon"}
    assert answer == {"is_done": True, "instances": [said]}
    assert until_ms == {"user_storer": int(clock.now_s() * 1000) + 600_000}
    assert paused(administrator) == {}
    noted = administrator.get("/api/v1/audit?action=node+paused").json()["items"]
    assert [each["detail"] for each in noted] == [{"node": "user_storer", **wish}]


def test_where_no_instance_runs_nobody_is_asked(administrator: TestClient, broker: Broker) -> None:
    wish = {"for_s": 600, "reason": "a trial"}
    answer = administrator.post(f"{NODES}/user_storer/pause", json=wish).json()

    assert answer == {"is_done": False, "instances": []}
    assert "depression.control" not in broker.topics()


@pytest.mark.parametrize(
    "wish", [{"for_s": 600}, {"for_s": 600, "reason": ""}, {"for_s": 0, "reason": "a"}, {"reason": "a"}]
)
def test_a_pause_takes_a_reason_and_an_end(administrator: TestClient, wish: dict[str, object]) -> None:
    assert administrator.post(f"{NODES}/user_storer/pause", json=wish).status_code == 422


def test_a_node_that_is_not_there_cannot_be_paused(administrator: TestClient) -> None:
    wish = {"for_s": 600, "reason": "a trial"}

    assert administrator.post(f"{NODES}/nobody/pause", json=wish).status_code == 404
