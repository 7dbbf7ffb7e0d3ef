from pathlib import Path

import pytest

from catenae.errors import DataFolderError, StoreError
from catenae.store import ABSENT, Write
from catenae.stores import open_store


def test_a_full_folder_takes_none_of_a_round_and_stays_readable(tmp_path: Path) -> None:
    store = open_store(f"embedded:{tmp_path}?map_size_mb=1")
    store.put("users", "ann", b"before")
    with pytest.raises(DataFolderError, match="map_size_mb"):
        store.compare_and_put("users", [Write(f"{number}", bytes(10_000), ABSENT) for number in range(1000)])

    assert [key for key, _ in store.scan("users")] == ["ann"]
    store.close()


def test_a_refused_write_refuses_the_whole_round(tmp_path: Path) -> None:
    store = open_store(f"embedded:{tmp_path}")
    store.put("users", "ann", b"hers")

    assert store.compare_and_put("users", [Write("ann", b"", ABSENT), Write("bob", b"", ABSENT)]) == {}
    assert store.get("users", "bob") is None
    store.close()


@pytest.mark.parametrize("namespace", ["", "a\x00b", "a\nb", "n" * 256, "\ud83d"])
def test_an_unfit_namespace_is_refused(tmp_path: Path, namespace: str) -> None:
    store = open_store(f"embedded:{tmp_path}")

    with pytest.raises(StoreError, match="namespace"):
        store.put(namespace, "ann", b"")
    store.close()
