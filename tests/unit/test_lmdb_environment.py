import errno
import os
import signal
from pathlib import Path

import lmdb
import pytest

from catenae.errors import ConfigError, DataFolderError
from catenae.lmdb import folder as lmdb_folder
from catenae.lmdb.environment import LmdbEnvironment
from catenae.lmdb.folder import Folder
from catenae.lmdb.options import LmdbOptions
from tests.patience import PATIENCE_S

MEBIBYTE = 1024 * 1024


def opened(path: Path, *, map_size_mb: int = 64, version: int = 1) -> LmdbEnvironment:
    return LmdbEnvironment(LmdbOptions(path, map_size_mb * MEBIBYTE), {"things": version})


def put(environment: LmdbEnvironment, key: bytes, value: bytes) -> None:
    with environment.write() as transaction:
        transaction.put(key, value, db=environment.database("things"))


def get(environment: LmdbEnvironment, key: bytes) -> bytes | None:
    with environment.read() as transaction:
        return transaction.get(key, db=environment.database("things"))


def test_options_are_read_from_an_address() -> None:
    options = LmdbOptions.parse("data/store?map_size_mb=5&durability=commit")

    assert options == LmdbOptions(Path("data/store"), 5 * MEBIBYTE, "commit")
    assert LmdbOptions.parse("data/store") == LmdbOptions(Path("data/store"), 64 * 1024 * MEBIBYTE, "second")


def test_a_block_that_raises_writes_nothing(tmp_path: Path) -> None:
    environment = opened(tmp_path)

    def fail_halfway() -> None:
        with environment.write() as transaction:
            transaction.put(b"a", b"1", db=environment.database("things"))
            raise KeyError

    with pytest.raises(KeyError):
        fail_halfway()

    assert get(environment, b"a") is None
    environment.close()


def test_a_full_folder_is_named_and_nothing_of_the_write_is_kept(tmp_path: Path) -> None:
    environment = opened(tmp_path, map_size_mb=1)

    with pytest.raises(DataFolderError, match="map_size_mb"):
        put(environment, b"large", bytes(10 * MEBIBYTE))

    assert get(environment, b"large") is None
    put(environment, b"small", b"fits")
    environment.close()


def test_one_folder_may_have_several_users_and_the_last_one_closes_it(tmp_path: Path) -> None:
    first, second = opened(tmp_path / "data"), opened(tmp_path / "other" / ".." / "data")
    put(first, b"a", b"1")
    first.close()
    first.close()

    assert get(second, b"a") == b"1"
    second.close()
    with pytest.raises(DataFolderError, match="closed"):
        get(second, b"a")


def test_other_options_in_one_process_are_refused(tmp_path: Path) -> None:
    environment = opened(tmp_path)

    with pytest.raises(ConfigError, match="same options"):
        opened(tmp_path, map_size_mb=65)
    environment.close()


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    opened(tmp_path, version=2).close()

    with pytest.raises(DataFolderError, match=r"format 2.*knows 1"):
        opened(tmp_path, version=1)
    opened(tmp_path, version=2).close()


def test_an_earlier_format_is_gone_on_with_and_closed_to_its_release(tmp_path: Path) -> None:
    opened(tmp_path, version=1).close()
    opened(tmp_path, version=2).close()

    with pytest.raises(DataFolderError, match=r"format 2.*knows 1"):
        opened(tmp_path, version=1)


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.mdb").write_bytes(b"not LMDB" * 10_000)

    with pytest.raises(DataFolderError, match="damaged"):
        opened(tmp_path)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_uses_its_own_and_leaves_the_parents_alone(tmp_path: Path) -> None:
    environment = opened(tmp_path)
    child = os.fork()
    if child == 0:
        try:
            get(environment, b"a")
        except DataFolderError:
            environment.close()
            own = opened(tmp_path)
            put(own, b"a", b"from the child")
            own.close()
        os._exit(0)
    os.waitpid(child, 0)

    assert get(environment, b"a") == b"from the child"
    put(environment, b"a", b"from the parent")
    environment.close()


def test_what_was_written_is_flushed_at_the_end_and_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(Folder, "flush", lambda folder: flushed.append(folder.options.path))
    environment = opened(tmp_path)
    get(environment, b"a")
    environment.close()
    assert flushed == []

    environment = opened(tmp_path)
    put(environment, b"a", b"1")
    environment.close()
    assert flushed == [tmp_path]


def test_after_a_failed_flush_nothing_more_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Folder) -> None:
        raise DataFolderError("the disk fails")

    monkeypatch.setattr(Folder, "flush", fail)
    monkeypatch.setattr(lmdb_folder, "FLUSH_EVERY_S", 0.0)
    environment = opened(tmp_path)
    put(environment, b"a", b"1")
    environment._folder.flusher._thread.join()

    with pytest.raises(DataFolderError, match="disk fails"):
        put(environment, b"a", b"2")
    assert get(environment, b"a") == b"1"
    environment.close()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_reader_that_was_killed_is_forgotten_at_the_next_flush(tmp_path: Path) -> None:
    environment = opened(tmp_path)
    child = os.fork()
    if child == 0:
        environment.close()
        with opened(tmp_path).read():
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    native = environment._folder.environment
    assert str(child) in native.readers()

    environment.flush()

    assert str(child) not in native.readers()
    environment.close()


def test_a_flusher_that_is_closed_while_it_takes_a_request_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lmdb_folder, "FLUSH_EVERY_S", 0.0)
    flusher = lmdb_folder._Flusher(lambda: None)
    clear = flusher._requested.clear

    def close_just_before() -> None:
        flusher._closing.set()
        flusher._requested.set()
        clear()

    monkeypatch.setattr(flusher._requested, "clear", close_just_before)
    flusher.request()
    flusher._thread.join(timeout=PATIENCE_S)

    assert not flusher._thread.is_alive()


def test_who_has_lost_the_lock_writes_no_more(tmp_path: Path) -> None:
    environment = opened(tmp_path)
    (tmp_path / "lock.mdb").unlink()

    with pytest.raises(DataFolderError, match=r"lock\.mdb' was removed"):
        put(environment, b"a", b"1")
    environment.close()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/what now?/log", "/what now?/log"),
        ("/a?map_size_mb=5/log?map_size_mb=7", "/a?map_size_mb=5/log"),
        ("/a?/b?durability=commit", "/a?/b"),
    ],
)
def test_a_folder_may_have_a_question_mark_in_its_name(address: str, path: str) -> None:
    assert LmdbOptions.parse(address).path == Path(path)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (lmdb.MemoryError("Cannot allocate memory"), "map_size_mb=1024"),
        (OverflowError("too large"), "map_size_mb=1024"),
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
    ],
)
def test_a_limit_on_the_process_is_told_with_what_helps(
    error: Exception, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(lmdb, "open", refuse)
    with pytest.raises(DataFolderError, match=advice):
        opened(tmp_path)
