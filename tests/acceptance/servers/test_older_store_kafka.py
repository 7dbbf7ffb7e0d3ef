"""A store that is put back to an older copy beside a real Kafka: every sum and count stays exact."""

import shutil
import signal
import time
from pathlib import Path

import pytest

from catenae.errors import BrokerUnavailable
from catenae.message import Record
from tests.acceptance.summers import Summers, expected, summers
from tests.servers.kafka import KafkaServer

pytestmark = pytest.mark.servers

ROUNDS = 2
READY_WITHIN_S = 60.0


def wait_for_transactions(on: Summers) -> None:
    """Return once a Kafka that has just started is ready for its first transaction."""
    until_s = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            return on.broker.append([Record("results", None, b"ready")])
        except BrokerUnavailable:
            assert time.monotonic() < until_s, "Kafka is not ready for transactions"


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_an_older_copy_of_the_store_costs_nothing(
    tmp_path: Path, kafka_broker: KafkaServer, client: str
) -> None:
    # Whoever looks on uses one client; the instances use either.
    url = f"kafka://{kafka_broker.bootstrap}?client="
    store, copy = tmp_path / "data" / "store", tmp_path / "copy"
    with summers(tmp_path / "data", broker_url=f"{url}kafka-python", their_broker_url=url + client) as on:
        wait_for_transactions(on)
        for turn in range(ROUNDS):
            on.start()
            on.write(6000 * turn, 3000)
            on.wait(at_most_behind=1500)
            on.signal(signal.SIGSTOP)
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(store, copy)
            on.signal(signal.SIGCONT)
            on.write(6000 * turn + 3000, 3000)
            on.wait(at_most_behind=1500)
            on.end(signal.SIGKILL)
            shutil.rmtree(store)
            shutil.copytree(copy, store)
        on.start()
        on.write(6000 * ROUNDS, 1000)
        on.wait(at_most_behind=0)
        on.stop()

        assert on.sums() == expected(6000 * ROUNDS + 1000)
        assert "state is behind, its input is handled again" in on.logged()
        assert "state is in step again" in on.logged()
