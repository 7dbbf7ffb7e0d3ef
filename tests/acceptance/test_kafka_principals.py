"""Kafka as the Compose file has it: nodes get in by their own passwords, and do what the graph says alone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catenae.brokers import open_broker
from catenae.config import Settings
from catenae.deployment.operations import Operations
from catenae.errors import CatenaeError
from catenae.message import Record
from catenae.operating.permit import permit
from catenae.topology.node import Node
from tests.acceptance.command import ROOT, Command
from tests.patience import PATIENCE_S, until
from tests.servers.composed_kafka import ComposedKafka, composed_kafka
from tests.servers.fixtures import lent
from topologies.token_filter import topology as filtering
from topologies.wordcount import topology as wordcount

confluent_kafka = pytest.importorskip("confluent_kafka")
pytestmark = pytest.mark.servers

TOPOLOGY = "topologies/wordcount.py"
FILTERING = "topologies/token_filter.py"
# With somebody who looks, and puts letters back, as the API does.
WATCHED = replace(wordcount, nodes=(*wordcount.nodes, Node("desk", "m:Desk", documents={})))
OTHERS = (
    "words",
    "counts",
    "catenae.seal",
    "wordcount.control",
    "wordcount.manifest",
    "lines.dead",
    "of_its_own",
)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def kafka(request: pytest.FixtureRequest) -> Iterator[ComposedKafka]:
    topologies = {TOPOLOGY: WATCHED, FILTERING: filtering}
    with contextmanager(lent)(partial(composed_kafka, topologies, has_tls=request.param)) as server:
        yield server


@pytest.fixture(scope="module", params=["kafka-python", "confluent"])
def running(
    kafka: ComposedKafka, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ComposedKafka]:
    """Have the nodes allowed their work, and at it, each as itself."""
    data = tmp_path_factory.mktemp("data")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patched:
        said = run(kafka, "operator", data, "permit", TOPOLOGY, FILTERING, "--passwords", str(kafka.secrets))
        assert "Kafka: wordcount, 3 principals" in said
        as_(kafka, "operator", patched, request.param)
        permit([WATCHED], Settings(broker=os.environ["CATENAE_BROKER"]), kafka.secrets)
        for node in ("splitter", "counter"):
            as_(kafka, node, patched, request.param)
            (data / node).mkdir()
            store = f"embedded:{data}/store"
            command = Command(data / node, "work", TOPOLOGY, node, "--store", store)
            stack.callback(command.kill)
            until(partial(ready, command))
        yield kafka


def ready(command: Command) -> bool:
    assert command.ended() is None, command.log.read_text()
    return command.probe("/ready") is True


def as_(kafka: ComposedKafka, service: str, patched: pytest.MonkeyPatch, client: str = "") -> None:
    for name, value in kafka.environment(service).items():
        patched.setenv(name, value)
    if client:
        patched.setenv("CATENAE_KAFKA_CLIENT", client)


def run(kafka: ComposedKafka, service: str, data: Path, *arguments: str) -> str:
    """Return what a command prints in a service's container."""
    command = [sys.executable, "-m", "catenae", *arguments]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | kafka.environment(service) | {"CATENAE_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def outsider(kafka: ComposedKafka, kind: Any, **more: str) -> Any:
    """Return a client for whoever feeds from outside."""
    given = kafka.environment("splitter")
    settings = {
        name.removeprefix("CATENAE_KAFKA_").lower().replace("_", "."): value
        for name, value in given.items()
        if name.startswith("CATENAE_KAFKA_") and not name.endswith("_FILE")
    }
    password = (kafka.secrets / "outside").read_text().strip()
    who = {"sasl.username": "outside", "sasl.password": password, "bootstrap.servers": kafka.bootstrap}
    return kind(settings | who | more)


def written(kafka: ComposedKafka, topic: str, value: bytes = b'"to be or not to be"') -> int:
    """Write a record from outside; return the code of Kafka's error, or 0."""
    producer = outsider(kafka, confluent_kafka.Producer, **{"message.timeout.ms": "5000"})
    codes: list[int] = []
    report = lambda error, _: codes.append(0 if error is None else error.code())  # noqa: E731
    producer.produce(topic, value, on_delivery=report)
    producer.flush(PATIENCE_S)
    return codes[0]


def test_nodes_count_what_comes_from_outside_and_do_nothing_else(
    running: ComposedKafka, tmp_path: Path
) -> None:
    before = counted(running, tmp_path)

    assert written(running, "lines") == 0

    until(lambda: counted(running, tmp_path) == before + 6)
    assert "splitter" in run(running, "operator", tmp_path, "lag", TOPOLOGY)


def test_a_node_is_heard_and_can_ask_nothing(
    running: ComposedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(running, "operator", tmp_path, "control", "figures", TOPOLOGY, "splitter")
    assert "splitter" in said.splitlines()[1]

    as_(running, "counter", monkeypatch)
    with closing(open_broker(os.environ["CATENAE_BROKER"])) as broker, pytest.raises(CatenaeError):
        broker.append([Record("wordcount.control", None, b"{}", partition=0)])


def counted(kafka: ComposedKafka, data: Path) -> int:
    lines = run(kafka, "operator", data, "tail", "counts", "--from-start").splitlines()
    return len([json.loads(line) for line in lines])


@pytest.mark.parametrize("topic", OTHERS)
def test_from_outside_nothing_but_external_topics_is_written(running: ComposedKafka, topic: str) -> None:
    error = confluent_kafka.KafkaError

    assert written(running, topic) in {error.TOPIC_AUTHORIZATION_FAILED, error._UNKNOWN_TOPIC}


@pytest.mark.parametrize("topic", ["lines", *OTHERS])
def test_from_outside_nothing_is_read(running: ComposedKafka, topic: str) -> None:
    consumer = outsider(running, confluent_kafka.Consumer, **{"group.id": "outside"})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    try:
        found = consumer.poll(PATIENCE_S)
    finally:
        consumer.close()

    error = confluent_kafka.KafkaError
    refusals = {
        error.TOPIC_AUTHORIZATION_FAILED,
        error.GROUP_AUTHORIZATION_FAILED,
        error.UNKNOWN_TOPIC_OR_PART,
    }
    assert found.error().code() in refusals


@pytest.mark.parametrize("topic", ["counts", "lines", "counter.position", "catenae.dead-letters"])
def test_a_node_writes_no_topic_of_another(
    running: ComposedKafka, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_(running, "splitter", monkeypatch)
    with (
        closing(open_broker(os.environ["CATENAE_BROKER"])) as broker,
        pytest.raises(CatenaeError, match=r"refuses access|no topic|does not exist"),
    ):
        broker.append([Record(topic, b"k", b"v", partition=0)])


def test_who_looks_sees_figures_and_puts_letters_back_and_reads_no_topic(
    running: ComposedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert written(running, "lines") == 0
    until(lambda: counted(running, tmp_path))
    as_(running, "desk", monkeypatch)
    with closing(open_broker(os.environ["CATENAE_BROKER"])) as broker:
        operations = Operations(WATCHED, broker)
        # What is set aside for another client's instances on the same Kafka is still there.
        before = operations.figures()["splitter"].dead_letters
        assert written(running, "lines", b"7") == 0
        until(lambda: operations.figures()["splitter"].dead_letters == before + 1)

        assert {each.node for each in operations.dead_letters("lines", 10)} == {"splitter"}
        assert operations.replay("lines") == before + 1
        until(lambda: len(operations.dead_letters("lines", 10)) == before + 1)
        with pytest.raises(CatenaeError, match="refuses access"):
            broker.read("counts", 0, 0, 1)


def test_a_source_its_followers_and_what_they_store_are_allowed_too(
    running: ComposedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        commands = {}
        for node in filtering.nodes:
            as_(running, node.name, monkeypatch)
            (tmp_path / node.name).mkdir()
            stores = ["--store", f"embedded:{tmp_path}/store", "--documents", f"sqlite:{tmp_path}/documents"]
            commands[node.name] = Command(tmp_path / node.name, "work", FILTERING, node.name, *stores)
            stack.callback(commands[node.name].kill)

        until(lambda: commands["text_source"].ended() is not None)
        assert commands["text_source"].ended() == 0, commands["text_source"].log.read_text()
        monkeypatch.undo()
        until(lambda: drained(running, tmp_path))
        assert [each.ended() for name, each in commands.items() if name != "text_source"] == [None] * 3


def drained(kafka: ComposedKafka, data: Path) -> bool:
    lines = run(kafka, "operator", data, "lag", FILTERING).splitlines()[1:]
    return len(lines) == 3 and all(line.endswith(" 0") for line in lines)


def test_without_a_password_nobody_gets_in(kafka: ComposedKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    as_(kafka, "splitter", monkeypatch)
    monkeypatch.delenv("CATENAE_KAFKA_SASL_PASSWORD_FILE")
    monkeypatch.setenv("CATENAE_KAFKA_SASL_PASSWORD", "guessed")

    with (
        pytest.raises(CatenaeError, match=r"sasl.username or sasl.password is wrong"),
        closing(open_broker(os.environ["CATENAE_BROKER"])) as broker,
    ):
        broker.topics()
