"""Somebody is forgotten on a real Kafka: nothing is left there or beside it, and everything of the others."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae import erase, open_documents, read_settings
from catenae.brokers import open_broker
from catenae.message import Record
from catenae.operating.erasing import find_traces
from tests.acceptance.command import Command
from tests.acceptance.test_kafka_retention import AT_ONCE
from tests.patience import PATIENCE_S, until
from tests.servers.kafka import KafkaServer

pytestmark = pytest.mark.servers

TOPOLOGY = "tests/acceptance/forget_topology.py"
ANN, BOB = "ann-of-whom-nothing-may-be-left", "bob-who-stays"


@pytest.fixture
def server() -> Iterator[KafkaServer]:
    with KafkaServer(settings=AT_ONCE) as server:
        yield server


def sums(data: Path) -> dict[str, int]:
    with closing(open_documents(f"sqlite:{data}/documents.sqlite")) as documents:
        return {each["who"]: each["sum"] for each in documents.find("sums").documents}


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_no_byte_of_who_was_forgotten_is_left_on_kafka_or_in_files_beside_it(
    server: KafkaServer, client: str, tmp_path: Path
) -> None:
    url = f"kafka://{server.bootstrap}?client={client}"
    running = Command(tmp_path, "up", TOPOLOGY, "--broker", url)
    try:
        until(lambda: running.probe("/ready") is True)
        with closing(open_broker(url)) as broker:
            broker.append([Record("numbers", who.encode(), b"2") for who in (ANN, BOB) for _ in range(3)])
            until(lambda: sums(tmp_path) == {ANN: 6, BOB: 6})
            assert server.holds(ANN.encode())

            where = ["--broker", url, "--data", str(tmp_path)]
            asked = [sys.executable, "-m", "catenae", "forget", TOPOLOGY, ANN, *where]
            assert subprocess.run(asked, timeout=PATIENCE_S, check=False).returncode == 0
            assert sums(tmp_path) == {BOB: 6}

            def gone_while_bob_writes() -> bool:
                broker.append([Record("numbers", BOB.encode(), b"0")])
                return not server.holds(ANN.encode())

            until(gone_while_bob_writes, every_s=0.25)
        assert running.stop() == 0
    finally:
        running.kill()

    # What State was and that there was such a key is still in the store's file: it is written anew.
    erased = erase({ANN}, read_settings({}, {"data": str(tmp_path), "broker": url}), {"sums": "who"})
    assert (erased.servers, erased.traces) == (("broker",), ())
    assert not server.holds(ANN.encode())

    running = Command(tmp_path, "up", TOPOLOGY, "--broker", url)
    try:
        with closing(open_broker(url)) as broker:
            broker.append([Record("numbers", BOB.encode(), b"1")])
        until(lambda: sums(tmp_path) == {BOB: 7})
        assert running.stop() == 0
    finally:
        running.kill()
    assert find_traces(tmp_path, ANN) == ()
