"""The promise under `kill -9`, and under freezing for longer than a lease.

Every sum, count and order per key is equal, and each record is there once.

`CATENAE_KILL_ROUNDS=20` makes it long; the default is a short form.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.config import read_settings
from catenae.stores import open_documents
from tests.acceptance.fleet import Fleet, Results, by_key, expected, generated
from tests.acceptance.kill_topology import topology

pytestmark = pytest.mark.acceptance

ROUNDS = int(os.environ.get("CATENAE_KILL_ROUNDS", "5"))
LEASE_S = 1.0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def broker(data: Path) -> Iterator[Broker]:
    settings = read_settings({}, {"data": data})
    with closing(open_broker(settings.broker)) as broker:
        broker.create_topics(topology.topic_specs())
        yield broker


def results(broker: Broker) -> Results:
    codec = Codec()
    return by_key(
        [
            (record.key or b"", codec.decode(record))
            for partition, span in enumerate(broker.spans("results"))
            for record in broker.read("results", partition, 0, span.end)
        ]
    )


def test_sums_counts_and_order_survive_kills_and_scaling(data: Path, broker: Broker) -> None:
    chance = random.Random(os.environ.get("CATENAE_KILL_SEED", "7"))
    fleet = Fleet(data, ["--lease-s", str(LEASE_S)], spell=2000)
    try:
        for turn in range(ROUNDS):
            fleet.get_on(broker)
            time.sleep(chance.uniform(0, 1))
            fleet.kill_some(chance)
            if turn % 3 == 1:
                fleet.freeze_one(chance, 2 * LEASE_S)
            fleet.scale("sum", chance.randint(1, 5))
        fleet.drain(broker)
    finally:
        fleet.stop_all()

    total = generated(broker)
    assert fleet.restarts == 0
    assert results(broker) == expected(total)
    with closing(open_documents(read_settings({}, {"data": data}).documents)) as documents:
        assert documents.count("results") == total
    assert all(span.end == 0 for topic in ("numbers.dead", "sums.dead") for span in broker.spans(topic))
