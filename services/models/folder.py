"""The folder a model is kept in: a manifest that names every other file with its size and SHA-256.

Nothing is believed of a folder. Files are read up to what they say is their size and never beyond what any
model needs; a file that is not named, lies elsewhere, or is no plain file at all, is not read.
"""

import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

MANIFEST = "manifest.json"
# 1 did not name its reading of texts, 2 did not say how sure it is, 3 did not name its kind.
FORMAT = 4
FIRST_KIND = "linear"
LARGEST_MANIFEST_BYTES = 16 * 2**20
LARGEST_FILE_BYTES = 512 * 2**20
MOST_FILES = 16

# A name in the folder itself, whatever the system.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)+")

_LONGEST_FOUND = 300
_VERSION = re.compile(r"[0-9a-f]{12}")

# The content of a file by its name, and no more bytes of it than asked for.
Read = Callable[[str, int], bytes]


class ModelError(Exception):
    """A model that cannot be used. `path` is the file at fault, `found` what is wrong with it.

    What stands in a file of somebody's is told in one line, and cut short.
    """

    def __init__(
        self, path: Path, found: str, advice: str = "Train the model again, or copy it again"
    ) -> None:
        found = " ".join(found.split())
        found = found if len(found) <= _LONGEST_FOUND else f"{found[:_LONGEST_FOUND]}…"
        super().__init__(f"model file {path}: {found}. {advice}")
        self.path, self.found = path, found


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of a model, each as the manifest says. `place` is what errors call the folder."""

    place: Path
    manifest: Mapping[str, Any]
    contents: Mapping[str, bytes]

    @property
    def kind(self) -> object:
        """What the manifest says; models of before it was said are all of one kind."""
        return self.manifest.get("kind") if self.manifest["format"] > 3 else FIRST_KIND

    @property
    def version(self) -> str:
        """What the manifest says; whether it is true is known to whoever makes a model of the files."""
        version: str = self.manifest["version"]
        return version

    def content(self, name: str) -> bytes:
        """Return the content of a file; raise ModelError for one that the manifest does not name."""
        if name not in self.contents:
            raise ModelError(self.place / MANIFEST, f"no checksum of {name}")
        return self.contents[name]

    def not_a_model(self, found: object) -> ModelError:
        """Return the error of files that are whole and make no model."""
        return ModelError(self.place / MANIFEST, f"the parts do not make a model ({found})")

    def other_version(self, version: str) -> ModelError:
        """Return the error of files whose content is of another version than the manifest says."""
        found = f"version {self.manifest.get('version')!r} for the content {version!r}"
        return ModelError(self.place / MANIFEST, found)


def read_folder(folder: Path) -> ModelFiles:
    """Read the files of a model; raises as `read_files`."""
    return read_files(lambda name, most: _bytes(folder / name, most), folder)


def read_files(read: Read, place: Path) -> ModelFiles:
    """Return what `read` gives of the manifest and of every file it names.

    Raises ModelError, naming the file: missing, damaged, too large, of a newer format, elsewhere.
    """
    content = read(MANIFEST, LARGEST_MANIFEST_BYTES)
    manifest = _manifest(content, place / MANIFEST)
    named = manifest["files"]
    contents = {name: _whole(read, place, name, said) for name, said in named.items()}
    return ModelFiles(place, manifest, {MANIFEST: content, **contents})


def save_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a model as `folder`, replacing a former model: all or, on any error, nothing.

    Raises ModelError if the folder holds something else than a model, OSError if it cannot be written.
    """
    is_other = any(not each.name.startswith(".") for each in folder.glob("*"))
    if is_other and not (folder / MANIFEST).exists():
        raise ModelError(folder, "a folder that holds something else than a model", "Name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as workshop:
        fresh, former = Path(workshop, "fresh"), Path(workshop, "former")
        fresh.mkdir()
        _write(files, fresh)
        _swap(fresh, folder, former)


def with_manifest(manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files to save: those given, and the manifest, which names each of them."""
    whole = {**manifest, "files": seals(contents)}
    return {MANIFEST: json.dumps(whole, indent=2, allow_nan=False).encode(), **contents}


def seals(contents: Mapping[str, bytes]) -> dict[str, dict[str, object]]:
    """Return what a manifest says of files, by name."""
    return {name: seal(content) for name, content in contents.items()}


def seal(content: bytes) -> dict[str, object]:
    """Return what tells these bytes from others."""
    return {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _swap(fresh: Path, folder: Path, former: Path) -> None:
    if folder.exists():
        folder.rename(former)
    try:
        fresh.rename(folder)
    except OSError:
        if former.exists():
            former.rename(folder)
        raise


def _manifest(content: bytes, path: Path) -> dict[str, Any]:
    if len(content) > LARGEST_MANIFEST_BYTES:
        raise ModelError(path, f"more than {LARGEST_MANIFEST_BYTES:,} bytes, the most of a manifest")
    try:
        manifest = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ModelError(path, f"no JSON ({error})") from error
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int or manifest["format"] < 1:
        raise ModelError(path, "no manifest of a model")
    if manifest["format"] > FORMAT:
        found = f"format {manifest['format']}, newer than {FORMAT}, the newest this code reads"
        raise ModelError(path, found, "Update the code, or train the model again")
    if not isinstance(manifest.get("version"), str) or not _VERSION.fullmatch(manifest["version"]):
        raise ModelError(path, "no version of a model")
    if not isinstance(manifest.get("files"), dict):
        raise ModelError(path, "no list of files")
    if len(manifest["files"]) > MOST_FILES:
        raise ModelError(path, f"{len(manifest['files']):,} files, where no model has more than {MOST_FILES}")
    return manifest


def _no_number(found: str) -> NoReturn:
    raise ValueError(f"{found} is no number")


def _whole(read: Read, place: Path, name: str, said: object) -> bytes:
    """Return the content of a file, if it is what was said."""
    if not _NAME.fullmatch(name) or name == MANIFEST:
        raise ModelError(place / MANIFEST, f"the file {name[:80]!r}, which is none of its folder")
    size_bytes = said.get("size_bytes") if isinstance(said, dict) else None
    if type(size_bytes) is not int or size_bytes < 0:
        raise ModelError(place / MANIFEST, f"no size and checksum of {name}")
    if size_bytes > LARGEST_FILE_BYTES:
        found = f"{size_bytes:,} bytes, more than {LARGEST_FILE_BYTES:,}, the most of any model"
        raise ModelError(place / name, found)
    content = read(name, size_bytes)
    if seal(content) != said:
        raise ModelError(place / name, f"{len(content):,} bytes that do not match size and checksum")
    return content


def _bytes(path: Path, most: int) -> bytes:
    """Return the content of a plain file, and one byte more than `most` of a longer one."""
    try:
        # A pipe would keep whoever opens it waiting.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise ModelError(path, "no plain file", "Copy the model again")
            with os.fdopen(number, "rb", closefd=False) as file:
                return file.read(most + 1)
        finally:
            os.close(number)
    except FileNotFoundError as error:
        raise ModelError(path, "missing", "Train a model into this folder, or name another") from error
    except OSError as error:
        raise ModelError(
            path, error.strerror or str(error), "Check the folder and its permissions"
        ) from error
