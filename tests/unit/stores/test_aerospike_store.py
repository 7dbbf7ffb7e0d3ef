"""What the store makes of a cluster; the cluster is a model of one."""

import pytest

from catenae.errors import DataFolderError, StoreUnavailable
from catenae.store import ABSENT, Write
from catenae.testing import FakeClock

pytest.importorskip("aerospike", reason="the extra aerospike is not installed")

from catenae.stores.aerospike import AerospikeStore
from catenae.stores.aerospike_status import ROUND_KEYS
from tests.unit.stores.flushing_cluster import FlushingCluster


@pytest.fixture
def cluster() -> FlushingCluster:
    return FlushingCluster()


@pytest.fixture
def store(cluster: FlushingCluster) -> AerospikeStore:
    return AerospikeStore(cluster, FakeClock())


def test_what_was_put_over_and_over_is_lost_in_order(cluster: FlushingCluster, store: AerospikeStore) -> None:
    for turn in b"12":
        for key in ("first", "second"):
            store.put("users", key, bytes([turn]))
    store.put("users", "first", b"3")
    cluster.kill([3])

    assert {key: entry.value for key, entry in store.scan("users")} == {"first": b"2", "second": b"1"}


def test_a_key_removed_and_stored_again_is_not_overwritten_in_place(
    cluster: FlushingCluster, store: AerospikeStore
) -> None:
    store.put("users", "ann", b"")
    store.delete("users", "ann")
    store.put("users", "bob", b"")
    assert store.compare_and_put("users", [Write("ann", b"", ABSENT)])
    cluster.kill([3])

    assert [key for key, _ in store.scan("users")] == ["bob"]


@pytest.mark.lengthy
def test_a_namespace_that_takes_no_writes_can_be_emptied(
    cluster: FlushingCluster, store: AerospikeStore
) -> None:
    keys = [f"user {number}" for number in range(ROUND_KEYS + 1)]
    store.put_many("users", dict.fromkeys(keys, b""))
    store.put("others", "ann", b"")
    cluster.is_full = True
    with pytest.raises(DataFolderError, match=r"Aerospike at model:3000 .*stops writes"):
        store.put("users", "ann", b"")

    store.drop("users")
    assert store.namespaces() == ["others"]


def test_the_incarnation_is_another_one_after_a_restart(
    cluster: FlushingCluster, store: AerospikeStore
) -> None:
    before = store.incarnation()
    assert store.incarnation() == before
    cluster.kill([0])

    assert store.incarnation() != before


def test_a_write_that_met_a_restart_is_not_repeated(cluster: FlushingCluster, store: AerospikeStore) -> None:
    cluster.unanswered = 1
    cluster.dies_in, cluster.keeps = 0, [0]
    with pytest.raises(StoreUnavailable, match="was restarted"):
        store.compare_and_put("users", [Write("ann", b"", ABSENT)])
    assert store.get("users", "ann") is None

    store.put("users", "ann", b"")
    assert store.get("users", "ann") is not None
