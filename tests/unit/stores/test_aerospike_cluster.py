"""What this store makes of the client's answers; the client is a fake that gives them."""

from typing import Any

import pytest

from catenae.errors import ConfigError, StoreError, StoreUnavailable
from catenae.store import ABSENT
from catenae.stores.aerospike_address import AerospikeAddress
from catenae.stores.aerospike_round import Attempt
from catenae.stores.aerospike_status import Status
from catenae.testing import FakeClock

pytest.importorskip("aerospike", reason="the extra aerospike is not installed")

import aerospike
from aerospike.exception import InvalidPassword
from aerospike_helpers.batch import records as batches

from catenae.stores.aerospike_cluster import CONNECT_WITHIN_S, DEFAULT_LIMIT_BYTES, AerospikeCluster

ADDRESS = AerospikeAddress.parse("//ann:secret@127.0.0.1:9/test")


class Client:
    """Answers as the real one; a test sets what."""

    def __init__(self) -> None:
        self.info = {
            "namespaces": "test;other",
            "get-config:context=namespace;id=test": "max-record-size=1048576;x=y",
            "get-config:context=service": "batch-max-requests=5000;x=y",
        }
        self.stable: dict[str, tuple[Any, str]] = {"A": (None, "cluster-stable:\tBEEF\n")}
        self.status_of_batch: int = Status.OK
        self.statuses: list[int] = []
        self.closed = False

    def info_random_node(self, command: str) -> str:
        return f"{command}\t{self.info[command]}\n"

    def info_all(self, command: str) -> dict[str, tuple[Any, str]]:
        return self.stable

    def batch_read(self, keys: list[Any], bins: list[str]) -> Any:
        found = batches.BatchRecords(
            [batches.BatchRecord(key) for key, _ in zip(keys, self.statuses, strict=False)]
        )
        return self._answered(found)

    def batch_write(self, batch: Any) -> Any:
        return self._answered(batch)

    def close(self) -> None:
        self.closed = True

    def batch_remove(self, keys: list[Any]) -> Any:
        return self.batch_read(keys, [])

    def _answered(self, batch: Any) -> Any:
        batch.result = self.status_of_batch
        for each, status in zip(batch.batch_records, self.statuses, strict=False):
            each.result, each.record = status, (each.key, {}, {"t": 5, "v": b"value"})
        return batch


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    found = Client()
    monkeypatch.setattr(aerospike, "client", lambda config: found)
    return found


@pytest.mark.lengthy
def test_a_server_that_is_away_is_tried_for_some_seconds() -> None:
    clock = FakeClock()
    before_s = clock.monotonic_s()
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:9 within") as refused:
        AerospikeCluster(ADDRESS, clock)

    assert CONNECT_WITHIN_S / 2 < clock.monotonic_s() - before_s <= CONNECT_WITHIN_S
    assert "secret" not in str(refused.value)


def test_wrong_credentials_are_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    before_s = clock.monotonic_s()

    def refuse(config: object) -> None:
        error = InvalidPassword()
        error.code = 62
        raise error

    monkeypatch.setattr(aerospike, "client", refuse)
    with pytest.raises(StoreError, match="credentials"):
        AerospikeCluster(ADDRESS, clock)

    assert clock.monotonic_s() == before_s


def test_an_unknown_namespace_is_named_with_those_there_are(client: Client) -> None:
    client.info["namespaces"] = "bar;foo"
    with pytest.raises(ConfigError, match=r"no namespace 'test'; it has \['bar', 'foo'\]"):
        AerospikeCluster(ADDRESS, FakeClock())

    assert client.closed


KEYS, BINS = [bytearray(b"a"), bytearray(b"b")], ["t", "v"]
NAMESPACE = "get-config:context=namespace;id=test"
SERVICE = "get-config:context=service"


@pytest.mark.parametrize(
    ("settings", "limit_bytes"),
    [
        ("max-record-size=20480;storage-engine.write-block-size=40960", 20480),
        ("max-record-size=0;storage-engine.write-block-size=40960", 40960),
        ("ERROR:4:bad", DEFAULT_LIMIT_BYTES),
    ],
)
def test_the_limit_of_a_record_is_the_servers(client: Client, settings: str, limit_bytes: int) -> None:
    client.info[NAMESPACE] = settings

    assert AerospikeCluster(ADDRESS, FakeClock()).limit_bytes == limit_bytes


@pytest.mark.parametrize(
    ("command", "setting"), [(NAMESPACE, "max-record-size=1024"), (SERVICE, "batch-max-requests=100")]
)
def test_a_setting_of_the_server_that_is_too_small_is_named_at_the_start(
    client: Client, command: str, setting: str
) -> None:
    client.info[command] = setting
    name, _, value = setting.partition("=")

    with pytest.raises(ConfigError, match=rf"{name} of {int(value):,}; make it"):
        AerospikeCluster(ADDRESS, FakeClock())


def test_the_cluster_is_another_one_once_its_key_is(client: Client) -> None:
    cluster = AerospikeCluster(ADDRESS, FakeClock())
    before = cluster.incarnation()
    assert cluster.incarnation() == before

    client.stable = {"A": (None, "cluster-stable:\tF00D\n")}
    assert cluster.incarnation() != before


@pytest.mark.parametrize(
    "answers",
    [
        {"A": (None, "cluster-stable:\tERROR:17:unstable cluster\n")},
        {"A": (None, "cluster-stable:\tBEEF\n"), "B": (None, "cluster-stable:\tF00D\n")},
        {"A": (7, None)},
        {},
    ],
)
def test_a_cluster_that_forms_anew_is_waited_for(client: Client, answers: dict[str, tuple[Any, str]]) -> None:
    cluster = AerospikeCluster(ADDRESS, FakeClock())
    client.stable = answers

    with pytest.raises(StoreUnavailable, match=r"nodes of Aerospike at 127\.0\.0\.1:9 form a new cluster"):
        cluster.incarnation()


def test_only_what_is_there_is_read(client: Client) -> None:
    client.statuses = [Status.OK, Status.NOT_FOUND]

    found = AerospikeCluster(ADDRESS, FakeClock()).read(KEYS, BINS)
    assert found == [(bytearray(b"a"), {"t": 5, "v": b"value"})]


@pytest.mark.parametrize("statuses", [[], [Status.OK, Status.NO_RESPONSE]])
def test_a_read_without_an_answer_is_not_taken_for_absence(client: Client, statuses: list[int]) -> None:
    client.statuses, client.status_of_batch = statuses, Status.NO_CLUSTER

    with pytest.raises(StoreUnavailable, match="NO_CLUSTER"):
        AerospikeCluster(ADDRESS, FakeClock()).read(KEYS, BINS)


def test_a_write_without_an_answer_has_the_status_of_its_batch(client: Client) -> None:
    client.statuses, client.status_of_batch = [Status.OK, Status.NO_RESPONSE], Status.TIMEOUT
    attempts = [Attempt("users", key, b"value", ABSENT, 5) for key in "ab"]

    assert AerospikeCluster(ADDRESS, FakeClock()).send(attempts) == [Status.OK, Status.TIMEOUT]


def test_a_removal_that_was_refused_is_not_taken_for_done(client: Client) -> None:
    client.statuses = [Status.OK, Status.FORBIDDEN]

    with pytest.raises(StoreError, match="FORBIDDEN"):
        AerospikeCluster(ADDRESS, FakeClock()).remove(KEYS)
