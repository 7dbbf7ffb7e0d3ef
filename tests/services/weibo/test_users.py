"""The users of a public Weibo collection, read one at a time."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reddit.files import UnreadableFile
from services.weibo import users
from services.weibo.users import UserRows, collection_files

ROWS: list[Any] = [{"nickname": "甲", "tweets": []}, {"nickname": "乙", "tweets": [{"tweet_content": "好"}]}]


def read(path: Path) -> list[Any]:
    return [row.value for row in UserRows(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("indent", [None, 4])
def test_a_list_is_read_row_by_row(tmp_path: Path, encoding: str, indent: int | None) -> None:
    file = tmp_path / "users.json"
    file.write_text(json.dumps(ROWS, ensure_ascii=False, indent=indent), encoding)

    assert read(file) == ROWS


def test_so_is_a_row_per_line_and_what_is_compressed(tmp_path: Path) -> None:
    lines = "".join(f"{json.dumps(row)}\n" for row in ROWS).encode()
    (tmp_path / "plain.json").write_bytes(lines)
    (tmp_path / "packed.json").write_bytes(gzip.compress(lines))

    assert read(tmp_path / "plain.json") == read(tmp_path / "packed.json") == ROWS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=5,
        ).map(lambda value: {"is": value}),
        max_size=5,
    ),
    st.integers(1, 9),
    st.booleans(),
)
def test_wherever_what_is_read_at_once_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[Any], read_bytes: int, is_ascii: bool
) -> None:
    monkeypatch.setattr(users, "_READ_BYTES", read_bytes)
    file = tmp_path / "users.json"
    file.write_text(json.dumps(rows, ensure_ascii=is_ascii), "utf-8")

    assert read(file) == rows


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (b'{"nickname": "x", "twe', "no JSON"),
        (b"<html>", "no JSON"),
        (b'{"nickname": "\xff"}', "not UTF-8"),
        (b"[" * 3 + b'{"a":' * 50_000, "a row too deep to be read"),
    ],
)
def test_damage_keeps_the_rows_before_it_and_names_the_line(
    tmp_path: Path, damage: bytes, found: str
) -> None:
    file = tmp_path / "users.json"
    file.write_bytes(b"[" + b",\n".join(json.dumps(row).encode() for row in ROWS) + b",\n" + damage)

    rows = iter(UserRows(file))
    assert [next(rows).value for _ in ROWS] == ROWS
    with pytest.raises(UnreadableFile, match=rf"users\.json:3: {found}"):
        next(rows)


def test_a_row_without_an_end_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "LONGEST_ROW_CHARACTERS", 1000)
    monkeypatch.setattr(users, "_READ_BYTES", 100)
    file = tmp_path / "users.json"
    file.write_text('[{"nickname": "' + "x" * 100_000)

    with pytest.raises(UnreadableFile, match="no JSON"):
        read(file)


def test_a_row_says_where_it_begins(tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    file.write_text('[\n\n{"a":\n1},\n\n{"b": 2}]')

    assert [(row.line, row.value) for row in UserRows(file)] == [(3, {"a": 1}), (6, {"b": 2})]


def test_hidden_files_and_others_are_left_alone(tmp_path: Path) -> None:
    for name in ("b.JSON", "._b.json", "a.txt", "sub/a.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert [each.name for each in collection_files(tmp_path)] == ["b.JSON", "a.json"]
