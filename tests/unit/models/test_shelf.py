"""Models in a store: what is pulled is what was pushed, whole, or a line that says what is wrong."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from catenae import ConfigError, Store, open_store
from services.depression.model.artefact import Model, load_model, model_of, save_model
from services.models.folder import ModelError, read_folder
from services.models.in_use import Models
from services.models.shelf import CHUNK_BYTES, NAMESPACE, ModelShelf, Place

STORES: dict[str, Callable[[pytest.FixtureRequest], str]] = {
    "memory": lambda _: "embedded:",
    "embedded": lambda request: f"embedded:{request.getfixturevalue('tmp_path')}/store",
    "aerospike": lambda request: f"{request.getfixturevalue('aerospike')}?set=contract",
}
EVERY = ["memory", "embedded", pytest.param("aerospike", marks=pytest.mark.servers)]
TERMS = 2 * CHUNK_BYTES // 8  # of each array, so that it takes three chunks with its header
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(params=EVERY)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with closing(open_store(STORES[request.param](request))) as store:
        store.drop(NAMESPACE)
        yield store


@pytest.fixture
def shelf(store: Store) -> ModelShelf:
    return ModelShelf(store, lambda: NOW)


@pytest.fixture(scope="session")
def model() -> Model:
    words = tuple(f"w{number}" for number in range(TERMS))
    return Model(words, np.full(TERMS, 1.5), np.linspace(-1, 1, TERMS), bias=-1.0, threshold=0.5)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Path:
    folder = tmp_path_factory.mktemp("models") / "model"
    save_model(model, folder)
    return folder


def push(shelf: ModelShelf, folder: Path, name: str = "depression") -> str:
    files = read_folder(folder)
    shelf.push(files, name)
    return files.version


def in_use(place: str) -> Model:
    models = Models(place, model_of)
    with closing(models):
        models.open()
        return models.current()


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    words = ("i", "tea")
    save_model(Model(words, np.ones(2), np.zeros(2), bias=0.0, threshold=0.5), tmp_path / "newer")
    return tmp_path / "newer"


def test_files_come_back_byte_for_byte(shelf: ModelShelf, folder: Path) -> None:
    version = push(shelf, folder)

    found = shelf.files("depression", version)
    assert found.contents == {each.name: each.read_bytes() for each in folder.iterdir()}


def test_no_record_is_larger_than_a_chunk(store: Store, shelf: ModelShelf, folder: Path) -> None:
    push(shelf, folder)

    sizes = [len(entry.value) for _, entry in store.scan(NAMESPACE)]
    assert len(sizes) > 8
    assert max(sizes) == CHUNK_BYTES


def test_versions_lie_side_by_side_and_the_last_one_counts(
    shelf: ModelShelf, folder: Path, newer: Path
) -> None:
    first, second = push(shelf, folder), push(shelf, newer)

    assert shelf.files("depression").version == second
    assert shelf.files("depression", first).version == first
    assert {each.version: each.is_last for each in shelf.models()} == {first: False, second: True}


def test_a_list_says_what_there_is(shelf: ModelShelf, newer: Path) -> None:
    version = push(shelf, newer)
    size_bytes = sum(each.stat().st_size for each in newer.iterdir())

    (only,) = shelf.models()
    assert (only.name, only.version, only.size_bytes) == ("depression", version, size_bytes)
    assert only.pushed_at == "2026-03-04T05:06:07+00:00"


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_chunk_that_is_not_as_it_was_is_found(
    store: Store, shelf: ModelShelf, folder: Path, damage: str
) -> None:
    version = push(shelf, folder)
    key = f"depression@{version}/weights.npy/1"
    store.delete(NAMESPACE, key) if damage == "missing" else store.put(NAMESPACE, key, bytes(CHUNK_BYTES))

    with pytest.raises(ModelError, match=r"weights\.npy: [\d,]+ bytes that do not match .* Push it again"):
        shelf.files("depression")


def test_a_push_that_is_interrupted_changes_nothing(store: Store, shelf: ModelShelf, newer: Path) -> None:
    before = push(shelf, newer)
    save_model(replace(load_model(newer), bias=3.0), newer)
    put = store.put

    def killed(namespace: str, key: str, value: bytes) -> None:
        if "weights" in key:
            raise KeyboardInterrupt
        put(namespace, key, value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            push(shelf, newer)

    assert shelf.files("depression").version == before
    assert [each.version for each in shelf.models()] == [before]


def test_what_is_not_there_is_named_with_what_is(shelf: ModelShelf, newer: Path) -> None:
    version = push(shelf, newer)

    for name, missing in (("anxiety", ""), ("depression", "0" * 12)):
        with pytest.raises(ModelError, match=rf"not in the store; it has \['depression@{version}'\]"):
            shelf.files(name, missing)


@pytest.mark.parametrize("name", ["", "De", "a/b", "a@b", "x" * 64])
def test_a_name_that_cannot_be_one_is_refused(shelf: ModelShelf, newer: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be named"):
        push(shelf, newer, name)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("data/model", None),
        ("data/#1", None),
        ("/srv/a:b#c", None),
        ("embedded:data/shelf#depression", Place("embedded:data/shelf", "depression", "")),
        ("embedded:m?map_size_mb=8#d@0af1", Place("embedded:m?map_size_mb=8", "d", "0af1")),
        ("aerospike://u:p@h:3000/ns?set=m#d@12", Place("aerospike://u:p@h:3000/ns?set=m", "d", "12")),
    ],
)
def test_a_place_in_a_store_is_told_from_a_folder(text: str, place: Place | None) -> None:
    assert Place.parse(text) == place


def test_a_node_opens_its_model_from_a_folder_or_a_store(tmp_path: Path, newer: Path) -> None:
    url = f"embedded:{tmp_path}/models"
    with closing(open_store(url)) as store:
        version = push(ModelShelf(store), newer)

    places = [str(newer), f"{url}#depression", f"{url}#depression@{version}"]
    assert [in_use(each).version for each in places] == [version] * 3


@pytest.mark.parametrize(
    ("place", "found"),
    [("none", "manifest.json: missing"), ("embedded:none#depression", "there is no store in")],
)
def test_a_model_that_cannot_be_opened_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, found: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=found) as refused:
        in_use(place)

    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
