"""The key of the pseudonyms: a file apart from the documents, so that a copy of these leads back to nobody.

It also seals the secrets of second factors, so that a copy of the documents makes no codes.

The documents know the key's mark alone, by which another key is refused. Where no file can be had, as in a
container that may write nothing, the key is in the documents, as it was in all of them once; it moves into
the file as soon as there can be one, so that pseudonyms stay the same.
"""

import logging
import os
import secrets
from pathlib import Path

from catenae import ConfigError, Document, Documents, new_private, private_folder
from services.api.audit import COLLECTION as AUDIT
from services.api.paging import every
from services.api.pseudonyms import Pseudonyms
from services.api.sign_in.accounts import seal_anew
from services.api.sign_in.sealing import Seal

logger = logging.getLogger(__name__)

COLLECTION = "secrets"
KEY = "pseudonym_key"
BYTES = 32
# Under the data folder, unless another is named.
FILE = Path("secrets") / "pseudonym.key"


def pseudonyms_of(documents: Documents, file: Path | None) -> Pseudonyms:
    """Return those of the documents, by their key; takes and raises what `kept_key` does."""
    return Pseudonyms(kept_key(documents, file))


def kept_key(documents: Documents, file: Path | None) -> bytes:
    """Return the key of the documents; the first who asks makes it.

    file  where the key is, or is to be; None keeps it in the documents

    Raises ConfigError where the file is missing, holds no key, or another one than that of the documents.
    """
    key = None if file is None else _of_file(documents, file)
    if key is None:
        if file is not None:
            logger.warning("pseudonym key is kept with the documents", extra={"file": str(file)})
        key = _of_documents(documents)
    return key


def rotate(documents: Documents, file: Path) -> int:
    """Put a new key in the file; return how many entries of the audit log have another pseudonym since.

    Of users that were forgotten nobody knows the name: they keep what no key leads back to any more. What is
    sealed with the key is sealed anew. Nothing else may use the documents meanwhile. Given again after it was
    killed, it goes on. Raises as `kept_key`, and OSError.
    """
    former_key = kept_key(documents, file)
    former = Pseudonyms(former_key)
    following = file.with_name(f"{file.name}.next")
    if not following.exists():
        _write(following, secrets.token_bytes(BYTES))
    new_key = _read(following)
    new = Pseudonyms(new_key)
    documents.merge(COLLECTION, [{"id": KEY, "next_mark": new.mark}])
    names = {each["id"] for users in ("users", "alerts") for each in every(documents, users, fields=["id"])}
    subjects = {former.of_name(name): new.of_name(name) for name in names}
    changed = 0
    for entry in every(documents, AUDIT, fields=["id", "subject"]):
        if (subject := subjects.get(entry.get("subject") or "")) is not None:
            changed += documents.merge(AUDIT, [{"id": entry["id"], "subject": subject}], create=False)
    seal_anew(documents, Seal(former_key), Seal(new_key))
    following.replace(file)
    documents.merge(COLLECTION, [{"id": KEY, "mark": new.mark, "next_mark": None}])
    return changed


def _of_documents(documents: Documents) -> bytes:
    documents.insert(COLLECTION, {"id": KEY, "value": secrets.token_hex(BYTES)})
    kept = documents.get(COLLECTION, KEY) or {}
    if "value" not in kept:
        raise ConfigError(
            "the key of these documents' pseudonyms is in a file of its own; name it: "
            "--option api.pseudonym_key=FILE, or --pseudonym-key"
        )
    return bytes.fromhex(kept["value"])


def _of_file(documents: Documents, file: Path) -> bytes | None:
    """Return the key of the file, made or moved there if need be; None if there can be no file."""
    known = documents.get(COLLECTION, KEY) or {}
    if not file.exists():
        if "mark" in known and "value" not in known:
            raise ConfigError(
                f"the key of the pseudonyms is not in {str(file)!r}, and without it nobody under a "
                f"pseudonym is found again. Put the file back, or name it: --option api.pseudonym_key=FILE"
            )
        try:
            _write(file, bytes.fromhex(known["value"]) if "value" in known else secrets.token_bytes(BYTES))
        except OSError:
            return None
    key = _read(file)
    mark = Pseudonyms(key).mark
    documents.insert(COLLECTION, {"id": KEY, "mark": mark})
    known = documents.get(COLLECTION, KEY) or {}
    if mark not in _marks(known):
        raise ConfigError(
            f"{str(file)!r} is the key of other documents' pseudonyms; name the one of these: "
            f"--option api.pseudonym_key=FILE"
        )
    if "value" in known:
        documents.merge(COLLECTION, [{"id": KEY, "mark": mark, "value": None}])
    return key


def _marks(known: Document) -> set[str]:
    found = {known.get("mark"), known.get("next_mark")}
    if "value" in known:
        found.add(Pseudonyms(bytes.fromhex(known["value"])).mark)
    return {mark for mark in found if mark is not None}


def _read(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{str(file)!r} cannot be read as a key: {type(error).__name__}") from error
    if len(key) < BYTES:
        raise ConfigError(f"{str(file)!r} holds {len(key)} bytes; a key has {BYTES}, written in hexadecimal")
    return key


def _write(file: Path, key: bytes) -> None:
    """Write a key, unless another process was first."""
    private_folder(file.parent)
    written = file.with_name(f".{file.name}.{os.getpid()}")
    with new_private(written) as stream:
        stream.write(f"{key.hex()}\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        # Unlike a rename, it replaces nothing, and the file is there whole.
        file.hardlink_to(written)
    except FileExistsError:
        return
    finally:
        written.unlink()
