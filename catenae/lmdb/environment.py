"""LMDB data folders, as the embedded broker and the embedded store use them.

An LMDB environment is a folder with one memory-mapped file that any number of processes read at once, and
write one transaction at a time. A transaction is all or nothing also under `kill -9`: what was committed is
in the page cache of the operating system, which outlives the process.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import lmdb

from catenae.errors import DataFolderError
from catenae.lmdb.folder import Folder, acquire, explained, release
from catenae.lmdb.options import LmdbOptions


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
        self._folder = acquire(options)
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
            raise explained(folder.options.path, error) from error

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
            raise explained(folder.options.path, error) from error
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
            release(self._folder)

    def _opened(self) -> "Folder":
        if self._closed or self._folder.pid != os.getpid():
            raise DataFolderError(
                f"data folder {str(self._folder.options.path)!r} is used after it was closed, "
                f"or in a fork of the process {self._folder.pid} that opened it. Open it again"
            )
        return self._folder
