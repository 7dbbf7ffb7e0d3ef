"""An open folder of LMDB: what the users of it in one process share, flushed to disk in the background."""

import errno
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import lmdb

from catenae.errors import ConfigError, DataFolderError, NoRoom
from catenae.lmdb.options import LmdbOptions
from catenae.private_files import private_folder

FLUSH_EVERY_S = 1.0
# A reader is a running read transaction of any process, and costs 64 bytes.
MAX_READERS = 4096
MAX_DATABASES = 64
FORMATS = b"formats"


class Folder:
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
            raise explained(options.path, error) from error
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
            raise explained(self.options.path, error) from error

    def flush(self) -> None:
        try:
            self.environment.sync(force=True)
            # A reader killed within a transaction would keep freed space from ever being used again.
            self.environment.reader_check()
        except lmdb.Error as error:
            raise explained(self.options.path, error) from error

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
_folders: dict[Path, Folder] = {}
_folders_lock = threading.Lock()


def acquire(options: LmdbOptions) -> Folder:
    """Return the folder for one more user of this process; errors as those of `LmdbEnvironment`."""
    path = options.path.resolve()
    with _folders_lock:
        folder = _folders.get(path)
        if folder is not None and folder.pid != os.getpid():
            # Inherited through a fork. LMDB knows, and leaves alone what belongs to the parent.
            folder.environment.close()
            folder = None
        if folder is None:
            folder = _folders[path] = Folder(replace(options, path=path))
        if folder.options != replace(options, path=path):
            raise ConfigError(
                f"data folder {str(path)!r} is open in this process as {folder.options} "
                f"and asked for as {options}. Give the same options wherever it is named"
            )
        folder.users += 1
        return folder


def release(folder: Folder) -> None:
    """Have one user less; the last one closes it."""
    if folder.pid != os.getpid():
        return
    with _folders_lock:
        folder.users -= 1
        if folder.users == 0:
            del _folders[folder.options.path]
            folder.close()


def explained(path: Path, error: lmdb.Error | OSError | OverflowError) -> DataFolderError:
    """Return what to say of an error: what was found, and what to do."""
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
