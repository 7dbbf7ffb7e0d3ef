"""Models in a store: pushed once, pulled or opened from any machine, their versions side by side.

A model's files are cut into chunks, because a record of a store takes little. In namespace `models`:

    NAME                      version that counts where none is asked for
    NAME@VERSION              JSON: size, checksum and number of chunks of each file, when it was pushed
    NAME@VERSION/FILE/NUMBER  bytes

Chunks are written first and NAME last. So what is named is there, and a push that was interrupted has done
nothing but leave chunks, which the next one writes again.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

from catenae import ConfigError, Store, open_store
from services.models.folder import ModelError, ModelFiles, read_files, seal

NAMESPACE = "models"
CHUNK_BYTES = 256 * 1024
EMBEDDED = "embedded:"

_IN_STORE = re.compile(r"(?P<url>[a-z][a-z0-9+]*:[^#]*)#(?P<name>[a-z0-9_-]+)(@(?P<version>[0-9a-f]+))?")
_NAME = re.compile(r"[a-z0-9_-]{1,63}")


class Place(NamedTuple):
    """Where a model is in a store: `STORE_URL#NAME@VERSION`, or `STORE_URL#NAME` for the last one pushed."""

    url: str
    name: str
    version: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the place that a text names; None for the text of a folder."""
        found = _IN_STORE.fullmatch(text)
        return None if found is None else cls(found["url"], found["name"], found["version"] or "")


@dataclass(frozen=True, slots=True)
class Shelved:
    """One version of a model in a store. `is_last` where it is the one that was pushed last."""

    name: str
    version: str
    size_bytes: int
    pushed_at: str
    is_last: bool


class ModelShelf:
    """The models in one store. `now` gives the time that a push notes."""

    def __init__(self, store: Store, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now

    def push(self, files: ModelFiles, name: str) -> None:
        """Store a model's files, and have its version count from now on.

        Raises ConfigError for a name that cannot be one.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(f"a model cannot be named {name!r}. Use lower-case letters, digits, _ and -")
        place = Path(f"{name}@{files.version}")
        about = {}
        for file, content in files.contents.items():
            chunks = [
                content[at : at + self._chunk_bytes] for at in range(0, len(content), self._chunk_bytes)
            ]
            for number, chunk in enumerate(chunks):
                self._store.put(NAMESPACE, f"{place / file}/{number}", chunk)
            about[file] = {**seal(content), "chunks": len(chunks)}
        listed = {"files": about, "pushed_at": self._now().isoformat(timespec="seconds")}
        self._store.put(NAMESPACE, str(place), json.dumps(listed).encode())
        self._store.put(NAMESPACE, name, files.version.encode())

    def files(self, name: str, version: str = "") -> ModelFiles:
        """Return the files of a model, the last one pushed unless a version is given.

        Raises ModelError, naming the file, for what is missing or not whole.
        """
        version = version or self.last(name)
        place = Path(f"{name}@{version}")
        entry = self._store.get(NAMESPACE, str(place))
        if entry is None:
            raise ModelError(place, f"not in the store; it has {self._known()}", "Push it, or name another")
        try:
            listed = dict(json.loads(entry.value)["files"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelError(place, "no list of a model's files", "Push it again") from error
        return read_files(lambda file, most: self._file(place / file, listed.get(file), most), Path(name))

    def last(self, name: str) -> str:
        """Return the version of a model that was pushed last; raise ModelError for an unknown name."""
        entry = self._store.get(NAMESPACE, name)
        if entry is None:
            found = f"not in the store; it has {self._known()}"
            raise ModelError(Path(name), found, "Push it, or name another")
        return entry.value.decode()

    def models(self) -> list[Shelved]:
        """Return every version of every model, by name and time."""
        entries = {key: entry.value for key, entry in self._store.scan(NAMESPACE) if "/" not in key}
        found = []
        for key, value in entries.items():
            name, at, version = key.partition("@")
            if at:
                listed = json.loads(value)
                size_bytes = sum(each["size_bytes"] for each in listed["files"].values())
                is_last = entries.get(name) == version.encode()
                found.append(Shelved(name, version, size_bytes, listed["pushed_at"], is_last))
        return sorted(found, key=lambda each: (each.name, each.pushed_at, each.version))

    @property
    def _chunk_bytes(self) -> int:
        return min(CHUNK_BYTES, self._store.max_value_bytes or CHUNK_BYTES)

    def _known(self) -> Sequence[str]:
        return [f"{each.name}@{each.version}" for each in self.models()]

    def _file(self, place: Path, about: object, most: int) -> bytes:
        # Up to one that is not there: how many there should be is only what somebody has said.
        chunks: list[bytes] = []
        size_bytes = 0
        while size_bytes <= most and (found := self._store.get(NAMESPACE, f"{place}/{len(chunks)}")):
            chunks.append(found.value)
            size_bytes += len(found.value)
        content = b"".join(chunks)
        if {**seal(content), "chunks": len(chunks)} != about:
            what = f"{len(content):,} bytes that do not match size and checksum"
            raise ModelError(place, what, "Push it again")
        return content


@contextmanager
def open_shelf(url: str) -> Iterator[ModelShelf]:
    """Open the models in a store, given by its URL; raise ConfigError for a folder that is not there."""
    folder = url.removeprefix(EMBEDDED)
    if url.startswith(EMBEDDED) and not any(
        Path(each).is_dir() for each in (folder, folder.partition("?")[0])
    ):
        raise ConfigError(f"there is no store in {folder!r}. Push a model there, or correct the URL")
    with closing(open_store(url)) as store:
        yield ModelShelf(store)
