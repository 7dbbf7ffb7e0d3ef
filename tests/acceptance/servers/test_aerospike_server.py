"""State on a real Aerospike: instances are killed, and the server is, and every sum and count stays exact.

`CATENAE_TEST_AEROSPIKE_RESTART` is a command that kills the server without warning and starts it again on its
data, such as `docker kill aero && docker start aero`; without it the server is left alone.
"""

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from catenae.stores import open_store
from tests.acceptance.summers import Summers, expected, summers

client_library = pytest.importorskip("aerospike", reason="the extra aerospike is not installed")
pytestmark = pytest.mark.servers

ROUNDS = int(os.environ.get("CATENAE_KILL_ROUNDS", "5"))
RESTART = os.environ.get("CATENAE_TEST_AEROSPIKE_RESTART", "")


@pytest.fixture
def on(tmp_path: Path, aerospike: str) -> Iterator[Summers]:
    # One set for all runs, because a cluster takes few and never forgets one.
    url = f"{aerospike}?set=acceptance"
    with closing(open_store(url)) as store:
        for namespace in store.namespaces():
            store.drop(namespace)
    with summers(tmp_path / "data", store_url=url) as several:
        yield several


def test_a_record_is_got_again(aerospike: str) -> None:
    address = urlsplit(aerospike)
    key = (address.path.strip("/"), "smoke", uuid.uuid4().hex)

    with closing(client_library.client({"hosts": [(address.hostname, address.port or 3000)]})) as client:
        client.put(key, {"text": "hello"})

        assert client.get(key)[2] == {"text": "hello"}


def test_killed_instances_cost_nothing(on: Summers) -> None:
    for turn in range(ROUNDS):
        on.start()
        on.write(6000 * turn, 6000)
        on.wait(at_most_behind=2500)
        on.end(signal.SIGKILL)
    on.start()
    on.write(6000 * ROUNDS, 1000)
    on.wait(at_most_behind=0)
    on.stop()

    assert on.sums() == expected(6000 * ROUNDS + 1000)


@pytest.mark.skipif(not RESTART, reason="CATENAE_TEST_AEROSPIKE_RESTART says not how to kill the server")
def test_a_killed_server_costs_nothing(on: Summers) -> None:
    on.start()
    for turn in range(ROUNDS):
        on.write(6000 * turn, 6000)
        on.wait(at_most_behind=2500)
        subprocess.run(RESTART, shell=True, check=True, timeout=120)
        if turn % 2:
            on.end(signal.SIGKILL)
            on.start()
    on.write(6000 * ROUNDS, 1000)
    on.wait(at_most_behind=0)
    on.stop()

    assert on.sums() == expected(6000 * ROUNDS + 1000)
