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
from tests.acceptance import kill_topology
from tests.acceptance.fleet import (
    Fleet,
    Results,
    by_key,
    expected,
    generated,
    require_each_once,
    require_each_once_at_any_time,
)
from tests.acceptance.kill_topology import topology, two_inputs

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


def disturb(fleet: Fleet, broker: Broker, *, changes: bool = False) -> int:
    """Do to instances what may happen to them, until all is drained; return how many numbers there were.

    changes  in each turn a chain is cut that was made, or made that was cut
    """
    chance = random.Random(os.environ.get("CATENAE_KILL_SEED", "7"))
    try:
        for turn in range(ROUNDS):
            fleet.get_on(broker)
            time.sleep(chance.uniform(0, 1))
            fleet.kill_some(chance)
            if turn % 3 == 1:
                fleet.freeze_one(chance, 2 * LEASE_S)
            fleet.scale_sum(chance.randint(1, 5))
            if changes:
                fleet.change()
        fleet.drain(broker)
        fleet.await_results(lambda: sum(span.end for span in broker.spans("results")), generated(broker))
    finally:
        fleet.stop_all()
    assert fleet.restarts == 0
    return generated(broker)


def require_all_kept(data: Path, broker: Broker, total: int) -> None:
    with closing(open_documents(read_settings({}, {"data": data}).documents)) as documents:
        assert documents.count("results") == total
    dead = [topic for topic in broker.topics() if topic.endswith(".dead")]
    assert all(span.end == 0 for topic in dead for span in broker.spans(topic))


def test_sums_counts_and_order_survive_kills_and_scaling(data: Path, broker: Broker) -> None:
    total = disturb(Fleet(data, ["--lease-s", str(LEASE_S)], spell=2000), broker)

    assert results(broker) == expected(total)
    require_all_kept(data, broker, total)


@pytest.mark.long
def test_sums_and_counts_of_two_inputs_of_which_one_is_delayed_survive_them(
    data: Path, broker: Broker
) -> None:
    broker.create_topics(two_inputs.topic_specs())
    flags = ["--lease-s", str(LEASE_S)]
    total = disturb(Fleet(data, flags, spell=1000, variant="two_inputs"), broker)

    require_each_once(results(broker), total)
    require_all_kept(data, broker, total)


@pytest.mark.parametrize(
    "variant",
    ["timed", *(pytest.param(each, marks=pytest.mark.long) for each in ("windowed", "joined"))],
)
def test_every_timer_wakes_once_through_them_and_so_do_windows_and_joins(
    data: Path, broker: Broker, variant: str
) -> None:
    broker.create_topics(getattr(kill_topology, variant).topic_specs())
    flags = ["--lease-s", str(LEASE_S)]
    total = disturb(Fleet(data, flags, spell=300, variant=variant), broker)

    require_each_once_at_any_time(results(broker), total)
    require_all_kept(data, broker, total)


@pytest.mark.parametrize("changes", [False, pytest.param(True, marks=pytest.mark.long)])
def test_so_do_they_as_a_chain_also_one_that_is_cut_and_made_again(
    data: Path, broker: Broker, *, changes: bool
) -> None:
    fleet = Fleet(data, ["--lease-s", str(LEASE_S)], spell=2000, variant="chained")
    total = disturb(fleet, broker, changes=changes)

    assert results(broker) == expected(total)
    require_all_kept(data, broker, total)


@pytest.mark.long
def test_every_timer_of_a_chain_wakes_once_through_them(data: Path, broker: Broker) -> None:
    broker.create_topics(kill_topology.timed.topic_specs())
    fleet = Fleet(data, ["--lease-s", str(LEASE_S)], spell=300, variant="chained_timed")
    total = disturb(fleet, broker, changes=True)

    require_each_once_at_any_time(results(broker), total)
    require_all_kept(data, broker, total)
