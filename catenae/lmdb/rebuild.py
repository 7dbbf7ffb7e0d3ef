"""An LMDB data folder written anew, because LMDB leaves what was removed in the pages of its file."""

import fcntl
import os
import shutil
from itertools import islice
from pathlib import Path

import lmdb

from catenae.errors import DataFolderError
from catenae.lmdb.folder import MAX_DATABASES
from catenae.lmdb.options import LmdbOptions
from catenae.private_files import private_folder

REBUILT = "rebuilt"
CHUNK_ENTRIES = 10_000


def is_open(folder: Path) -> bool:
    """Say whether another process has a folder open: LMDB holds a lock on the first byte of a file as long.

    This process must not have it open: it would give its own lock up by looking.
    """
    try:
        lock = os.open(folder / "lock.mdb", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def rebuild(address: str) -> None:
    """Copy every entry into a new file that takes the place of the old one.

    Killed in between, it leaves the old file as it was. The numbers of transactions begin anew: nobody may
    hold a version or an epoch from before. `address` is as `LmdbOptions.parse` takes it. Raises
    `DataFolderError` where a process has the folder open.
    """
    options = LmdbOptions.parse(address)
    if is_open(options.path):
        raise DataFolderError(f"{str(options.path)!r} is open in another process; stop what uses it first")
    folder = options.path / REBUILT
    shutil.rmtree(folder, ignore_errors=True)
    private_folder(folder)
    _copy(options.path, folder, options.map_size_bytes)
    (folder / "data.mdb").replace(options.path / "data.mdb")
    (options.path / "lock.mdb").unlink(missing_ok=True)
    shutil.rmtree(folder)


def _copy(origin: Path, target: Path, map_size_bytes: int) -> None:
    with (
        lmdb.open(os.fsencode(origin), map_size=map_size_bytes, max_dbs=MAX_DATABASES, readonly=True) as old,
        lmdb.open(
            os.fsencode(target), map_size=map_size_bytes, max_dbs=MAX_DATABASES, sync=False, mode=0o600
        ) as new,
        old.begin() as reading,
    ):
        names = [bytes(name) for name in reading.cursor().iternext(keys=True, values=False)]
        for name in names:
            database = new.open_db(name)
            entries = iter(reading.cursor(old.open_db(name, reading, create=False)))
            while chunk := list(islice(entries, CHUNK_ENTRIES)):
                with new.begin(write=True) as writing, writing.cursor(database) as cursor:
                    cursor.putmulti(chunk, append=True)
        new.sync(force=True)
