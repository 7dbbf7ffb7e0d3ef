"""Where a topology has kept what, and commands that are given other places."""

from pathlib import Path

import pytest

from catenae import erase
from catenae.config import Settings
from catenae.deployment.data_folder import DataFolder
from catenae.deployment.places import PLACES, note_places, place, require_places
from catenae.errors import ConfigError

DATA = Path("/srv/data")


@pytest.mark.parametrize(
    ("url", "stands_for"),
    [
        ("embedded:/srv/data/log?map_size_mb=64", "embedded:{data}/log"),
        ("embedded:/elsewhere/log", "embedded:/elsewhere/log"),
        ("sqlite:/srv/data/documents.sqlite", "sqlite:{data}/documents.sqlite"),
        ("aerospike://ann:se/cr?e=t@host:3000/ns?set=mine&timeout_s=2", "aerospike://host:3000/ns?set=mine"),
        ("mongodb://ann:s@cret@host/name?tls=true", "mongodb://host/name"),
        ("kafka://one:9092,two:9092?sasl.password=secret", "kafka://one:9092,two:9092"),
    ],
)
def test_a_place_is_told_without_credentials_and_without_where_the_folder_is(
    url: str, stands_for: str
) -> None:
    assert place(url, DATA) == stands_for


def test_the_places_of_a_folder_are_those_it_ran_with_last(tmp_path: Path) -> None:
    folder, there = DataFolder(tmp_path), Settings(data=tmp_path, store="aerospike://u:secret@host/ns")
    note_places(folder, "numbers", Settings(data=tmp_path))
    note_places(folder, "numbers", there)

    require_places(folder, there)
    assert "secret" not in (tmp_path / PLACES).read_text()


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("store", "aerospike://host/ns"),
        ("broker", "kafka://host:9092"),
        ("documents", "mongodb://host/name"),
    ],
)
def test_nothing_is_erased_while_what_is_meant_is_elsewhere(tmp_path: Path, kind: str, url: str) -> None:
    note_places(DataFolder(tmp_path), "numbers", Settings(**{"data": tmp_path, kind: url}))  # type: ignore[arg-type]

    with pytest.raises(ConfigError, match=f"--{kind} {url}, not with"):
        erase({"ann"}, Settings(data=tmp_path), {})
