"""Documents in files of SQLite that the processes of one machine share: PATH, and PATH.d/COLLECTION.sqlite.

A collection is one table: the id, and the document as JSON. Indexes are on expressions of the JSON.

It has a file of its own because a file's log starts anew only at a moment without a writer: the one log of
four storers grew to 450 MB, and cost each of them an eighth of its time.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from catenae.store import Between, Document, Page
from catenae.stores import sqlite_query as query
from catenae.stores import sqlite_search
from catenae.stores.document_query import (
    checked_fields,
    checked_limit,
    checked_projection,
    decode_cursor,
    encode_cursor,
    encode_document,
    is_collection,
    merged,
)
from catenae.stores.search_words import Searched, moments, phrases_of, search_index
from catenae.stores.sqlite_file import FORMAT, IN_MEMORY, SqliteFile, vacuum_file
from catenae.stores.sqlite_parting import part

# Of one SELECT; SQLite of old takes 999 values.
IDS_AT_ONCE = 500


def open_sqlite(address: str) -> "SqliteDocuments":
    """Open the files at this path, or without an address collections of documents in memory."""
    return SqliteDocuments(address or IN_MEMORY)


def vacuum(path: Path) -> None:
    """Write the files of the documents at a path anew, as `vacuum_file` does."""
    for file in (path, *_files(path).values()):
        vacuum_file(file)


def _file(path: str, collection: str) -> Path:
    return Path(f"{path}.d", f"{collection}.sqlite")


def _files(path: Path) -> dict[str, Path]:
    """Return the file of each collection of the documents at a path."""
    files = sorted(Path(f"{path}.d").glob("*.sqlite"))
    return {file.stem: file for file in files if is_collection(file.stem)}


class SqliteDocuments:
    """SQLite keeps them, through one connection of this process to each file, used by its threads in turn.

    Collections and fields are named with lower-case letters, digits and _, fields within fields by a dot;
    StoreError otherwise. Text that is not Unicode (half a surrogate pair) or a value that is not JSON raises
    CodecError. What follows a NUL in a text is kept, but neither compared nor sorted by.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._files: dict[str, SqliteFile] = {}
        self._searched = Searched()
        # Nothing is in it, but that documents are here, and in which format.
        self._first = SqliteFile(path)
        if self._first.format != FORMAT:
            try:
                part(self._first, self._made)
            except BaseException:
                self.close()
                raise

    def ensure_index(self, collection: str, fields: Sequence[str]) -> None:
        statement = query.index(collection, fields)
        with self._writing(collection) as connection:
            connection.execute(statement)

    def upsert(self, collection: str, documents: Iterable[Document]) -> None:
        rows = [encode_document(collection, document) for document in documents]
        with self._writing(collection) as connection:
            connection.executemany(
                f"INSERT INTO {query.table(collection)} VALUES (?, ?) "  # noqa: S608 — a checked name
                "ON CONFLICT (id) DO UPDATE SET document = excluded.document",
                rows,
            )

    def insert(self, collection: str, document: Document) -> bool:
        row = encode_document(collection, document)
        with self._writing(collection) as connection:
            statement = f"INSERT INTO {query.table(collection)} VALUES (?, ?) ON CONFLICT (id) DO NOTHING"  # noqa: S608
            return connection.execute(statement, row).rowcount > 0

    def insert_new(self, collection: str, documents: Iterable[Document]) -> set[str]:
        rows = [encode_document(collection, document) for document in documents]
        statement = f"INSERT INTO {query.table(collection)} VALUES (?, ?) ON CONFLICT (id) DO NOTHING"  # noqa: S608
        with self._writing(collection) as connection:
            # Mostly none is there; one call for all then costs 3.6 µs a document, one for each 4.3.
            connection.execute("SAVEPOINT before")
            if connection.executemany(statement, rows).rowcount == len(rows):
                return set()
            connection.execute("ROLLBACK TO before")
            return {row[0] for row in rows if connection.execute(statement, row).rowcount == 0}

    def merge(self, collection: str, documents: Iterable[Document], *, create: bool = True) -> int:
        changes = [checked_fields(collection, document) for document in documents]
        for change in changes:
            encode_document(collection, change)
        name, done = query.table(collection), 0
        with self._writing(collection) as connection:
            for change in changes:
                row = connection.execute(
                    f"SELECT document FROM {name} WHERE id = ?",  # noqa: S608 — a checked name
                    (change["id"],),
                ).fetchone()
                if row is None and not create:
                    continue
                stored = msgspec.json.decode(row[0]) if row is not None else {}
                connection.execute(
                    f"INSERT OR REPLACE INTO {name} VALUES (?, ?)",  # noqa: S608 — a checked name
                    encode_document(collection, merged(stored, change)),
                )
                done += 1
        return done

    def get(self, collection: str, document_id: str) -> Document | None:
        return self.get_many(collection, [document_id]).get(document_id)

    def get_many(self, collection: str, document_ids: Iterable[str]) -> dict[str, Document]:
        # Some at a time: one by one takes four times as long, and there is a bound on how many at once.
        wanted = list(document_ids)
        parts = (wanted[start : start + IDS_AT_ONCE] for start in range(0, len(wanted), IDS_AT_ONCE))
        rows = [
            row
            for some in parts
            for row in self._select(collection, "document", f"id IN ({', '.join('?' * len(some))})", some)
        ]
        documents = [msgspec.json.decode(document) for (document,) in rows]
        return {document["id"]: document for document in documents}

    def find(  # noqa: PLR0913  see Documents
        self,
        collection: str,
        where: Mapping[str, Any] | None = None,
        *,
        sort: str = "id",
        descending: bool = False,
        limit: int = 100,
        cursor: str | None = None,
        fields: Sequence[str] | None = None,
    ) -> Page:
        wanted = None if fields is None else checked_projection(fields)
        keys = query.sort_keys(sort)
        holds, values = query.condition(where or {})
        if cursor is not None:
            after, bounds = query.after(keys, cursor, descending=descending)
            holds += f" AND {after}"
            values += bounds
        order = ", ".join(f"{key} DESC" if descending else key for key in keys)
        rows = self._select(
            collection,
            f"{'document' if wanted is None else query.projection(wanted)}, {', '.join(keys)}",
            f"{holds} ORDER BY {order} LIMIT ?",
            [*values, checked_limit(collection, limit) + 1],
        )
        more = len(rows) > limit
        documents = [msgspec.json.decode(row[0]) for row in rows[:limit]]
        if wanted is not None:
            documents = [dict(zip(("id", *wanted), values, strict=True)) for values in documents]
        return Page(documents, encode_cursor(rows[limit - 1][1:]) if more else None)

    def ensure_search(self, collection: str, fields: Sequence[str], order: str) -> None:
        index = search_index(fields, order)
        with self._writing(collection) as connection:
            sqlite_search.create(connection, collection, index)
        self._searched.add(collection, index)
        self._bring_up_to_date(collection)

    def search(
        self,
        collection: str,
        text: str,
        where: Mapping[str, Any] | None = None,
        *,
        between: Between | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        span = moments(self._searched.index(collection).order, between)
        phrases, most = phrases_of(text), checked_limit(collection, limit)
        before = None if cursor is None else decode_cursor(cursor, 1)[0]
        if not phrases:
            return Page([], None)
        self._bring_up_to_date(collection)
        with self._made(collection).using() as connection:
            found = sqlite_search.find(connection, collection, phrases, where or {}, span, before, most + 1)
        more = len(found) > limit
        documents = [document for _, document in found[:limit]]
        return Page(documents, encode_cursor([found[limit - 1][0]]) if more else None)

    def _bring_up_to_date(self, collection: str) -> None:
        """Take into the index what was written since; a part at a time, so that others may write between."""
        index, file = self._searched.index(collection), self._made(collection)
        while True:
            with file.using() as connection:
                if not sqlite_search.is_stale(connection, collection):
                    return
            with file.writing() as connection:
                sqlite_search.bring_up_to_date(connection, collection, index)

    def count(self, collection: str, where: Mapping[str, Any] | None = None) -> int:
        holds, values = query.condition(where or {})
        rows = self._select(collection, "count(*)", holds, values)
        return int(rows[0][0]) if rows else 0

    def delete(self, collection: str, document_ids: Iterable[str]) -> int:
        rows = [(document_id,) for document_id in document_ids]
        with self._writing(collection) as connection:
            statement = f"DELETE FROM {query.table(collection)} WHERE id = ?"  # noqa: S608 — a checked name
            return max(connection.executemany(statement, rows).rowcount, 0)

    def collections(self) -> Sequence[str]:
        on_disk = {} if self._path == IN_MEMORY else _files(Path(self._path))
        return [
            name for name in sorted({*self._files, *on_disk}) if self._select(name, "1", "TRUE LIMIT 1", ())
        ]

    def close(self) -> None:
        with self._opening:
            for file in (self._first, *self._files.values()):
                file.close()

    def _select(self, collection: str, columns: str, rest: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows; none if nobody has stored in the collection."""
        statement = f"SELECT {columns} FROM {query.table(collection)} WHERE {rest}"  # noqa: S608 — checked names
        if collection not in self._files and not self._is_made(collection):
            return []
        with self._made(collection).using() as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self, collection: str) -> Iterator[sqlite3.Connection]:
        """Give a transaction in the file of the collection."""
        with self._made(collection).writing() as connection:
            yield connection

    def _is_made(self, collection: str) -> bool:
        return self._path != IN_MEMORY and _file(self._path, collection).exists()

    def _made(self, collection: str) -> SqliteFile:
        """Return the file of a collection, made with its table where there is none."""
        name = query.table(collection)
        with self._opening:
            if collection not in self._files:
                in_memory = self._path == IN_MEMORY
                file = SqliteFile(IN_MEMORY if in_memory else str(_file(self._path, collection)))
                try:
                    with file.writing() as connection:
                        connection.execute(
                            f"CREATE TABLE IF NOT EXISTS {name} (id TEXT PRIMARY KEY, document TEXT NOT NULL)"
                        )
                except BaseException:
                    file.close()
                    raise
                self._files[collection] = file
            return self._files[collection]
