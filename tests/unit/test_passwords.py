"""Passwords of nodes and servers, in files."""

import stat
from pathlib import Path

import pytest

from catenae.errors import ConfigError
from catenae.operating.passwords import KAFKA, password, write_passwords
from topologies.token_filter import topology as filtering
from topologies.wordcount import topology

NAMES = {"kafka", "operator", "outside", "splitter", "counter"}


def test_each_node_and_server_has_one_of_its_own_that_is_not_to_be_guessed(tmp_path: Path) -> None:
    written = list(write_passwords([topology], tmp_path / "secrets"))

    found = {file.name: file.read_text() for file in written}
    assert set(found) == NAMES
    assert len(set(found.values())) == len(NAMES)
    assert min(map(len, found.values())) >= 48
    assert not any(text.endswith("\n") for name, text in found.items() if name != KAFKA)


def test_the_folder_is_its_owners_alone_and_a_containers_user_reads_a_file(tmp_path: Path) -> None:
    list(write_passwords([topology], tmp_path / "secrets"))

    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "secrets").iterdir()} == {0o444}


def test_what_is_there_stays_and_kafka_is_told_of_all(tmp_path: Path) -> None:
    list(write_passwords([topology], tmp_path))
    before = password(tmp_path, "splitter")

    written = [file.name for file in write_passwords([topology, filtering], tmp_path)]

    assert written == ["text_source", "tokeniser", "token_filter", "token_counter", "kafka"]
    assert password(tmp_path, "splitter") == before
    told = (tmp_path / "kafka").read_text()
    assert f'user_splitter="{before}"' in told
    assert f'username="operator" password="{password(tmp_path, "operator")}"' in told
    assert 'user_tokeniser="' in told


def test_a_password_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"the password of 'splitter' is not in .*`catenae passwords` writes"
    ):
        password(tmp_path, "splitter")


@pytest.mark.parametrize("unfit", ["\n", 'quiet" user_mallory="please', "quiet\\please", "quiet\nplease"])
def test_a_password_that_a_server_would_take_for_more_is_refused_and_not_shown(
    unfit: str, tmp_path: Path
) -> None:
    (tmp_path / "splitter").write_text(unfit)

    with pytest.raises(
        ConfigError, match=r"the password of 'splitter' in .* is empty, or more than"
    ) as refused:
        password(tmp_path, "splitter")

    assert "quiet" not in str(refused.value)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("")

    with pytest.raises(ConfigError, match=r"--folder: .*secrets' cannot be written"):
        list(write_passwords([topology], tmp_path / "secrets"))
