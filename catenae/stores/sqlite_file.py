"""A file of SQLite that the processes of one machine share: how it is opened and written, and its errors.

The file is in WAL mode: readers and the one writer do not wait for each other, `kill -9` loses nothing, and a
power cut loses at most the last moments, never the file.
"""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from catenae.errors import CatenaeError, CodecError, DataFolderError, NoRoom, StoreError, StoreUnavailable
from catenae.private_files import open_private, private_folder
from catenae.stores import sqlite_search

# 1 had all collections in one file.
FORMAT = 2
BUSY_TIMEOUT_S = 30.0
CACHE_KIB = 8 * 1024
IN_MEMORY = ":memory:"


class SqliteFile:
    """One connection of this process, which its threads take turns to use.

    format  of the file as it was found; `FORMAT` of one that is new

    Raises `DataFolderError` for a file that is not ours, and what `explained` makes of SQLite's errors.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.Lock()
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
            raise explained(path, error) from error
        try:
            self.format = self._prepare()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread at a time."""
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
            raise explained(self.path, error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection in a transaction, all or nothing of which is kept."""
        with self.using() as connection, transaction(connection):
            yield connection

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> int:
        with self.using() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            with transaction(connection):
                (found,) = connection.execute("PRAGMA user_version").fetchone()
                (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                if not found and not tables:
                    connection.execute(f"PRAGMA user_version = {FORMAT}")
                    return FORMAT
        if not 1 <= found <= FORMAT:
            raise DataFolderError(
                f"documents file {self.path!r} is of format {found}, this version of Catenae "
                f"knows up to {FORMAT}. Use the version that wrote it, or another file"
            )
        return int(found)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep all that is written or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors, a full disk for one.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def vacuum_file(path: Path) -> None:
    """Write a file anew, so that nothing that was removed is left in it. Nobody else may have it open."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            sqlite_search.shrink(connection)
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise explained(str(path), error) from error


def explained(path: str, error: OSError | sqlite3.Error) -> CatenaeError:
    """Return the error of a file in our words: what was found, and what to do."""
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


def _may_open_nothing() -> bool:
    """Say whether the limit on open files is reached, which SQLite does not tell from a missing folder."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return False
