"""Documents in a SQLite file, shared by the processes of one machine.

One table per collection: the id, and the document as JSON. Indexes are on expressions of the JSON.

The file is in WAL mode: readers and the one writer do not wait for each other, `kill -9` loses nothing, and a
power cut loses at most the last moments, never the file.
"""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from catenae.errors import CatenaeError, CodecError, DataFolderError, NoRoom, StoreError, StoreUnavailable
from catenae.private_files import open_private, private_folder
from catenae.store import Document, Page
from catenae.stores import sqlite_query as query
from catenae.stores.document_query import (
    checked_fields,
    checked_limit,
    checked_projection,
    encode_cursor,
    encode_document,
    merged,
)

FORMAT = 1
BUSY_TIMEOUT_S = 30.0
CACHE_KIB = 16 * 1024
# Of one SELECT; SQLite of old takes 999 values.
IDS_AT_ONCE = 500
IN_MEMORY = ":memory:"


def vacuum(path: Path) -> None:
    """Write the file anew, so that nothing that was removed is left in it. Nobody else may have it open."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise _explained(str(path), error) from error


def open_sqlite(address: str) -> "SqliteDocuments":
    """Open the file at this path, or without an address a collection of documents in memory."""
    return SqliteDocuments(address or IN_MEMORY)


class SqliteDocuments:
    """SQLite keeps them, through one connection of this process, which its threads take turns to use.

    Collections and fields are named with lower-case letters, digits and _, fields within fields by a dot;
    StoreError otherwise. Text that is not Unicode (half a surrogate pair) or a value that is not JSON raises
    CodecError. What follows a NUL in a text is kept, but neither compared nor sorted by.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._tables: set[str] = set()
        try:
            if path != IN_MEMORY:
                private_folder(Path(path).parent)
                with suppress(FileExistsError):
                    # Only where there is none: to close a file drops the locks that this process has on it.
                    os.close(open_private(Path(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            self._connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise _explained(path, error) from error
        try:
            self._prepare()
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
        with self._using() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            return [
                name
                for (name,) in tables.fetchall()
                if connection.execute(f"SELECT 1 FROM {query.table(name)} LIMIT 1").fetchone()  # noqa: S608
            ]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        with self._using() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            with _transaction(connection):
                (found,) = connection.execute("PRAGMA user_version").fetchone()
                (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                if found != FORMAT and (found or tables):
                    raise DataFolderError(
                        f"documents file {self._path!r} is of format {found}, this version of Catenae "
                        f"knows {FORMAT}. Use the version that wrote it, or another file"
                    )
                connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _select(self, collection: str, columns: str, rest: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows; none if nobody has stored in the collection."""
        name = query.table(collection)
        with self._using() as connection:
            if not self._exists(collection):
                return []
            statement = f"SELECT {columns} FROM {name} WHERE {rest}"  # noqa: S608 — checked names only
            return connection.execute(statement, values).fetchall()

    def _exists(self, collection: str) -> bool:
        if collection not in self._tables:
            named = "SELECT name FROM sqlite_master WHERE type = 'table'"
            self._tables = {name for (name,) in self._connection.execute(named)}
        return collection in self._tables

    @contextmanager
    def _writing(self, collection: str) -> Iterator[sqlite3.Connection]:
        """Give a transaction in which the collection has its table."""
        name = query.table(collection)
        with self._using() as connection, _transaction(connection):
            if not self._exists(collection):
                connection.execute(f"CREATE TABLE {name} (id TEXT PRIMARY KEY, document TEXT NOT NULL)")
            yield connection

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                yield self._connection
        except UnicodeEncodeError as error:
            raise CodecError(
                "a text holds half a surrogate pair, which is not Unicode; replace it"
            ) from error
        except OverflowError as error:
            raise StoreError("a number beyond 64 bits is compared with; store it as text") from error
        except sqlite3.Error as error:
            raise _explained(self._path, error) from error


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors, a full disk for one.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _may_open_nothing() -> bool:
    """Say whether the limit on open files is reached, which SQLite does not tell from a missing folder."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return False


def _explained(path: str, error: OSError | sqlite3.Error) -> CatenaeError:
    # The low byte is the kind, the rest says more of it.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    who = f"documents file {path!r}"
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return StoreUnavailable(
                f"{who} is busy, {error}; another process holds it for over {BUSY_TIMEOUT_S} s"
            )
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return NoRoom(f"{who} cannot be written, {error}; make room, and look at the system's log")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            found = f"is damaged or not SQLite's, {error}; restore it, or use another"
        case sqlite3.SQLITE_CANTOPEN if _may_open_nothing():
            found = "cannot be opened, too many files are; raise the limit (ulimit -n)"
        case sqlite3.SQLITE_NOMEM:
            found = f"cannot be used, {error}; raise the limit on memory (ulimit -v)"
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            found = f"cannot be opened, {error}; it must be writable, on a local disk"
        case _ if isinstance(error, OSError):
            found = f"cannot be opened, {error}; it must be writable, on a local disk"
        case _:
            return StoreError(f"{who} refused, {error}")
    return DataFolderError(f"{who} {found}")
