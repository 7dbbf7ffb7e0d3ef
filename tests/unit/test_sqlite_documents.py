import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from catenae.errors import DataFolderError, StoreUnavailable
from catenae.stores import sqlite
from catenae.stores.sqlite import SqliteDocuments


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[SqliteDocuments]:
    opened = SqliteDocuments(f"{tmp_path}/documents.sqlite")
    yield opened
    opened.close()


def test_of_equal_ids_that_are_new_the_first_is_inserted_and_the_other_named(
    documents: SqliteDocuments,
) -> None:
    assert documents.insert_new("posts", [{"id": "a", "n": 1}, {"id": "b"}, {"id": "a", "n": 2}]) == {"a"}
    assert documents.find("posts").documents == [{"id": "a", "n": 1}, {"id": "b"}]


def test_a_full_disk_is_named_and_nothing_of_the_upsert_is_kept(documents: SqliteDocuments) -> None:
    documents.upsert("posts", [{"id": "a"}])
    documents._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(DataFolderError, match="make room"):
        documents.upsert("posts", [{"id": f"{number}", "body": "x" * 1000} for number in range(1000)])

    assert documents.count("posts") == 1
    documents.upsert("posts", [{"id": "b"}])


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"not SQLite" * 1000)

    with pytest.raises(DataFolderError, match="damaged or not SQLite"):
        SqliteDocuments(f"{tmp_path}/file")


@pytest.mark.parametrize("statement", ["CREATE TABLE posts (text)", "PRAGMA user_version = 9"])
def test_a_database_of_somebody_else_or_a_newer_version_is_refused(tmp_path: Path, statement: str) -> None:
    other = sqlite3.connect(tmp_path / "other")
    other.execute(statement)
    other.close()

    with pytest.raises(DataFolderError, match="format"):
        SqliteDocuments(f"{tmp_path}/other")


def test_a_folder_is_no_documents_file(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="cannot be opened"):
        SqliteDocuments(f"{tmp_path}")


def test_a_file_that_others_keep_busy_is_unavailable_for_the_moment(
    documents: SqliteDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.01)
    documents.upsert("posts", [{"id": "a"}])
    other = SqliteDocuments(documents._path)
    with documents._writing("posts"), pytest.raises(StoreUnavailable, match="busy"):
        other.upsert("posts", [{"id": "b"}])
    assert documents.count("posts") == 1

    other.upsert("posts", [{"id": "b"}])
    other.close()


def test_a_sorted_search_reads_the_index_from_the_cursor_on(documents: SqliteDocuments) -> None:
    documents.ensure_index("posts", ["tag", "at"])
    documents.upsert("posts", [{"id": f"{number}", "tag": "risk", "at": number} for number in range(10)])
    statements: list[str] = []
    documents._connection.set_trace_callback(statements.append)
    cursor = documents.find("posts", {"tag": "risk"}, sort="at", limit=2).cursor
    documents.find("posts", {"tag": "risk"}, sort="at", limit=2, cursor=cursor)
    documents._connection.set_trace_callback(None)

    (plan,) = documents._connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}").fetchall()
    assert plan[3] == "SEARCH posts USING INDEX posts(tag,at) (<expr>=? AND <expr>>?)"
