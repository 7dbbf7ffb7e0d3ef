"""The folder that a topology's local processes share: its format, who uses it, and where things are in it.

catenae.json     the format, and the version of Catenae that wrote it
catenae.lock     the process id of the `catenae up` that runs; what is locked is the folder itself, for a file
                 in it may be removed
log/  store/     of the embedded broker and store
logs/            a file per instance
metrics/         the figures of the instances
running.json     what runs, for `catenae scale`
scale.json       what `catenae scale` asks for
autoscale.json   what an autoscaler asks for, and why
autoscaler.json  what it remembers; autoscaler.lock is locked by the one that acts
scalings.jsonl   each change that it made
places.json      where each topology that ran on it has kept what
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from catenae.errors import DataFolderError
from catenae.private_files import exposed, new_private, private_folder, tighten

# 2: State records name their partition, and a node has one journal. 3: that counts its State, and there is a
# manifest.
FORMAT = 3
# What is of this format or a later one is gone on with.
OLDEST_FORMAT = 2
LEAST_ROOM_BYTES = 64 << 10


class DataFolder:
    """One data folder. Nothing is touched before a method is called."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def logs(self) -> Path:
        """Where each instance has its log."""
        return self.path / "logs"

    @property
    def metrics(self) -> Path:
        """Where the instances keep their figures."""
        return self.path / "metrics"

    @property
    def is_full(self) -> bool:
        """Whether its disk has no room left for anything."""
        try:
            disk = os.statvfs(self.path)
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize < LEAST_ROOM_BYTES

    @property
    def exposure(self) -> str:
        """A line that says that others of the machine can look into it; "" if they cannot."""
        return exposed(self.path)

    def require_format(self) -> None:
        """Raise `DataFolderError` if the folder's format is unknown here; an absent or new one is fine."""
        written = self.read("catenae.json")
        found = written.get("format", FORMAT)
        if found not in range(OLDEST_FORMAT, FORMAT + 1):
            raise DataFolderError(
                f"data folder {str(self.path)!r} has format {found}, written by Catenae "
                f"{written.get('version', 'of another version')}; this one knows {FORMAT}. "
                f"Use that version, or another folder"
            )

    def prepare(self) -> None:
        """Create the folder where it is missing and mark it with the format. Raises `DataFolderError`.

        An earlier release refuses it from then on.
        """
        self.require_format()
        with self.explaining():
            private_folder(self.path)
            if self.read("catenae.json").get("format") != FORMAT:
                self.write("catenae.json", {"format": FORMAT, "version": installed_version()})

    def read(self, name: str) -> Mapping[str, Any]:
        """Return what a JSON file of the folder says; empty where there is none."""
        with self.explaining():
            try:
                found = json.loads((self.path / name).read_text(encoding="utf-8"))
            except FileNotFoundError:
                return {}
            except ValueError as error:
                raise DataFolderError(
                    f"{str(self.path / name)!r} is damaged: it is not JSON. Restore the file, or use another "
                    f"folder with --data"
                ) from error
        return found if isinstance(found, dict) else {}

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Replace a JSON file of the folder; a reader sees the former one or this one, whole."""
        written = self.path / f".{name}.{os.getpid()}"
        with self.explaining():
            try:
                with new_private(written) as file:
                    file.write(json.dumps(content) + "\n")
                written.replace(self.path / name)
            finally:
                written.unlink(missing_ok=True)

    def tighten(self) -> None:
        """Make the folders of logs and figures, and take them from everybody else. Only under the lock.

        What is put into them there, a link say, would be written to. Raises `DataFolderError`.
        """
        with self.explaining():
            for folder in (self.logs, self.metrics):
                tighten(folder)

    def remove(self, name: str) -> None:
        """Remove a file of the folder; an absent one is fine."""
        with self.explaining():
            (self.path / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove what topologies have left here: records, State, documents, logs. Only under the lock."""
        for name in ("log", "store", "logs", "metrics", "documents.sqlite.d"):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for file in self.path.glob("documents.sqlite*"):
            file.unlink(missing_ok=True)
        self.remove("scale.json")

    def user(self) -> int | None:
        """Return the process id of the `catenae up` that runs here, None where none does, 0 if unknown."""
        with self.explaining():
            try:
                descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                return None
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return self._locked_by()
            finally:
                os.close(descriptor)
        return None

    def require_free(self) -> None:
        """Raise `DataFolderError` if a `catenae up` runs on the folder."""
        user = self.user()
        if user is not None:
            raise self._in_use(user)

    def lock(self) -> "Lock":
        """Take the folder for this process, until the lock is closed or the process ends in any way.

        Raises `DataFolderError` naming the process that has it, or saying why the folder cannot be used.
        """
        self.prepare()
        with self.explaining(), ExitStack() as stack:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise self._in_use(self._locked_by()) from error
            with new_private(self.path / "catenae.lock") as file:
                file.write(str(os.getpid()))
            stack.pop_all()
        return Lock(self.path, descriptor)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Raise what the operating system refuses, while the folder is worked on, as `DataFolderError`."""
        try:
            yield
        except OSError as error:
            advice = (
                "Make room, or choose another with --data"
                if error.errno in (errno.ENOSPC, errno.EDQUOT)
                else "It must be a folder that this user may read and write; choose another with --data"
            )
            raise DataFolderError(
                f"data folder {str(self.path)!r} cannot be used: {error.strerror or error}. {advice}"
            ) from error

    def _in_use(self, user: int) -> DataFolderError:
        who = f"process {user}" if user else "another process"
        return DataFolderError(
            f"data folder {str(self.path)!r} is in use by {who}. "
            f"Stop that one, or choose another folder with --data"
        )

    def _locked_by(self) -> int:
        try:
            text = (self.path / "catenae.lock").read_text(encoding="ascii")
        except (OSError, ValueError):
            return 0
        return int(text) if text.isdecimal() and len(text) < 20 else 0


class Lock:
    """A data folder that this process has for itself."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def check(self) -> None:
        """Raise `DataFolderError` if the folder is there no more: what is started now would begin anew."""
        try:
            is_there = os.path.samestat(os.stat(self._path), os.fstat(self._descriptor))  # noqa: PTH116
        except OSError:
            is_there = False
        if not is_there:
            raise DataFolderError(
                f"data folder {str(self._path)!r} was removed or put elsewhere while it was in use. Put it "
                f"back, and leave it in place until all is stopped"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


def installed_version() -> str:
    """Return the version of Catenae that runs."""
    # Only here: with all that it imports it took a tenth of the start of every process.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("catenae")
    except PackageNotFoundError:
        return "unknown"
