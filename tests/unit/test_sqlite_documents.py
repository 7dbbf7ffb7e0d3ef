import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from catenae.errors import DataFolderError, StoreUnavailable
from catenae.stores import sqlite_file, sqlite_search
from catenae.stores import sqlite_query as query
from catenae.stores.sqlite import SqliteDocuments, vacuum
from catenae.stores.sqlite_file import SqliteFile
from catenae.stores.sqlite_parting import part


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
    with documents._made("posts").using() as connection:
        connection.execute("PRAGMA max_page_count = 20")
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
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_S", 0.01)
    documents.upsert("posts", [{"id": "a"}])
    other = SqliteDocuments(documents._path)
    with documents._writing("posts"), pytest.raises(StoreUnavailable, match="busy"):
        other.upsert("posts", [{"id": "b"}])
    assert documents.count("posts") == 1

    other.upsert("posts", [{"id": "b"}])
    other.close()


def test_who_writes_one_collection_waits_for_no_writer_of_another(
    documents: SqliteDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_S", 0.01)
    with closing(SqliteDocuments(documents._path)) as other, documents._writing("users"):
        other.upsert("posts", [{"id": "a"}])

    assert documents.count("posts") == 1


def test_what_else_lies_beside_the_files_is_no_collection(documents: SqliteDocuments) -> None:
    documents.upsert("posts", [{"id": "a"}])
    folder = Path(f"{documents._path}.d")
    (folder / "posts.sqlite.old").write_bytes(b"a copy")
    (folder / "Posts of May.sqlite").write_bytes(b"a copy")

    assert documents.collections() == ["posts"]


def test_a_sorted_search_reads_the_index_from_the_cursor_on(documents: SqliteDocuments) -> None:
    documents.ensure_index("posts", ["tag", "at"])
    documents.upsert("posts", [{"id": f"{number}", "tag": "risk", "at": number} for number in range(10)])

    assert plan_of_the_next_page(documents) == INDEXED


INDEXED = "SEARCH posts USING INDEX posts(tag,at) (<expr>=? AND <expr>>?)"


def plan_of_the_next_page(documents: SqliteDocuments) -> str:
    """Return how SQLite finds the second page of the posts of a tag, by time."""
    statements: list[str] = []
    with documents._made("posts").using() as connection:
        connection.set_trace_callback(statements.append)
    cursor = documents.find("posts", {"tag": "risk"}, sort="at", limit=2).cursor
    documents.find("posts", {"tag": "risk"}, sort="at", limit=2, cursor=cursor)
    with documents._made("posts").using() as connection:
        connection.set_trace_callback(None)
        (plan,) = connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}").fetchall()
    return str(plan[3])


@pytest.fixture
def of_old(tmp_path: Path) -> Path:
    """Documents as the first edition kept them: all in one file."""
    path = tmp_path / "documents.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1")
        for name in ("posts", "users"):
            connection.execute(f'CREATE TABLE "{name}" (id TEXT PRIMARY KEY, document TEXT NOT NULL)')
        tag, at = query.expression("tag"), query.expression("at")
        connection.execute(f'CREATE INDEX "posts(tag,at)" ON "posts" ({tag}, {at}, id)')
        posts = [(f"{n}", json.dumps({"id": f"{n}", "tag": "risk", "at": n})) for n in range(10)]
        connection.executemany('INSERT INTO "posts" VALUES (?, ?)', posts)
        connection.commit()
    return path


def test_documents_of_one_file_move_to_a_file_for_each_collection_with_their_index(of_old: Path) -> None:
    with closing(SqliteDocuments(str(of_old))) as documents:
        assert documents.collections() == ["posts"]
        assert [each["at"] for each in documents.find("posts", sort="at").documents] == list(range(10))
        assert plan_of_the_next_page(documents) == INDEXED

    assert b"risk" not in of_old.read_bytes()
    assert not of_old.with_name("documents.sqlite-wal").exists()


@pytest.mark.parametrize("stopped_at", ["posts", "users"])
def test_documents_that_were_stopped_as_they_moved_are_whole(of_old: Path, stopped_at: str) -> None:
    old, new = SqliteFile(str(of_old)), SqliteDocuments(f"{of_old}.new")
    first = Path(f"{of_old}.new.d")

    def made(name: str) -> SqliteFile:
        if name == stopped_at:
            raise KeyboardInterrupt
        return new._made(name)

    with closing(new), pytest.raises(KeyboardInterrupt):
        part(old, made)
    old.close()
    if first.exists():
        first.rename(f"{of_old}.d")

    with closing(SqliteDocuments(str(of_old))) as documents:
        assert documents.count("posts") == 10
        assert plan_of_the_next_page(documents) == INDEXED


def test_who_all_open_documents_of_one_file_at_once_find_them_whole(of_old: Path) -> None:
    def counted(_: int) -> int:
        with closing(SqliteDocuments(str(of_old))) as documents:
            return documents.count("posts")

    with ThreadPoolExecutor(8) as several:
        assert list(several.map(counted, range(8))) == [10] * 8


def test_more_than_is_indexed_at_once_is_found_whole(documents: SqliteDocuments) -> None:
    number = sqlite_search.AT_ONCE + 100
    documents.upsert("posts", [{"id": f"{at}", "body": "word", "at": at} for at in range(number)])
    documents.ensure_search("posts", ["body"], "at")

    assert len(documents.search("posts", "word", limit=2 * number).documents) == number


def test_no_word_of_what_was_deleted_is_left_in_a_vacuumed_file(tmp_path: Path) -> None:
    path = tmp_path / "documents.sqlite"
    with closing(SqliteDocuments(str(path))) as documents:
        documents.ensure_search("posts", ["body"], "at")
        documents.upsert("posts", [{"id": "a", "body": "kept"}, {"id": "b", "body": "zyzzyva"}])
        documents.search("posts", "kept")
        documents.delete("posts", ["b"])

    vacuum(path)

    content = (tmp_path / "documents.sqlite.d" / "posts.sqlite").read_bytes()
    assert b"kept" in content
    assert b"zyzzyva" not in content
    assert b"yzzyva" not in content
