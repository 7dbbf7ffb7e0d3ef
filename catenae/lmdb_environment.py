"""LMDB data folders, as the embedded broker and the embedded store use them.

An LMDB environment is a folder with one memory-mapped file that any number of processes read at once, and
write one transaction at a time. A transaction is all or nothing also under `kill -9`: what was committed is
in the page cache of the operating system, which outlives the process.
"""

import errno
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl

import lmdb

from catenae.errors import ConfigError, DataFolderError, NoRoom
from catenae.private_files import private_folder

Durability = Literal["second", "commit"]

MEBIBYTE = 1024 * 1024
FLUSH_EVERY_S = 1.0
# A reader is a running read transaction of any process, and costs 64 bytes.
MAX_READERS = 4096
MAX_DATABASES = 64
FORMATS = b"formats"
# As many MiB as there are addresses.
_LIMITED = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class LmdbOptions:
    """Where a data folder is and how it is kept.

    map_size_bytes  the most it can ever hold; address space only, the file grows with what is in it
    durability      "second" flushes to disk once a second: no crash of a process loses anything, a power cut
                    loses the last second, and may damage the folder on a file system that reorders writes;
                    "commit" flushes each commit before it returns, so that a power cut loses nothing either
    """

    path: Path
    map_size_bytes: int = 64 * 1024 * MEBIBYTE
    durability: Durability = "second"

    @classmethod
    def parse(cls, address: str) -> "LmdbOptions":
        """Read `PATH?map_size_mb=65536&durability=second`, both options optional; raise ConfigError.

        A folder's name may hold a question mark: options are what follows the last one, and hold no slash.
        """
        path, mark, query = address.rpartition("?")
        if not mark or "/" in query:
            path, query = address, ""
        if not path:
            raise ConfigError(f"found options {address!r} without a folder. Use embedded:PATH?…")
        options = cls(Path(path))
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name == "map_size_mb" and _LIMITED.fullmatch(value) and int(value) > 0:
                options = replace(options, map_size_bytes=int(value) * MEBIBYTE)
            elif name == "durability" and value in ("second", "commit"):
                options = replace(options, durability="commit" if value == "commit" else "second")
            else:
                raise ConfigError(
                    f"data folder {path!r} was given {name}={value}; "
                    "it takes map_size_mb, a whole number of MiB, and durability, second or commit"
                )
        return options


class LmdbEnvironment:
    """A data folder opened in this process. Thread-safe, but a transaction belongs to one thread.

    `databases` names the parts of the folder this user needs, each with the number of its format; missing
    ones are created, and those of an earlier format marked with this one, so that no earlier release takes
    for its own what is written from now on. Several of these may be open on one folder: LMDB forbids a
    process to open it twice, so they share one. None crosses a fork: the child opens its own.

    Raises DataFolderError, here and in every method, for a folder that is full, damaged, not accessible, or
    of a later format, and ConfigError when it is open in this process with other options.
    """

    def __init__(self, options: LmdbOptions, databases: Mapping[str, int]) -> None:
        self._folder = _acquire(options)
        self._closed = False
        try:
            self._databases = self._folder.open_databases(databases)
        except BaseException:
            self.close()
            raise

    def database(self, name: str) -> "lmdb._Database":
        """Return the `db=` argument of a transaction's methods; KeyError unless given to the constructor."""
        return self._databases[name]

    @contextmanager
    def read(self) -> Iterator["lmdb.Transaction[bytes]"]:
        """Give a snapshot. Keep it short: while it lasts, no space freed by writers is used again."""
        folder = self._opened()
        try:
            with folder.environment.begin() as transaction:
                yield transaction
        except lmdb.Error as error:
            raise _explained(folder.options.path, error) from error

    @contextmanager
    def write(self) -> Iterator["lmdb.Transaction[bytes]"]:
        """Give the one write transaction of all processes, waiting for it without limit.

        Committed when the block ends, undone when it raises. Never open a second one inside.
        """
        folder = self._opened()
        folder.check()
        try:
            with folder.environment.begin(write=True) as transaction:
                yield transaction
        except lmdb.Error as error:
            raise _explained(folder.options.path, error) from error
        folder.flusher.request()

    def last_transaction(self) -> int:
        """Return the number of the last commit of any process: while it stays, nothing has changed."""
        last: int = self._opened().environment.info()["last_txnid"]
        return last

    def flush(self) -> None:
        """Bring to the disk everything that any process has committed."""
        self._opened().flush()

    def close(self) -> None:
        """Release the folder; the last user of this process flushes it first. Calling it again is fine."""
        if not self._closed:
            self._closed = True
            _release(self._folder)

    def _opened(self) -> "_Folder":
        if self._closed or self._folder.pid != os.getpid():
            raise DataFolderError(
                f"data folder {str(self._folder.options.path)!r} is used after it was closed, "
                f"or in a fork of the process {self._folder.pid} that opened it. Open it again"
            )
        return self._folder


class _Folder:
    """What the LmdbEnvironments of one process on one folder share."""

    def __init__(self, options: LmdbOptions) -> None:
        self.options = options
        self.users = 0
        self.pid = os.getpid()
        try:
            private_folder(options.path)
            self.environment = lmdb.open(
                os.fsencode(options.path),
                map_size=options.map_size_bytes,
                max_dbs=MAX_DATABASES,
                max_readers=MAX_READERS,
                sync=options.durability == "commit",
                mode=0o600,
            )
            self.environment.reader_check()
        except (lmdb.Error, OSError, OverflowError) as error:
            raise _explained(options.path, error) from error
        self.flusher = _Flusher(self.flush)
        self._lock = options.path / "lock.mdb"
        self._lock_status = self._lock.stat()

    def check(self) -> None:
        """Raise if a flush has failed, or if others lock another file: two would write at once."""
        self.flusher.check()
        try:
            is_there = os.path.samestat(os.stat(self._lock), self._lock_status)  # noqa: PTH116  as fast as can be
        except OSError:
            is_there = False
        if not is_there:
            raise DataFolderError(
                f"{str(self._lock)!r} was removed while the data folder was in use, so this process writes "
                f"no more. Stop all that use it, start them again, and keep cleaners of files away from it"
            )

    def open_databases(self, formats: Mapping[str, int]) -> "dict[str, lmdb._Database]":
        try:
            with self.environment.begin(write=True) as transaction:
                known = self.environment.open_db(FORMATS, transaction)
                for name, wanted in formats.items():
                    found = int(transaction.get(name.encode(), b"%d" % wanted, known))
                    if found > wanted:
                        raise DataFolderError(
                            f"data folder {str(self.options.path)!r} keeps {name!r} in format {found}, "
                            f"this version of Catenae knows {wanted}. "
                            "Use the version that wrote it, or an empty folder"
                        )
                    transaction.put(name.encode(), b"%d" % wanted, db=known)
                return {name: self.environment.open_db(name.encode(), transaction) for name in formats}
        except lmdb.Error as error:
            raise _explained(self.options.path, error) from error

    def flush(self) -> None:
        try:
            self.environment.sync(force=True)
            # A reader killed within a transaction would keep freed space from ever being used again.
            self.environment.reader_check()
        except lmdb.Error as error:
            raise _explained(self.options.path, error) from error

    def close(self) -> None:
        self.flusher.close()
        self.environment.close()


class _Flusher:
    """Calls `flush` from a thread of its own, a second after the first `request` since the last call."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._requested = threading.Event()
        self._closing = threading.Event()
        self._failure: DataFolderError | None = None
        self._thread = threading.Thread(target=self._run, name="catenae-flusher", daemon=True)
        self._thread.start()

    def request(self) -> None:
        if not self._requested.is_set():
            self._requested.set()

    def check(self) -> None:
        """Raise if a flush has failed: what was written since the last good one may never reach the disk."""
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End the thread, flushing what is still asked for."""
        requested = self._requested.is_set()
        self._closing.set()
        self._requested.set()
        self._thread.join()
        if requested and self._failure is None:
            self._flush()

    def _run(self) -> None:
        # `close` says so before it requests: a request of its that is cleared here is still seen.
        while not self._closing.is_set():
            self._requested.wait()
            if self._closing.wait(FLUSH_EVERY_S):
                return
            self._requested.clear()
            try:
                self._flush()
            except DataFolderError as failure:
                # Whatever it is: waiting would not bring back what the system has dropped.
                self._failure = DataFolderError(str(failure))
                return


# LMDB allows one environment per folder and process, so this much is known to the process as a whole.
_folders: dict[Path, _Folder] = {}
_folders_lock = threading.Lock()


def _acquire(options: LmdbOptions) -> _Folder:
    path = options.path.resolve()
    with _folders_lock:
        folder = _folders.get(path)
        if folder is not None and folder.pid != os.getpid():
            # Inherited through a fork. LMDB knows, and leaves alone what belongs to the parent.
            folder.environment.close()
            folder = None
        if folder is None:
            folder = _folders[path] = _Folder(replace(options, path=path))
        if folder.options != replace(options, path=path):
            raise ConfigError(
                f"data folder {str(path)!r} is open in this process as {folder.options} "
                f"and asked for as {options}. Give the same options wherever it is named"
            )
        folder.users += 1
        return folder


def _release(folder: _Folder) -> None:
    if folder.pid != os.getpid():
        return
    with _folders_lock:
        folder.users -= 1
        if folder.users == 0:
            del _folders[folder.options.path]
            folder.close()


def _explained(path: Path, error: lmdb.Error | OSError | OverflowError) -> DataFolderError:
    match error:
        case lmdb.MapFullError():
            advice = "it holds all that map_size_mb allows: raise that, or keep less"
        case (
            lmdb.MemoryError() | lmdb.Error(code=errno.ENOMEM) | OSError(errno=errno.ENOMEM) | OverflowError()
        ):
            advice = (
                "its map needs more address space than this process may have: give a smaller one, as in "
                "embedded:PATH?map_size_mb=1024, or raise the limit (ulimit -v)"
            )
        case lmdb.Error(code=errno.EMFILE | errno.ENFILE) | OSError(errno=errno.EMFILE | errno.ENFILE):
            advice = "this process may not open as many files: raise the limit (ulimit -n)"
        case lmdb.DiskError() | lmdb.Error(code=errno.EIO | errno.EFBIG):
            advice = "the disk is full or failing: make room, and look at the system's log"
            return NoRoom(f"data folder {str(path)!r} cannot be used, {error}; {advice}")
        case lmdb.InvalidError() | lmdb.CorruptedError() | lmdb.PanicError() | lmdb.VersionMismatchError():
            advice = "it is damaged or not LMDB's: restore it, or use an empty folder"
        case lmdb.MapResizedError():
            advice = "another process gave it a larger map_size_mb: give the same everywhere"
        case lmdb.ReadersFullError():
            advice = f"more than {MAX_READERS} read transactions run at once: use fewer processes or threads"
        case _:
            advice = "it must be a folder on a local disk that this user may read and write"
    return DataFolderError(f"data folder {str(path)!r} cannot be used, {error}; {advice}")
