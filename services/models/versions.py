"""The versions of one model that lie side by side: folders beside each other, or in a store."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from services.models.folder import MANIFEST, ModelFiles, read_folder
from services.models.shelf import Place, open_shelf


class ModelVersions(Protocol):
    """Where they are. Methods that read raise ModelError for what is not whole, TransientError for a store
    that is away.
    """

    def in_use(self) -> str:
        """Return the version that counts now, "" where that cannot be told."""
        ...

    def files_in_use(self) -> ModelFiles:
        """Read the version that counts now."""
        ...

    def files(self, version: str) -> ModelFiles:
        """Read a version; ModelError also for one that is not there."""
        ...

    def all(self) -> list[str]:
        """Return every version there is."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


def open_versions(place: str) -> ModelVersions:
    """Open `STORE_URL#NAME[@VERSION]`, or a folder and those in `<folder>s`; ConfigError without a store."""
    in_store = Place.parse(place)
    return VersionsInFolders(Path(place)) if in_store is None else VersionsInStore(in_store)


class VersionsInFolders:
    """The folder of the model in use, and `<folder>s` with one folder for each version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._beside = Path(f"{folder}s")

    def in_use(self) -> str:
        return _version(self._folder)

    def files_in_use(self) -> ModelFiles:
        return read_folder(self._folder)

    def files(self, version: str) -> ModelFiles:
        return read_folder(self._folders().get(version, self._beside / version))

    def all(self) -> list[str]:
        return list(self._folders())

    def close(self) -> None:
        pass

    def _folders(self) -> Mapping[str, Path]:
        found = {_version(path.parent): path.parent for path in self._manifests()}
        return {version: folder for version, folder in found.items() if version}

    def _manifests(self) -> Iterator[Path]:
        yield from sorted(self._beside.glob(f"*/{MANIFEST}"))
        yield self._folder / MANIFEST


class VersionsInStore:
    """All versions under one name in a store; the one in use is the one given, else the last pushed."""

    def __init__(self, place: Place) -> None:
        self._name, self._given = place.name, place.version
        self._open = ExitStack()
        self._shelf = self._open.enter_context(open_shelf(place.url))

    def in_use(self) -> str:
        return self._given or self._shelf.last(self._name)

    def files_in_use(self) -> ModelFiles:
        return self._shelf.files(self._name, self.in_use())

    def files(self, version: str) -> ModelFiles:
        return self._shelf.files(self._name, version)

    def all(self) -> list[str]:
        return [each.version for each in self._shelf.models() if each.name == self._name]

    def close(self) -> None:
        self._open.close()


def _version(folder: Path) -> str:
    try:
        return str(json.loads((folder / MANIFEST).read_bytes())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
