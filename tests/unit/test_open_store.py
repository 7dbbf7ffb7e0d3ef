from contextlib import closing
from pathlib import Path

import pytest

import catenae.stores
from catenae.errors import ConfigError, DataFolderError
from catenae.stores import open_documents, open_store


@pytest.mark.parametrize("url", ["", "embedded", "/data", "redis://user:secret@host"])
def test_an_unknown_scheme_is_refused_with_the_known_ones_and_without_the_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"embedded:") as store:
        open_store(url)
    with pytest.raises(ConfigError, match=r"sqlite:"):
        open_documents(url)

    assert "secret" not in str(store.value)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catenae.stores._STORES, "aerospike", "not_installed_client:open_it")

    with pytest.raises(ConfigError, match=r"not_installed_client.*catenae\[aerospike\]"):
        open_store("aerospike://host:3000/test")


@pytest.mark.parametrize(
    "options", ["map_size_mb=0", "map_size_mb=x", "map_size_mb", "colour=red", "durability=never"]
)
def test_an_unfit_option_is_named(tmp_path: Path, options: str) -> None:
    with pytest.raises(ConfigError, match=options.partition("=")[0]):
        open_store(f"embedded:{tmp_path}?{options}")


def test_options_need_a_folder() -> None:
    with pytest.raises(ConfigError, match="folder"):
        open_store("embedded:?map_size_mb=5")


def test_the_incarnation_of_an_embedded_store_is_that_of_the_machines_start(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with closing(open_store(f"embedded:{tmp_path}")) as store:
            found.append(store.incarnation())
    memory = open_store("embedded:")

    assert found[0] == found[1] != ""
    assert memory.incarnation() == memory.incarnation() != open_store("embedded:").incarnation()


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DataFolderError, match="file"):
        open_store(f"embedded:{tmp_path}/file")
