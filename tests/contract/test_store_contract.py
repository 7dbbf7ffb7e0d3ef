"""What `catenae.store.Store` promises, held by every implementation; a new one adds a line below."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from catenae.errors import RecordTooLarge
from catenae.store import ABSENT, Store, Write
from catenae.stores import open_store

STORES: dict[str, Callable[[pytest.FixtureRequest], str]] = {
    "memory": lambda _: "embedded:",
    "embedded": lambda request: f"embedded:{request.getfixturevalue('tmp_path')}/store",
    "aerospike": lambda request: f"{request.getfixturevalue('aerospike')}?set=contract",
}
EVERY = ["memory", "embedded", pytest.param("aerospike", marks=pytest.mark.servers)]
SHARED = EVERY[1:]
ALL_OR_NONE = ["embedded"]

KEYS = ["", "ann", "ann\x00", "\x01", "\u202eright to left", "half \ud83d a pair", "k" * 600, "k" * 601]


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return STORES[request.param](request)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    # Every Aerospike test uses one set, because a cluster takes few and never forgets one.
    for namespace in opened.namespaces():
        opened.drop(namespace)
    yield opened
    opened.close()


every_store = pytest.mark.parametrize("url", EVERY, indirect=True)
limited_stores = pytest.mark.parametrize("url", EVERY[2:], indirect=True)
shared_stores = pytest.mark.parametrize("url", SHARED, indirect=True)


def increment(store: Store, key: str) -> None:
    """Add one to a number that others add to as well."""
    while True:
        entry = store.get("counts", key)
        value, version = (b"0", ABSENT) if entry is None else entry
        if store.compare_and_put("counts", [Write(key, b"%d" % (int(value) + 1), version)]):
            return


@every_store
def test_what_is_put_is_got(store: Store) -> None:
    store.put("users", "ann", b"first")
    store.put("users", "ann", b"second")

    entry = store.get("users", "ann")
    assert entry is not None
    assert entry.value == b"second"


@every_store
def test_what_was_never_put_is_absent(store: Store) -> None:
    store.put("users", "ann", b"")

    assert store.get("users", "bob") is None
    assert store.get("others", "ann") is None
    assert list(store.get_many("users", ["bob", "ann", "cid"])) == ["ann"]


@every_store
def test_any_text_is_a_key(store: Store) -> None:
    store.put_many("users", {key: f"{len(key)}".encode() for key in KEYS})

    assert {key: entry.value for key, entry in store.get_many("users", KEYS).items()} == {
        key: f"{len(key)}".encode() for key in KEYS
    }
    assert dict(store.scan("users")) == store.get_many("users", KEYS)


@every_store
def test_any_bytes_are_a_value(store: Store) -> None:
    values = {"empty": b"", "nul": b"\x00", "long": bytes(range(256)) * 2048}

    store.put_many("users", values)

    assert {key: entry.value for key, entry in store.scan("users")} == values


@every_store
def test_a_value_as_large_as_promised_is_stored(store: Store) -> None:
    value = b"x" * (store.max_value_bytes or 4 * 1024 * 1024)

    assert store.compare_and_put("users", [Write("k" * 600, value, ABSENT)])
    assert store.get_many("users", ["k" * 600])["k" * 600].value == value


@limited_stores
def test_a_value_that_no_record_takes_is_refused_and_nothing_stored(store: Store) -> None:
    assert store.max_value_bytes is not None
    with pytest.raises(RecordTooLarge, match="exceeds the store's limit"):
        store.put_many("users", {"small": b"", "large": b"x" * (store.max_value_bytes + 8192)})

    assert store.get_many("users", ["small", "large"]) == {}


@every_store
def test_put_if_absent_stores_once(store: Store) -> None:
    assert store.put_if_absent("users", "ann", b"first")
    assert not store.put_if_absent("users", "ann", b"second")

    assert [entry.value for entry in store.get_many("users", ["ann"]).values()] == [b"first"]


@every_store
@pytest.mark.parametrize("key", ["ann", "k" * 600])
def test_every_write_changes_the_version(store: Store, key: str) -> None:
    versions = [ABSENT]
    for _ in range(3):
        stored = store.compare_and_put("users", [Write(key, b"the same", versions[-1])])
        versions.append(store.get_many("users", [key])[key].version)
        assert stored == {key: versions[-1]}
    store.delete("users", key)
    store.put("users", key, b"the same")
    versions.append(store.get_many("users", [key])[key].version)

    assert len(set(versions)) == len(versions)


@every_store
def test_a_write_against_another_version_is_refused(store: Store) -> None:
    store.put("users", "ann", b"hers")

    stored = store.compare_and_put("users", [Write("ann", b"mine", ABSENT), Write("bob", b"mine", 12345)])

    assert stored == {}
    assert store.get_many("users", ["ann", "bob"])["ann"].value == b"hers"
    assert store.get("users", "bob") is None


@every_store
def test_a_deleted_key_is_absent_and_may_be_deleted_again(store: Store) -> None:
    store.put_many("users", dict.fromkeys(KEYS, b""))

    for key in [*KEYS, *KEYS]:
        store.delete("users", key)

    assert store.get_many("users", KEYS) == {}
    assert store.put_if_absent("users", "ann", b"")


@every_store
def test_namespaces_keep_apart(store: Store) -> None:
    for namespace in ("a", "aa", "a b", "a/b", "é"):
        store.put_many(namespace, {"key": namespace.encode(), "k" * 600: b""})

    store.drop("a")

    assert list(store.scan("a")) == []
    assert sorted(store.namespaces()) == ["a b", "a/b", "aa", "é"]
    assert {key: entry.value for key, entry in store.scan("aa")} == {"key": b"aa", "k" * 600: b""}


@every_store
def test_a_scan_yields_every_key_once_also_while_others_write(store: Store) -> None:
    store.put_many("users", {f"user {number}": b"" for number in range(2500)})

    seen = []
    for key, _ in store.scan("users"):
        seen.append(key)
        store.put("users", key, b"changed") if len(seen) % 500 == 0 else None

    assert sorted(seen) == sorted(f"user {number}" for number in range(2500))


@every_store
def test_racing_threads_lose_no_update(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: increment(store, f"{number % 2}"), range(200)))

    assert {key: entry.value for key, entry in store.scan("counts")} == {"0": b"100", "1": b"100"}


@shared_stores
def test_closed_and_opened_again_it_keeps_all(url: str, store: Store) -> None:
    store.put("users", "ann", b"here")
    before = store.get("users", "ann")
    store.close()

    again = open_store(url)
    after = again.get("users", "ann")
    again.close()

    assert after == before


@shared_stores
def test_two_opened_in_one_process_are_one(url: str, store: Store) -> None:
    other = open_store(url)
    other.put("users", "ann", b"here")
    other.close()

    assert store.get("users", "ann") is not None


ANOTHER_PROCESS = """
import sys
from itertools import count
from catenae.errors import RecordTooLarge
from catenae.store import Write
from catenae.stores import open_store

store = open_store(sys.argv[1])
for number in count(1):
    entries = store.get_many("pairs", ["left", "right"])
    versions = {key: entries[key].version if key in entries else 0 for key in ("left", "right")}
    store.compare_and_put("pairs", [Write(key, b"%d" % number, versions[key]) for key in versions])
    while True:
        entry = store.get("counts", "all")
        if store.compare_and_put("counts", [Write("all", b"%d" % (int(entry.value) + 1), entry.version)]):
            break
    print(number, flush=True)
"""


@pytest.mark.lengthy
@shared_stores
def test_a_process_killed_while_it_writes_leaves_whole_records(
    request: pytest.FixtureRequest, url: str, store: Store
) -> None:
    increment(store, "all")
    command = [sys.executable, "-c", ANOTHER_PROCESS, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for _ in range(200):
            lines.append(process.stdout.readline())
            increment(store, "all")
        process.kill()
        lines += process.stdout.readlines()

    theirs = int(lines[-1])
    pairs = [int(entry.value) for _, entry in store.scan("pairs")]
    counted = [int(entry.value) - 201 for _, entry in store.scan("counts")]
    assert all(each - theirs in (0, 1) for each in [*pairs, *counted])
    assert len(set(pairs)) == 1 or request.node.callspec.params["url"] not in ALL_OR_NONE
