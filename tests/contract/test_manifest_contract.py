"""What is promised of a topology's manifest, on every broker."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.deployment.manifest import Manifest
from catenae.deployment.manifest_log import NONE, ManifestLog, topologies
from catenae.errors import TopologyError
from catenae.message import Record

KAFKA_CLIENTS = [pytest.param(client, marks=pytest.mark.servers) for client in ("kafka-python", "confluent")]
FIRST = Manifest("suite", release="first")


@pytest.fixture(params=["memory", "lmdb", *KAFKA_CLIENTS])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    urls = {"memory": "embedded:", "lmdb": f"embedded:{tmp_path / 'log'}?map_size_mb=64"}
    kind = str(request.param)
    url = urls.get(kind) or f"kafka://{request.getfixturevalue('kafka')}?client={kind}"
    with closing(open_broker(url)) as opened:
        opened.delete_topics(["suite.manifest"])
        yield opened


@pytest.fixture
def log(broker: Broker) -> ManifestLog:
    found = ManifestLog(broker, "suite", SystemClock())
    found.create()
    return found


def test_what_was_kept_last_is_read(log: ManifestLog) -> None:
    assert log.read() == NONE
    assert log.replace(log.read(), FIRST)
    assert log.replace(log.read(), replace(FIRST, release="second"))

    manifest = log.read().manifest
    assert manifest is not None
    assert manifest.release == "second"


def test_of_two_who_change_the_same_one_only_the_first_does(log: ManifestLog) -> None:
    log.replace(log.read(), FIRST)
    found = log.read()

    assert log.replace(found, replace(FIRST, release="mine"))
    assert not log.replace(found, replace(FIRST, release="too late"))
    assert log.read().manifest == replace(FIRST, release="mine")


def test_what_others_write_there_is_passed_over(broker: Broker, log: ManifestLog) -> None:
    log.replace(log.read(), FIRST)
    broker.append([Record("suite.manifest", None, each, partition=0) for each in (None, b"hello", b"[1]")])

    assert log.read().manifest == FIRST


def test_a_manifest_of_a_newer_release_is_refused(log: ManifestLog) -> None:
    log.replace(log.read(), replace(FIRST, format=99, release="9.0"))

    with pytest.raises(TopologyError, match=r"format 99, written by Catenae 9\.0"):
        log.read()


def test_it_is_found_and_removed_by_the_name_of_its_topology(broker: Broker, log: ManifestLog) -> None:
    log.replace(log.read(), FIRST)
    assert "suite" in topologies(broker)
    log.remove()

    assert log.read() == NONE
    assert "suite" not in topologies(broker)
