"""An LMDB data folder written anew, because LMDB leaves what was removed in the pages of its file."""

import os
import shutil
from itertools import islice
from pathlib import Path

import lmdb

from catenae.lmdb.folder import MAX_DATABASES
from catenae.lmdb.options import LmdbOptions
from catenae.private_files import private_folder

REBUILT = "rebuilt"
CHUNK_ENTRIES = 10_000


def rebuild(address: str) -> None:
    """Copy every entry into a new file that takes the place of the old one; no process may have it open.

    Killed in between, it leaves the old file as it was. The numbers of transactions begin anew: nobody may
    hold a version or an epoch from before. `address` is as `LmdbOptions.parse` takes it.
    """
    options = LmdbOptions.parse(address)
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
